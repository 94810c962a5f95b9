"""Scores, fitted models, what followed, and scorecards."""
