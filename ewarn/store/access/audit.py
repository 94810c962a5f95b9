"""The audit trail: acts in one chain, and what the last act left of each thing.

Nothing else is stored of deployments and recommendations: they are what was done to them.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, func, select

from ewarn.store.access import redactions
from ewarn.store.database import chain, locks
from ewarn.store.tables.access import audit as table

DEPLOYMENT, RECOMMENDATION, SILENCE = "deployment", "recommendation", "silence"
SUBSCRIPTION = "subscription"


@dataclass(frozen=True, slots=True)
class Act:
    """Something done to the thing `subject` of the kind `about`; `after` are JSON values."""

    about: str
    subject: str
    country: str | None
    act: str
    day: date
    at: datetime
    actor: str
    reason: str
    after: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Recorded:
    """An act as it stands in the chain."""

    sequence: int
    act: Act
    hash: str


def record(connection: Connection, acts: Sequence[Act]) -> None:
    """Append acts to the chain, in their order."""
    chain.append(connection, table, [asdict(each) for each in acts])


def latest(
    connection: Connection,
    about: str,
    moment: datetime,
    *,
    countries: Collection[str] = (),
    subjects: Collection[str] = (),
) -> list[dict[str, Any]]:
    """What the last act up to a moment left of each thing; empty collections mean all."""
    last = select(func.max(table.c.sequence)).where(table.c.about == about, table.c.at <= moment)
    if countries:
        last = last.where(table.c.country.in_(countries))
    if subjects:
        last = last.where(table.c.subject.in_(subjects))
    query = select(table.c.after).where(table.c.sequence.in_(last.group_by(table.c.subject)))
    return list(connection.execute(query.order_by(table.c.sequence)).scalars())


def current(connection: Connection, about: str, subject: str) -> dict[str, Any] | None:
    """A thing as it stands now, held against other writers; None if there is none."""
    locks.hold(connection, table)
    query = select(table.c.after).where(table.c.about == about, table.c.subject == subject)
    found: dict[str, Any] | None = connection.execute(
        query.order_by(table.c.sequence.desc()).limit(1)
    ).scalar()
    return found


def history(connection: Connection, about: str, subject: str, moment: datetime) -> list[Recorded]:
    """Everything done to a thing up to a moment, oldest first."""
    rows = connection.execute(
        select(table)
        .where(table.c.about == about, table.c.subject == subject, table.c.at <= moment)
        .order_by(table.c.sequence)
    )
    names = tuple(field.name for field in fields(Act))
    return [
        Recorded(row.sequence, Act(**{name: getattr(row, name) for name in names}), row.hash)
        for row in rows
    ]


def broken_link(connection: Connection) -> int | None:
    """Sequence of the first act that does not follow from the one before; None if whole."""
    return chain.broken_link(connection, table, redactions.known(connection, table.name))
