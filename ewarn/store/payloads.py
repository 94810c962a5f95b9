"""Raw payloads: what a provider sent, kept and hashed before it is touched, for a while."""

import hashlib
import zlib
from dataclasses import fields, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from ewarn.domain.source import Payload, Span
from ewarn.store.tables import ingest_run
from ewarn.store.tables import raw_payload as table

ZLIB, AS_SENT, NOT_KEPT = "zlib", "as sent", "not kept"
_PACKED = (b"PK\x03\x04", b"\x1f\x8b")  # zip and gzip gain nothing by being packed again


def keep(connection: Connection, payload: Payload, *, body: bool = True) -> int:
    """Store a payload untouched, once, and return its id.

    Without `body` only its name, size and hash are kept: for archives that their provider keeps.
    """
    digest = hashlib.sha256(payload.body).hexdigest()
    known = connection.execute(
        select(table.c.id).where(
            table.c.source == payload.source,
            table.c.sha256 == digest,
            table.c.name == payload.name,
        )
    ).scalar()
    if known is not None:
        return int(known)
    coding, kept = _coded(payload.body) if body else (NOT_KEPT, b"")
    result = connection.execute(
        insert(table)
        .values(
            source=payload.source,
            name=payload.name,
            sha256=digest,
            size=len(payload.body),
            fetched_at=payload.fetched_at,
            body=kept,
            coding=coding,
            about=_about(payload),
        )
        .returning(table.c.id)
    )
    return int(result.scalar_one())


def read(connection: Connection, payload_id: int) -> Payload | None:
    """A payload as it came; None once its retention is over, or where only its hash was kept."""
    row = connection.execute(select(table).where(table.c.id == payload_id)).first()
    if row is None or row.coding == NOT_KEPT:
        return None
    body = zlib.decompress(row.body) if row.coding == ZLIB else row.body
    bare = Payload(row.source, row.name, body, row.fetched_at)
    return replace(bare, **_described(row.about))


def forget(connection: Connection, source: str, before: datetime) -> int:
    """Delete a source's payloads fetched before a moment; how many. Runs keep their counts."""
    old = (table.c.source == source, table.c.fetched_at < before)
    connection.execute(
        update(ingest_run)
        .where(ingest_run.c.payload_id.in_(select(table.c.id).where(*old)))
        .values(payload_id=None)
    )
    return int(connection.execute(delete(table).where(*old)).rowcount)


def forget_others(connection: Connection, sources: set[str], before: datetime) -> int:
    """Delete payloads of all sources but those named, fetched before a moment; how many."""
    names = connection.execute(select(table.c.source).distinct()).scalars()
    return sum(forget(connection, name, before) for name in set(names) - sources)


def _coded(body: bytes) -> tuple[str, bytes]:
    return (AS_SENT, body) if body.startswith(_PACKED) else (ZLIB, zlib.compress(body))


def _about(payload: Payload) -> dict[str, Any]:
    """Days and marks of a payload, as JSON holds them."""
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
