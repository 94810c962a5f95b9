"""All tables at once, for whoever compares or makes a whole schema."""

from ewarn.store import alert_tables, audit_table, delivery_tables, tables

# Each puts its tables into the one metadata.
FILES = (tables, alert_tables, audit_table, delivery_tables)
METADATA = tables.metadata
