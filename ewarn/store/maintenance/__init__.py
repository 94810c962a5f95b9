"""Backups, and whether a database is whole."""
