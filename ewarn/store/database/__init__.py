"""Opening a database, migrating its schema, and SQL that works on both SQLite and PostgreSQL."""
