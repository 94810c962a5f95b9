"""The effect of a response."""
