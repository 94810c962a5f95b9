"""Estimates of the final counts of recent weeks, and of the branching ratio of events."""
