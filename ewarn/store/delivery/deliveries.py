"""What was sent, or is to be: messages and their attempts, for those who look."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, or_, select

from ewarn.store.database.id_lists import among
from ewarn.store.tables.delivery import delivery_attempt
from ewarn.store.tables.delivery import outbox as table


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
    readers: Collection[str] | None = None,
    after: tuple[datetime, str] | None = None,
    limit: int = 100,
) -> list[Sent]:
    """Messages made up to a moment, the newest first; of some endpoints and for some readers (see
    `outbox.enqueue`), or (None) of all.

    `after` is where a page before ended: the moment and id of its last message.
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
