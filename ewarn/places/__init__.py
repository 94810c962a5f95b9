"""The gazetteer, which finds regions by code, by name or by position."""
