"""Scores: who is scored, weekly and interim scores, and regions without any."""
