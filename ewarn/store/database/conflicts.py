"""Inserts that say what happens where a row with the same key is there already."""

from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert_into(connection: Connection, table: Table) -> Any:
    """An insert of the connection's dialect, with `on_conflict_do_update` and `..._do_nothing`.

    Both dialects spell them alike (https://docs.sqlalchemy.org/en/20/dialects/), and SQLAlchemy has
    no common type for them.
    """
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    return dialect.insert(table)
