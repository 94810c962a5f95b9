"""Evaluation of scores: the rolling test, its figures with intervals, and its report."""
