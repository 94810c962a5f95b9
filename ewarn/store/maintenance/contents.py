"""Row counts and hashes of all tables, by which two databases can be compared."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import orjson
from sqlalchemy import Connection, Inspector, MetaData, func, inspect, select, table

from ewarn.store.tables.every_table import METADATA

# Tables of older versions that have another name now. Their columns are the same.
_NAMED_NOW = {
    "notice": "notification",
    "held_back": "suppressed_change",
    "source_turn": "health_change",
}
_OF_MIGRATIONS = frozenset({"alembic_version"})
_AT_ONCE = 1000  # rows
_ALL = 2**256


@dataclass(frozen=True, slots=True)
class Content:
    """The content of one table: the number of its rows, and the sum of their hashes.

    `sha256` is the sum of the rows' SHA-256 hashes modulo 2**256 (hex), so it does not depend on
    the order of the rows. It is empty for a table that this version does not know, or of which it
    does not know every column: of such a table of an older version only the rows are counted.
    """

    rows: int
    sha256: str


def contents(connection: Connection) -> dict[str, Content]:
    """Return the content of every existing table by name, also in a database of an older version.

    Equal rows give equal hashes on both databases.
    """
    present = inspect(connection)
    names = set(present.get_table_names()) - _OF_MIGRATIONS
    return {name: _content(connection, name, present) for name in sorted(names)}


def _content(connection: Connection, name: str, present: Inspector) -> Content:
    columns = [column["name"] for column in present.get_columns(name)]
    known = METADATA.tables.get(_NAMED_NOW.get(name, name))
    if known is None or not set(columns) <= set(known.c.keys()):
        count = select(func.count()).select_from(table(name))
        return Content(int(connection.execute(count).scalar_one()), "")
    # A database of an older version lacks some columns.
    stored = known if known.name == name else known.to_metadata(MetaData(), name=name)
    return _hashed(connection, [column for column in stored.c if column.name in columns])


def _hashed(connection: Connection, columns: list[Any]) -> Content:
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
    """Return the names of the tables that differ, in rows or in hashes that both have."""
    return tuple(
        name for name in sorted({*one, *other}) if not _agree(one.get(name), other.get(name))
    )


def _agree(one: Content | None, other: Content | None) -> bool:
    if one is None or other is None or not (one.sha256 and other.sha256):
        return one is not None and other is not None and one.rows == other.rows
    return one == other
