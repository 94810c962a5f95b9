"""The REST API and its first page."""
