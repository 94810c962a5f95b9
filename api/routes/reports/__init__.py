"""Routes of field reports."""
