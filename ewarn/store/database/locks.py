"""Locks on PostgreSQL that rows alone do not give. SQLite has one writer at a time anyway."""

from sqlalchemy import Connection, Table, func, select

# Keys of advisory locks, of which each kind of work that must not overlap has one.
CLAIMS, LEASES = 4_200_001, 4_200_002


def hold(connection: Connection, table: Table) -> None:
    """Hold a table against other writers until the transaction ends."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"LOCK TABLE {table.name} IN SHARE ROW EXCLUSIVE MODE")


def one_at_a_time(connection: Connection, work: int) -> None:
    """Wait until nobody else does some work, and keep others off it until the transaction ends."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(work)))
