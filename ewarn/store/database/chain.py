"""Hash chains: append-only rows, where each hash covers the row and the hash of the row before it.

Texts that people wrote enter the hash only as a salted digest. So a text can be redacted, by an act
that is recorded in a chain itself, and the chain can still be verified. Without its salt, a digest
gives no information about the text, even to somebody who tries guesses.
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
_TEXTS = ("reason", "after")  # columns that may hold text written by people, where there are any
_OUTSIDE = ("sequence", "hash", "salts")  # columns that the hash does not cover
_OPTIONS = orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z


def append(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Append rows to a chain, in the order given."""
    if not rows:
        return
    hold(connection, table)  # two writers must not link to the same parent
    last = select(table.c.hash).order_by(table.c.sequence.desc()).limit(1)
    found = connection.execute(last).scalar()
    previous = GENESIS if found is None else str(found)
    linked = []
    for row in rows:
        sealed, salts = _sealed(row) if "digests" in table.c else (row, {})
        previous = link(previous, sealed)
        linked.append({**sealed, **salts, "hash": previous})
    connection.execute(insert(table), linked)


def _sealed(row: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a row with the digests of its texts, and the salts of these."""
    salts = {name: secrets.token_hex(16) for name in _TEXTS}
    digests = {name: _digest(salts[name], row[name]) for name in _TEXTS}
    return {**row, "digests": digests}, {"salts": salts}


def link(previous: str, row: Mapping[str, Any]) -> str:
    """Return the hash of a row that follows the row with the hash `previous`.

    Rows that are older than digests (their `digests` is null) are covered with their texts.
    """
    left_out = {*_OUTSIDE, *(_TEXTS if row.get("digests") else ("digests",))}
    covered = {name: value for name, value in row.items() if name not in left_out}
    return hashlib.sha256(orjson.dumps([previous, covered], option=_OPTIONS)).hexdigest()


def broken_link(connection: Connection, table: Table, redacted: Collection[int] = ()) -> int | None:
    """Return the sequence of the first row that breaks the chain, or None if the chain is intact.

    A row breaks the chain if its hash does not follow from the row before, or if one of its texts
    is not the text that was written.

    Args:
        redacted: Sequences of the rows whose texts acts of redaction have removed.
    """
    previous = GENESIS
    for row in connection.execute(select(table).order_by(table.c.sequence)):
        # Column names are a subclass of str, which orjson does not accept as keys.
        fields = {str(name): value for name, value in row._asdict().items()}
        if link(previous, fields) != row.hash or not _is_written(row, redacted):
            return int(row.sequence)
        previous = row.hash
    return None


def redact(connection: Connection, table: Table, sequence: int, texts: Mapping[str, Any]) -> None:
    """Replace some texts of a row and delete their salts.

    The old texts cannot be recovered afterwards.
    """
    hold(connection, table)
    row = connection.execute(select(table).where(table.c.sequence == sequence)).one()
    salts = {name: salt for name, salt in (row.salts or {}).items() if name not in texts}
    chosen = table.c.sequence == sequence
    connection.execute(update(table).where(chosen).values(salts=salts, **texts))


def can_redact(row: Row[Any]) -> bool:
    """Return whether the row's texts have digests, so that the chain is valid without the texts."""
    return bool(row.digests)


def _is_written(row: Row[Any], redacted: Collection[int]) -> bool:
    if not getattr(row, "digests", None):
        return True  # the hash itself covers the texts, or there are none
    for name in _TEXTS:
        salt = (row.salts or {}).get(name)
        if salt is None and row.sequence not in redacted:
            return False
        if salt is not None and _digest(salt, getattr(row, name)) != row.digests[name]:
            return False
    return True


def _digest(salt: str, value: Any) -> str:
    return hashlib.sha256(orjson.dumps([salt, value], option=_OPTIONS)).hexdigest()
