"""Fitting of challengers, their promotion test, and fitting of the shipped parameters."""
