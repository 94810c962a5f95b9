"""Conversion of domain objects to the records that the API returns."""
