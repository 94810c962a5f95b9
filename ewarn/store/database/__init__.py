"""Opening a database, its schema, and idioms that both databases share."""
