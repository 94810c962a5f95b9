"""What a database holds, as numbers that two databases can be compared by."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import orjson
from sqlalchemy import Connection, Table, inspect, select

from ewarn.store.tables.every_table import METADATA

_AT_ONCE = 1000  # rows
_ALL = 2**256


@dataclass(frozen=True, slots=True)
class Content:
    """Of one table: how many rows, and the sum of their hashes (SHA-256, hex), so that the order
    in which a database gives them does not matter.
    """

    rows: int
    sha256: str


def contents(connection: Connection) -> dict[str, Content]:
    """Of every table that is there, by name. Equal rows give equal hashes on both databases."""
    present = set(inspect(connection).get_table_names())
    tables = [table for table in METADATA.sorted_tables if table.name in present]
    return {str(table.name): _content(connection, _columns(connection, table)) for table in tables}


def _columns(connection: Connection, table: Table) -> list[Any]:
    """The columns that are there: a database of an older revision lacks some."""
    present = {column["name"] for column in inspect(connection).get_columns(table.name)}
    return [column for column in table.c if column.name in present]


def _content(connection: Connection, columns: list[Any]) -> Content:
    number, total = 0, 0
    for row in connection.execute(select(*columns), execution_options={"yield_per": _AT_ONCE}):
        line = orjson.dumps([_plain(value) for value in row])
        total = (total + int.from_bytes(hashlib.sha256(line).digest())) % _ALL
        number += 1
    return Content(number, f"{total:064x}")


def _plain(value: Any) -> Any:
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Mapping | list):
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
    return value


def differences(one: Mapping[str, Content], other: Mapping[str, Content]) -> tuple[str, ...]:
    """Names of the tables that are not the same in both."""
    return tuple(name for name in sorted({*one, *other}) if one.get(name) != other.get(name))
