"""Fits: challengers, their promotion test, and the parameters that are shipped."""
