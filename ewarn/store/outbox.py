"""The outbox: notifications committed with the change that caused them, leased to be sent."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, func, insert, or_, select, update

from ewarn.domain.delivery import Notification, Receipt
from ewarn.store.delivery_tables import delivery_attempt
from ewarn.store.delivery_tables import outbox as table

WAITING, DELIVERED, DEAD = "waiting", "delivered", "dead"


@dataclass(frozen=True, slots=True)
class Leased:
    """A notification handed to one worker until its lease ends, and how often it was tried.

    `endpoint` is the id of its recipient.
    """

    notification: Notification
    attempts: int
    endpoint: str
    leased_until: datetime


@dataclass(frozen=True, slots=True)
class Settled:
    """What came of an attempt at `at`, the state it leaves its message in, and when it is tried
    again (None: not again)."""

    id: str
    receipt: Receipt
    at: datetime
    state: str
    next_attempt_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """A message without its words, and how far it has come."""

    id: str
    endpoint: str
    channel: str
    subject: str
    created_at: datetime
    state: str
    attempts: int
    next_attempt_at: datetime


def find(
    connection: Connection,
    made_by: datetime,
    *,
    endpoints: Collection[str] | None = None,
    ids: Collection[str] = (),
    states: Collection[str] = (),
    after: tuple[datetime, str] | None = None,
    limit: int = 100,
) -> list[Sent]:
    """Messages made up to a moment, the newest first; of some endpoints, or (None) of all.

    `after` is where a page before ended: the moment and id of its last message.
    """
    columns = [table.c[name] for name in Sent.__slots__]
    query = select(*columns).where(table.c.created_at <= made_by)
    if endpoints is not None:
        query = query.where(table.c.endpoint.in_(endpoints))
    if ids:
        query = query.where(table.c.id.in_(ids))
    if states:
        query = query.where(table.c.state.in_(states))
    if after is not None:
        moment, id_ = after
        is_older = table.c.created_at < moment
        query = query.where(or_(is_older, (table.c.created_at == moment) & (table.c.id > id_)))
    ordered = query.order_by(table.c.created_at.desc(), table.c.id).limit(limit)
    return [Sent(*row) for row in connection.execute(ordered)]


def attempts_of(connection: Connection, notification_id: str) -> list[dict[str, Any]]:
    """Every attempt to hand a message over, the oldest first."""
    tried = delivery_attempt.c
    rows = connection.execute(
        select(tried.at, tried.outcome, tried.detail)
        .where(tried.outbox_id == notification_id)
        .order_by(tried.id)
    )
    return [row._asdict() for row in rows]


def enqueue(
    connection: Connection,
    notifications: Sequence[tuple[str, Notification]],
    *,
    held: bool = False,
) -> None:
    """Put (endpoint, notification) pairs in the outbox; one already there is left as it is.

    Those `held` are not sent, since their endpoint is switched off, until somebody replays them.
    """
    if not notifications:
        return
    ids = [notification.id for _, notification in notifications]
    known = set(connection.execute(select(table.c.id).where(table.c.id.in_(ids))).scalars())
    rows = [
        {
            "id": notification.id,
            "channel": notification.channel,
            "recipient": notification.recipient,
            "subject": notification.subject,
            "text": notification.text,
            "html": notification.html,
            "body": notification.body,
            "endpoint": endpoint,
            "created_at": notification.created_at,
            "state": DEAD if held else WAITING,
            "next_attempt_at": notification.created_at,
        }
        for endpoint, notification in notifications
        if notification.id not in known
    ]
    if rows:
        connection.execute(insert(table), rows)


def is_due(connection: Connection, now: datetime) -> bool:
    """Whether anything waits for a worker: asked first, so that idling takes no write lock."""
    return connection.execute(select(table.c.id).where(*_due(now)).limit(1)).first() is not None


def _due(now: datetime) -> list[ColumnElement[bool]]:
    return [
        table.c.state == WAITING,
        table.c.next_attempt_at <= now,
        or_(table.c.leased_until.is_(None), table.c.leased_until <= now),
    ]


def lease(
    connection: Connection, now: datetime, *, limit: int = 50, duration: timedelta
) -> list[Leased]:
    """Take waiting notifications that are due; nobody else gets them before `now + duration`."""
    due = (
        select(table)
        .where(*_due(now))
        .order_by(table.c.next_attempt_at, table.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    rows = connection.execute(due).all()
    if rows:
        connection.execute(
            update(table)
            .where(table.c.id.in_([row.id for row in rows]))
            .values(leased_until=now + duration)
        )
    until = now + duration
    return [Leased(_notification(row), row.attempts, row.endpoint, until) for row in rows]


def settle(connection: Connection, results: Sequence[Settled]) -> None:
    """Write attempts down and free their notifications in their new states."""
    tried = [
        {
            "outbox_id": each.id,
            "at": each.at,
            "outcome": each.receipt.outcome.value,
            "detail": each.receipt.detail,
        }
        for each in results
    ]
    freed = [
        {
            "of": each.id,
            "to_state": each.state,
            "next_at": each.next_attempt_at or each.at,
        }
        for each in results
    ]
    connection.execute(insert(delivery_attempt), tried)
    connection.execute(_FREE, freed)


_FREE = (
    update(table)
    # A worker that outlived its lease takes nothing back from the one that delivered.
    .where(table.c.id == bindparam("of"), table.c.state != DELIVERED)
    .values(
        state=bindparam("to_state"),
        attempts=table.c.attempts + 1,
        leased_until=None,
        next_attempt_at=bindparam("next_at"),
    )
)


def release(connection: Connection, ids: Collection[str], next_attempt_at: datetime) -> None:
    """Give leased notifications back untried."""
    chosen = table.c.id.in_(ids) & (table.c.state == WAITING)
    values = {"leased_until": None, "next_attempt_at": next_attempt_at}
    connection.execute(update(table).where(chosen).values(**values))


def hold(connection: Connection, endpoint: str) -> int:
    """Send nothing more of what waits for an endpoint, until somebody replays it; how many."""
    chosen = (table.c.endpoint == endpoint) & (table.c.state == WAITING)
    return connection.execute(update(table).where(chosen).values(state=DEAD)).rowcount


def replay(connection: Connection, ids: Collection[str], now: datetime) -> int:
    """Send dead notifications again, under their own ids and from the first delay; how many."""
    chosen = table.c.id.in_(ids) & (table.c.state == DEAD)
    values = {"state": WAITING, "attempts": 0, "next_attempt_at": now, "leased_until": None}
    return connection.execute(update(table).where(chosen).values(**values)).rowcount


def left_behind(connection: Connection, due_before: datetime) -> int:
    """How many should have been tried before a moment, and are in nobody's hands."""
    late = table.c.next_attempt_at <= due_before
    loose = or_(table.c.leased_until.is_(None), table.c.leased_until <= due_before)
    query = select(func.count()).where(table.c.state == WAITING, late, loose)
    return int(connection.execute(query).scalar() or 0)


def sent_to(connection: Connection, endpoint: str, *, since: datetime) -> list[datetime]:
    """When messages to an endpoint were made, after a moment."""
    query = select(table.c.created_at).where(
        table.c.endpoint == endpoint, table.c.created_at > since
    )
    return list(connection.execute(query).scalars())


def states(connection: Connection) -> dict[str, int]:
    """How many notifications are in each state."""
    rows = connection.execute(select(table.c.state, func.count()).group_by(table.c.state))
    return {state: int(number) for state, number in rows}


def _notification(row: Any) -> Notification:
    return Notification(
        id=row.id,
        channel=row.channel,
        recipient=row.recipient,
        subject=row.subject,
        text=row.text,
        body=row.body,
        created_at=row.created_at,
        html=row.html,
    )
