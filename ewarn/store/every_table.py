"""All tables at once, for whoever compares or makes a whole schema."""

from ewarn.store import alert_tables, delivery_tables, tables

FILES = (tables, alert_tables, delivery_tables)  # each puts its tables into the one metadata
METADATA = tables.metadata
