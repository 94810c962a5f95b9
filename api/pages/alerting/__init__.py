"""What the pages of alerts and of rules share."""
