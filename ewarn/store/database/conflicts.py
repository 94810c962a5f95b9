"""Insert statements that can say what to do when a row with the same key exists."""

from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert_into(connection: Connection, table: Table) -> Any:
    """Return an insert of the connection's dialect, which offers `on_conflict_do_...` methods.

    Both dialects offer `on_conflict_do_update` and `on_conflict_do_nothing`
    (https://docs.sqlalchemy.org/en/20/dialects/), but SQLAlchemy has no common type for them.
    """
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    return dialect.insert(table)
