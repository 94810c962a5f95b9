"""Forecasts of monthly deaths in conflict, as predictive distributions."""
