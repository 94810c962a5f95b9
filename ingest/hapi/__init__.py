"""HDX HAPI: monthly counts of ACLED."""
