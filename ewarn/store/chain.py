"""Chains: rows that are only added, each hash covering the row and the hash before it."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import Connection, Table, insert, select

from ewarn.store.locks import hold

GENESIS = "0" * 64
_OUTSIDE = ("sequence", "hash")  # what a hash does not cover: its place, and itself


def append(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Add rows at the end of a chain, in their order."""
    hold(connection, table)  # two writers must not link to one parent
    last = select(table.c.hash).order_by(table.c.sequence.desc()).limit(1)
    found = connection.execute(last).scalar()
    previous = GENESIS if found is None else str(found)
    linked = []
    for row in rows:
        previous = link(previous, row)
        linked.append({**row, "hash": previous})
    if linked:
        connection.execute(insert(table), linked)


def link(previous: str, row: Mapping[str, Any]) -> str:
    """The hash of a row that follows the one with the hash `previous`."""
    text = orjson.dumps([previous, row], option=orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z)
    return hashlib.sha256(text).hexdigest()


def broken_link(connection: Connection, table: Table) -> int | None:
    """Sequence of the first row that does not follow from the one before; None if whole."""
    previous = GENESIS
    for row in connection.execute(select(table).order_by(table.c.sequence)):
        # Names of columns are a kind of str of their own, which orjson does not take for keys.
        fields = {str(name): value for name, value in row._asdict().items() if name not in _OUTSIDE}
        if link(previous, fields) != row.hash:
            return int(row.sequence)
        previous = row.hash
    return None
