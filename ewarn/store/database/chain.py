"""Chains: rows that are only added, each hash covering the row and the hash before it.

Texts that people wrote are covered by a salted digest of their own. So one can be taken away, by an
act that is itself in a chain, and the chain is proved as before: without its salt a digest tells
nothing of the text, not even to who guesses.
"""

import hashlib
import secrets
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import Connection, Row, Table, insert, select, update

from ewarn.store.database.locks import hold

GENESIS = "0" * 64
REDACTED = "[redacted]"
_TEXTS = ("reason", "after")  # what people may have written, in every chain
_OUTSIDE = ("sequence", "hash", "salts")  # what a hash does not cover
_OPTIONS = orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z


def append(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Add rows at the end of a chain, in their order."""
    if not rows:
        return
    hold(connection, table)  # two writers must not link to one parent
    last = select(table.c.hash).order_by(table.c.sequence.desc()).limit(1)
    found = connection.execute(last).scalar()
    previous = GENESIS if found is None else str(found)
    linked = []
    for row in rows:
        salts = {name: secrets.token_hex(16) for name in _TEXTS}
        digests = {name: _digest(salts[name], row[name]) for name in _TEXTS}
        sealed = {**row, "digests": digests}
        previous = link(previous, sealed)
        linked.append({**sealed, "salts": salts, "hash": previous})
    connection.execute(insert(table), linked)


def link(previous: str, row: Mapping[str, Any]) -> str:
    """The hash of a row that follows the one with the hash `previous`.

    Rows from before texts had digests (null) are covered whole.
    """
    left_out = {*_OUTSIDE, *(_TEXTS if row.get("digests") else ("digests",))}
    covered = {name: value for name, value in row.items() if name not in left_out}
    return hashlib.sha256(orjson.dumps([previous, covered], option=_OPTIONS)).hexdigest()


def broken_link(connection: Connection, table: Table, redacted: Collection[int] = ()) -> int | None:
    """Sequence of the first row that does not follow from the one before, or whose text is not the
    one that was written; None if whole. `redacted` are the rows that acts say were redacted.
    """
    previous = GENESIS
    for row in connection.execute(select(table).order_by(table.c.sequence)):
        # Names of columns are a kind of str of their own, which orjson does not take for keys.
        fields = {str(name): value for name, value in row._asdict().items()}
        if link(previous, fields) != row.hash or not _is_written(row, redacted):
            return int(row.sequence)
        previous = row.hash
    return None


def redact(connection: Connection, table: Table, sequence: int, texts: Mapping[str, Any]) -> None:
    """Put other texts in the place of some of a row's. What stood there cannot be found again."""
    hold(connection, table)
    row = connection.execute(select(table).where(table.c.sequence == sequence)).one()
    salts = {name: salt for name, salt in (row.salts or {}).items() if name not in texts}
    chosen = table.c.sequence == sequence
    connection.execute(update(table).where(chosen).values(salts=salts, **texts))


def can_redact(row: Row[Any]) -> bool:
    """Whether the texts of a row have digests, so that the chain holds without them."""
    return bool(row.digests)


def _is_written(row: Row[Any], redacted: Collection[int]) -> bool:
    if not row.digests:
        return True  # its hash covers the texts
    for name in _TEXTS:
        salt = (row.salts or {}).get(name)
        if salt is None and row.sequence not in redacted:
            return False
        if salt is not None and _digest(salt, getattr(row, name)) != row.digests[name]:
            return False
    return True


def _digest(salt: str, value: Any) -> str:
    return hashlib.sha256(orjson.dumps([salt, value], option=_OPTIONS)).hexdigest()
