"""Read messages and their delivery attempts, for display."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, or_, select

from ewarn.domain.delivery import Outcome
from ewarn.store.database.id_lists import among
from ewarn.store.tables.delivery import delivery_attempt, notification
from ewarn.store.tables.delivery import outbox as table


@dataclass(frozen=True, slots=True)
class Sent:
    """A message without its text, and the state of its delivery."""

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
    readers: Collection[str] | None = None,
    thread: str | None = None,
    after: tuple[datetime, str] | None = None,
    limit: int = 100,
) -> list[Sent]:
    """Return messages created up to a moment, the newest first.

    Args:
        endpoints: Only messages to these endpoints; None for all.
        ids: Only these messages; empty for all.
        states: Only messages in these states; empty for all.
        readers: Only messages that need one of these licences, see `outbox.enqueue`; None for all.
        thread: Only messages with news of this thread, such as an alert; None for all.
        after: Creation time and id of the last message of the previous page.
    """
    columns = [table.c[name] for name in Sent.__slots__]
    query = select(*columns).where(table.c.created_at <= made_by)
    if endpoints is not None:
        query = query.where(table.c.endpoint.in_(endpoints))
    if readers is not None:
        query = query.where(table.c.readers.in_(readers))
    if ids:
        query = query.where(among(table.c.id, ids))
    if states:
        query = query.where(table.c.state.in_(states))
    if thread is not None:
        held = select(notification.c.message_id).where(notification.c.thread == thread)
        query = query.where(table.c.id.in_(held))
    if after is not None:
        moment, id_ = after
        is_older = table.c.created_at < moment
        query = query.where(or_(is_older, (table.c.created_at == moment) & (table.c.id > id_)))
    ordered = query.order_by(table.c.created_at.desc(), table.c.id).limit(limit)
    return [Sent(*row) for row in connection.execute(ordered)]


@dataclass(frozen=True, slots=True)
class SentOfThread:
    """A notification of a thread, and the message in which it left.

    Attributes:
        change: What it was about, such as `opened`; empty if it was about no change.
        id: The id of the message.
        recipient: The address.
        delivered_at: When the address accepted the message; None if it had not by then.
    """

    thread: str
    change: str
    id: str
    endpoint: str
    recipient: str
    subject: str
    created_at: datetime
    delivered_at: datetime | None
    state: str


def of_threads(
    connection: Connection, threads: Collection[str], moment: datetime
) -> list[SentOfThread]:
    """Return the notifications of some threads that had left by a moment, the oldest first.

    `delivered_at` is as known at the moment, but `state` is the state now.
    """
    tried = delivery_attempt.c
    done = (
        select(tried.outbox_id, func.min(tried.at, type_=tried.at.type).label("at"))
        .where(tried.outcome == Outcome.DELIVERED.value, tried.at <= moment)
        .group_by(tried.outbox_id)
        .subquery()
    )
    message = (table.c.id, table.c.endpoint, table.c.recipient, table.c.subject, table.c.created_at)
    query = (
        select(notification.c.thread, notification.c.facts, *message, done.c.at, table.c.state)
        .join(table, table.c.id == notification.c.message_id)
        .outerjoin(done, done.c.outbox_id == table.c.id)
        .where(among(notification.c.thread, threads), table.c.created_at <= moment)
        .order_by(table.c.created_at, table.c.recipient, table.c.id, notification.c.sequence)
    )
    return [
        SentOfThread(thread, str(facts.get("change", "")), *others)
        for thread, facts, *others in connection.execute(query)
    ]


def messages_of(sent: Iterable[SentOfThread]) -> list[SentOfThread]:
    """Return the first notification of each message, for each thread that the message is about."""
    first: dict[tuple[str, str], SentOfThread] = {}
    for each in sent:
        first.setdefault((each.thread, each.id), each)
    return list(first.values())


@dataclass(frozen=True, slots=True)
class CountedMessages:
    """How many messages to an endpoint are in a state, and when the last one was created."""

    endpoint: str
    state: str
    number: int
    last: datetime


def counted_since(connection: Connection, since: datetime) -> list[CountedMessages]:
    """Return the numbers of messages created after a moment, by endpoint and state."""
    columns = (table.c.endpoint, table.c.state)
    last = func.max(table.c.created_at, type_=table.c.created_at.type)
    query = select(*columns, func.count(), last).where(table.c.created_at > since)
    rows = connection.execute(query.group_by(*columns).order_by(*columns))
    return [CountedMessages(*row) for row in rows]


def delivered_since(
    connection: Connection, since: datetime, late_after: timedelta
) -> tuple[int, int]:
    """Return how many messages were delivered since a moment, and how many of them late.

    Args:
        late_after: The time between composing a message and its delivery from which on it is late.
    """
    tried = delivery_attempt.c
    delivered_at = func.min(tried.at, type_=tried.at.type)
    query = (
        select(table.c.created_at, delivered_at)
        .join(table, table.c.id == tried.outbox_id)
        .where(tried.outcome == Outcome.DELIVERED.value, tried.at >= since)
        .group_by(table.c.id, table.c.created_at)
    )
    waits = [at - created_at for created_at, at in connection.execute(query)]
    return len(waits), sum(wait > late_after for wait in waits)


def attempts_of(connection: Connection, notification_id: str) -> list[dict[str, Any]]:
    """Return every attempt to deliver a message, the oldest first."""
    tried = delivery_attempt.c
    rows = connection.execute(
        select(tried.at, tried.outcome, tried.detail)
        .where(tried.outbox_id == notification_id)
        .order_by(tried.id)
    )
    return [row._asdict() for row in rows]
