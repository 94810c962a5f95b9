"""Formats of answers other than JSON: each writes records piece by piece."""
