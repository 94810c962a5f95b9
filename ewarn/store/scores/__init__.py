"""Scores, fitted models, outcomes, scorecards, and forecasts."""
