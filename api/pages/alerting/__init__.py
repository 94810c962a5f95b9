"""What the pages of alerts, of rules and of silences show."""
