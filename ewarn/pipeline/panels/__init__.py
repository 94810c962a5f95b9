"""Panels from the store, how complete they are, and the events behind a driver."""
