"""Explicit locks on PostgreSQL. SQLite needs none, since it has one writer at a time."""

from sqlalchemy import Connection, Table, func, select

# Keys of advisory locks: one for each kind of work that must not overlap.
CLAIMS, LEASES = 4_200_001, 4_200_002


def hold(connection: Connection, table: Table) -> None:
    """Lock a table against other writers until the transaction ends."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"LOCK TABLE {table.name} IN SHARE ROW EXCLUSIVE MODE")


def one_at_a_time(connection: Connection, work: int) -> None:
    """Wait for the advisory lock of a kind of work, and hold it until the transaction ends."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(work)))
