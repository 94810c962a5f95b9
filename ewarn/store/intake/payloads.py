"""Raw payloads: what a provider sent, hashed and stored unchanged for a limited time.

A protected payload is stored encrypted or not at all. Its hash needs the key, so that nobody can
test guesses of its content against the database.
"""

import hashlib
import zlib
from dataclasses import fields, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, case, delete, insert, select, update

from ewarn.domain.source import Payload, Span
from ewarn.errors import SealBroken
from ewarn.ports import Sealer
from ewarn.store.tables.intake import ingest_run
from ewarn.store.tables.intake import raw_payload as table

ZLIB, AS_SENT, NOT_KEPT = "zlib", "as sent", "not kept"
SEALED = "sealed:"  # followed by the name of the key; compressed by zlib before encryption
_PACKED = (b"PK\x03\x04", b"\x1f\x8b")  # zip and gzip are already compressed


def keep(
    connection: Connection, payload: Payload, *, body: bool = True, sealer: Sealer | None = None
) -> int:
    """Store a payload unchanged, unless it is stored already, and return its id.

    If the same payload comes again with other days or marks, these are updated.

    Args:
        body: Whether to store the body. Without it only name, size and hash are stored, for
            archives that remain available at their provider.
        sealer: Encrypts protected payloads.

    Raises:
        SealBroken: The payload is protected and there is no sealer.
    """
    sha256 = digest(payload, sealer)
    known = connection.execute(
        select(table.c.id, table.c.about).where(
            table.c.source == payload.source,
            table.c.sha256 == sha256,
            table.c.name == payload.name,
        )
    ).first()
    about = _about(payload)
    if known is not None:
        if replace(payload, **_described(known.about)) != payload:
            connection.execute(update(table).where(table.c.id == known.id).values(about=about))
        return int(known.id)
    coding, kept = _coded(payload, sha256, sealer) if body else (NOT_KEPT, b"")
    result = connection.execute(
        insert(table)
        .values(
            source=payload.source,
            name=payload.name,
            sha256=sha256,
            size=len(payload.body),
            fetched_at=payload.fetched_at,
            body=kept,
            coding=coding,
            about=about,
        )
        .returning(table.c.id)
    )
    return int(result.scalar_one())


def read(
    connection: Connection, payload_id: int, *, sealer: Sealer | None = None
) -> Payload | None:
    """Return a payload as it was fetched.

    Returns:
        None if its retention is over, or if only its hash was stored.

    Raises:
        SealBroken: `sealer` cannot decrypt the payload.
    """
    row = connection.execute(select(table).where(table.c.id == payload_id)).first()
    if row is None or row.coding == NOT_KEPT:
        return None
    is_sealed = row.coding.startswith(SEALED)
    body = _opened(row, sealer) if is_sealed else row.body
    if is_sealed or row.coding == ZLIB:
        body = zlib.decompress(body)
    bare = Payload(row.source, row.name, body, row.fetched_at, protected=is_sealed)
    return replace(bare, **_described(row.about))


def forget(
    connection: Connection, source: str, before: datetime, hashes_before: datetime | None = None
) -> int:
    """Delete payloads of a source that were fetched before a moment. Runs keep their counts.

    Args:
        hashes_before: The moment for payloads of which only the hash was stored, by which a payload
            is recognized when it comes again; `before` if None.

    Returns:
        The number of deleted payloads.
    """
    age = case((table.c.coding == NOT_KEPT, hashes_before or before), else_=before)
    old = (table.c.source == source, table.c.fetched_at < age)
    connection.execute(
        update(ingest_run)
        .where(ingest_run.c.payload_id.in_(select(table.c.id).where(*old)))
        .values(payload_id=None)
    )
    return int(connection.execute(delete(table).where(*old)).rowcount)


def forget_others(connection: Connection, sources: set[str], before: datetime) -> int:
    """Delete payloads of all other sources that were fetched before a moment.

    Returns:
        The number of deleted payloads.
    """
    names = connection.execute(select(table.c.source).distinct()).scalars()
    return sum(forget(connection, name, before) for name in set(names) - sources)


def digest_of(connection: Connection, payload_id: int) -> str | None:
    """Return the hash of a stored payload, or None if there is no payload with that id."""
    return connection.scalar(select(table.c.sha256).where(table.c.id == payload_id))


def digest(payload: Payload, sealer: Sealer | None) -> str:
    """Return the hash of a payload, which needs the key if the payload is protected.

    Raises:
        SealBroken: The payload is protected and there is no sealer.
    """
    if not payload.protected:
        return hashlib.sha256(payload.body).hexdigest()
    if sealer is None:
        raise SealBroken(
            f"{payload.name} of {payload.source} is protected and there is no key to seal it with; "
            "nothing was stored: set EWARN_PROTECTION_KEY"
        )
    return sealer.mark(payload.body)


def _coded(payload: Payload, digest: str, sealer: Sealer | None) -> tuple[str, bytes]:
    if payload.protected and sealer is not None:
        about = _bound(payload.source, payload.name, digest)
        return f"{SEALED}{sealer.key_id}", sealer.seal(zlib.compress(payload.body), about)
    body = payload.body
    return (AS_SENT, body) if body.startswith(_PACKED) else (ZLIB, zlib.compress(body))


def _opened(row: Any, sealer: Sealer | None) -> bytes:
    key_id = row.coding.removeprefix(SEALED)
    if sealer is None or sealer.key_id != key_id:
        ours = f"is {sealer.key_id}" if sealer else "is not set"
        raise SealBroken(
            f"{row.name} of {row.source} was sealed with the key {key_id}, and "
            f"EWARN_PROTECTION_KEY {ours}: set the key it was sealed with"
        )
    try:
        return sealer.open(row.body, _bound(row.source, row.name, row.sha256))
    except SealBroken as error:
        raise SealBroken(f"{row.name} of {row.source}: {error}") from None


def _bound(source: str, name: str, digest: str) -> str:
    """Return the text that an encrypted body is bound to, so that no other row can hold it."""
    return f"{source}\n{name}\n{digest}"


def _about(payload: Payload) -> dict[str, Any]:
    """Return the days and marks of a payload as JSON values."""
    return {
        "first_day": payload.first_day,
        "last_day": payload.last_day,
        "published_at": payload.published_at,
        "whole": [
            {field.name: getattr(span, field.name) for field in fields(Span)}
            for span in payload.whole
        ],
    }


def _described(about: dict[str, Any]) -> dict[str, Any]:
    published_at = about.get("published_at")
    return {
        "first_day": _day(about.get("first_day")),
        "last_day": _day(about.get("last_day")),
        "published_at": published_at and datetime.fromisoformat(published_at),
        "whole": tuple(
            Span(
                span["country"],
                date.fromisoformat(span["first_day"]),
                date.fromisoformat(span["last_day"]),
                datetime.fromisoformat(span["known_at"]),
            )
            for span in about.get("whole", ())
        ),
    }


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
