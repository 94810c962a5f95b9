"""The audit trail: all acts in one hash chain, each with the state of its thing after the act.

Deployments and recommendations are stored only here: their state is the one after their last act.
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
API_KEY = "api_key"
FIELD_REPORT = "field_report"  # acts on one say nothing of what it holds


@dataclass(frozen=True, slots=True)
class Act:
    """An act on one thing.

    Attributes:
        about: The kind of thing.
        subject: The id of the thing.
        day: The day on which it was done.
        at: The moment at which it was recorded.
        after: The state of the thing after the act, as JSON values.
    """

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
    """An act with its place in the chain."""

    sequence: int
    act: Act
    hash: str


def record(connection: Connection, acts: Sequence[Act]) -> None:
    """Append acts to the chain, in the order given."""
    chain.append(connection, table, [asdict(each) for each in acts])


def latest(
    connection: Connection,
    about: str,
    moment: datetime,
    *,
    countries: Collection[str] = (),
    subjects: Collection[str] = (),
) -> list[dict[str, Any]]:
    """Return the last state of each thing up to a moment, in the order of the last acts.

    Empty `countries` and `subjects` mean all.
    """
    last = select(func.max(table.c.sequence)).where(table.c.about == about, table.c.at <= moment)
    if countries:
        last = last.where(table.c.country.in_(countries))
    if subjects:
        last = last.where(table.c.subject.in_(subjects))
    query = select(table.c.after).where(table.c.sequence.in_(last.group_by(table.c.subject)))
    return list(connection.execute(query.order_by(table.c.sequence)).scalars())


def current(connection: Connection, about: str, subject: str) -> dict[str, Any] | None:
    """Return the current state of a thing, and lock the trail against other writers.

    Returns:
        The state, or None if there is no such thing. The lock lasts until the transaction ends.
    """
    locks.hold(connection, table)
    query = select(table.c.after).where(table.c.about == about, table.c.subject == subject)
    found: dict[str, Any] | None = connection.execute(
        query.order_by(table.c.sequence.desc()).limit(1)
    ).scalar()
    return found


def history(connection: Connection, about: str, subject: str, moment: datetime) -> list[Recorded]:
    """Return all acts on a thing up to a moment, oldest first."""
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
    """Return the sequence of the first act that breaks the chain, or None if it is intact."""
    return chain.broken_link(connection, table, redactions.known(connection, table.name))
