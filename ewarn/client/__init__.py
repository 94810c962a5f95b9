"""A Python client of the API: it reads records, over a bad line too. Begin with `clients`."""
