"""HDX HAPI: monthly counts of ACLED's events."""
