"""Storage of field reports and of their data keys."""
