"""The accepted fields of a source's records, with which new payloads are compared."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, insert, select

from ewarn.store.tables.intake import accepted_fields as table


def accepted(connection: Connection, source: str) -> frozenset[str] | None:
    """Return the fields last accepted of a source, or None if the source was never read."""
    row = connection.execute(
        select(table.c.fields).where(table.c.source == source).order_by(table.c.id.desc()).limit(1)
    ).first()
    return None if row is None else frozenset(row.fields)


def accept(
    connection: Connection, source: str, fields: Collection[str], now: datetime, by: str
) -> None:
    """Accept the fields of a source from now on. Rows are append-only."""
    connection.execute(
        insert(table).values(source=source, fields=sorted(fields), accepted_at=now, accepted_by=by)
    )
