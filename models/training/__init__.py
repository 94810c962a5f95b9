"""Rows to learn from, and the probability that alarms of a detector imply."""
