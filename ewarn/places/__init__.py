"""The gazetteer: regions by code, by name and by position."""
