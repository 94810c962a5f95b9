"""Monthly deaths in conflict, as predictive distributions."""
