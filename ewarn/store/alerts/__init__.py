"""Store alerts and their changes, versions of rules, silences and suppressed changes."""
