"""Alerts and their changes, rules in force, silences, and changes nobody was notified of."""
