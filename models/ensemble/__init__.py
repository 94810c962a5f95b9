"""The ensemble: its members, pool, interval, drivers and shipped parameters."""
