"""Estimates of the effect of a response."""
