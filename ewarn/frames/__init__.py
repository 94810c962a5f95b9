"""Typed frames and arrays: the contracts between rooms."""
