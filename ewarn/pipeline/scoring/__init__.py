"""Scoring: which regions are scored, weekly and interim scores, and regions without scores."""
