"""Backups, and checks that a database is intact."""
