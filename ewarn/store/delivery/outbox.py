"""The outbox: notifications committed with the change that caused them, leased to be sent."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter, itemgetter
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    bindparam,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)

from ewarn.domain.delivery import Notification, Receipt
from ewarn.domain.recipient import LONGEST_DELAY
from ewarn.store.database import locks
from ewarn.store.database.id_lists import among
from ewarn.store.jobs.lapse import LONGEST_WAIT, has_lapsed, latest_end
from ewarn.store.tables.delivery import delivery_attempt, notice
from ewarn.store.tables.delivery import outbox as table

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
class AttemptResult:
    """What came of an attempt at `at`, the state it leaves its message in, and when it is tried
    again (None: not again)."""

    item: Leased
    receipt: Receipt
    at: datetime
    state: str
    next_attempt_at: datetime | None = None


def enqueue(
    connection: Connection,
    notifications: Sequence[tuple[str, Notification]],
    *,
    held: bool = False,
    readers: str = "",
) -> None:
    """Put (endpoint, notification) pairs in the outbox; one already there is left as it is.

    `readers` is the licence that what they say asks for. Those `held` are not sent, since their
    endpoint is switched off, until somebody replays them.
    """
    if not notifications:
        return
    ids = [notification.id for _, notification in notifications]
    known = set(connection.execute(select(table.c.id).where(among(table.c.id, ids))).scalars())
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
            "readers": readers,
            "created_at": notification.created_at,
            "state": DEAD if held else WAITING,
            "next_attempt_at": notification.created_at,
        }
        for endpoint, notification in notifications
        if notification.id not in known
    ]
    if rows:
        connection.execute(insert(table), rows)


def is_due(connection: Connection, now: datetime, *, duration: timedelta) -> bool:
    """Whether anything waits for a worker: asked first, so that idling takes no write lock."""
    due = {"now": now, "latest_end": latest_end(now, duration)}
    return any(
        connection.execute(query, given).first() is not None
        for query, given in ((_ANY_DUE, due), (_ANY_AHEAD, _ahead(now)))
    )


def lease(
    connection: Connection,
    now: datetime,
    *,
    due_by: datetime | None = None,
    limit: int = 50,
    duration: timedelta,
) -> list[Leased]:
    """Take waiting notifications that are due; nobody else gets them before `now + duration`.

    `due_by` leaves out those that came due after an earlier moment, so that a round has an end.
    What waits longer than anything does on purpose, since a clock ran ahead, is due now. One waits
    while somebody else sends its recipient news of the same alert: else a worker with empty hands
    would tell the end of what another is still about to tell the beginning of.
    """
    locks.one_at_a_time(connection, locks.LEASES)  # each sees what the others have in their hands
    connection.execute(_CALL_BACK, _ahead(now) | {"due_at": due_by or now})
    _never_sort(connection)
    until = now + duration
    due = {"now": now, "due_by": due_by or now, "limit": limit, "until": until}
    due["latest_end"] = latest_end(now, duration)
    rows = sorted(connection.execute(_TAKE, due), key=_in_order)
    return [Leased(_notification(row), row.attempts, row.endpoint, until) for row in rows]


def _ahead(now: datetime) -> dict[str, datetime]:
    return {"latest": now + LONGEST_DELAY}


def _never_sort(connection: Connection) -> None:
    """Read the outbox in the order of its index until the transaction ends.

    When news has just come in, PostgreSQL knows of few messages that wait; it would read and sort
    them all to have the first of them.
    """
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL enable_sort TO off")


def _told_of_by_another() -> ColumnElement[bool]:
    ours, theirs, others = notice.alias(), notice.alias(), table.alias()
    return exists().where(
        ours.c.message_id == table.c.id,
        theirs.c.recipient == ours.c.recipient,
        theirs.c.thread == ours.c.thread,
        theirs.c.message_id == others.c.id,
        others.c.state == WAITING,
        ~has_lapsed(others.c.leased_until, bindparam("now"), bindparam("latest_end")),
    )


# The statements that every batch needs are made once: making them costs as much as running them.
_DUE = and_(
    table.c.state == WAITING,
    table.c.next_attempt_at <= bindparam("now"),
    or_(
        table.c.leased_until.is_(None),
        has_lapsed(table.c.leased_until, bindparam("now"), bindparam("latest_end")),
    ),
)
_ORDER = (table.c.next_attempt_at, table.c.created_at, table.c.id)
_AMONG = among(table.c.id, bindparam("ids"))
_ANY_DUE = select(table.c.id).where(_DUE).limit(1)
_AHEAD = (table.c.state == WAITING) & (table.c.next_attempt_at > bindparam("latest"))
_ANY_AHEAD = select(table.c.id).where(_AHEAD).limit(1)
_CALL_BACK = update(table).where(_AHEAD).values(next_attempt_at=bindparam("due_at"))
_NEXT = (
    select(table.c.id)
    .where(_DUE, table.c.next_attempt_at <= bindparam("due_by"), ~_told_of_by_another())
    .order_by(*_ORDER)
    .limit(bindparam("limit"))
    .with_for_update(of=table, skip_locked=True)
    .cte("next_due")
)
_TAKE = (
    update(table)
    .where(table.c.id.in_(select(_NEXT.c.id)))
    .values(leased_until=bindparam("until"))
    .returning(table)
)
_in_order = attrgetter(*(column.name for column in _ORDER))


def settle(connection: Connection, results: Sequence[AttemptResult]) -> None:
    """Write attempts down and free their notifications in their new states.

    A worker that outlived its lease takes nothing from the one that holds the message now, and
    sets nothing going that was stopped meanwhile; but what it delivered is delivered.
    """
    tried = [
        {
            "outbox_id": each.item.notification.id,
            "at": each.at,
            "outcome": each.receipt.outcome.value,
            "detail": each.receipt.detail,
        }
        for each in results
    ]
    # Held in one order before all else, so that two workers never wait for each other's rows: an
    # attempt that is written down holds its message, too.
    connection.execute(_HOLD, {"ids": [each.item.notification.id for each in results]})
    connection.execute(_ATTEMPTS, tried)
    delivered = [each.item.notification.id for each in results if each.state == DELIVERED]
    if delivered:
        connection.execute(_FREE_DELIVERED, {"ids": delivered})
    others = [
        {
            "of": each.item.notification.id,
            "until": each.item.leased_until,
            "to_state": each.state,
            "next_at": each.next_attempt_at or each.at,
        }
        for each in results
        if each.state != DELIVERED
    ]
    if others:
        connection.execute(_FREE_UNDELIVERED, others)


_FREE: dict[str, Any] = {"attempts": table.c.attempts + 1, "leased_until": None}
_ATTEMPTS = insert(delivery_attempt)
_HOLD = select(table.c.id).where(_AMONG).order_by(table.c.id).with_for_update()
_FREE_DELIVERED = (
    update(table).where(_AMONG, table.c.state != DELIVERED).values(_FREE | {"state": DELIVERED})
)
_FREE_UNDELIVERED = (
    update(table)
    .where(
        table.c.id == bindparam("of"),
        table.c.state == WAITING,
        table.c.leased_until == bindparam("until"),
    )
    .values(_FREE | {"state": bindparam("to_state"), "next_attempt_at": bindparam("next_at")})
)


def release(connection: Connection, items: Sequence[Leased]) -> None:
    """Give leased notifications back untried, in their place."""
    is_same = (table.c.id == bindparam("of")) & (table.c.leased_until == bindparam("until"))
    given = [{"of": each.notification.id, "until": each.leased_until} for each in items]
    if given:
        freed = update(table).where(is_same, table.c.state == WAITING).values(leased_until=None)
        connection.execute(freed, sorted(given, key=itemgetter("of")))


def put_off(connection: Connection, endpoint: str, until: datetime, *, besides: str) -> None:
    """Let all that waits for an endpoint wait longer, besides one that has its time."""
    chosen = (table.c.endpoint == endpoint) & (table.c.state == WAITING) & (table.c.id != besides)
    early = select(table.c.id).where(chosen, table.c.next_attempt_at < until)
    free = early.with_for_update(skip_locked=True)  # what is being written gets its own time
    connection.execute(update(table).where(table.c.id.in_(free)).values(next_attempt_at=until))


def hold(connection: Connection, endpoint: str) -> int:
    """Stop what waits for an endpoint until somebody replays it. Returns the number stopped."""
    chosen = (table.c.endpoint == endpoint) & (table.c.state == WAITING)
    ordered = select(table.c.id).where(chosen).order_by(table.c.id).with_for_update()
    stopped = update(table).where(table.c.id.in_(ordered)).values(state=DEAD)
    return connection.execute(stopped).rowcount


def replay(connection: Connection, ids: Collection[str], now: datetime) -> int:
    """Send dead notifications again, with their own ids, from the first delay. Returns how many."""
    chosen = among(table.c.id, ids) & (table.c.state == DEAD)
    values = {"state": WAITING, "attempts": 0, "next_attempt_at": now, "leased_until": None}
    return connection.execute(update(table).where(chosen).values(**values)).rowcount


def left_behind(connection: Connection, due_before: datetime) -> int:
    """How many should have been tried before a moment, and are in nobody's hands."""
    late = table.c.next_attempt_at <= due_before
    loose = table.c.leased_until.is_(None) | has_lapsed(
        table.c.leased_until, due_before, latest_end(due_before, LONGEST_WAIT)
    )
    query = select(func.count()).where(table.c.state == WAITING, late, loose)
    return int(connection.execute(query).scalar() or 0)


def sent_to(
    connection: Connection, endpoint: str, *, since: datetime, readers: str
) -> list[datetime]:
    """When messages to an endpoint for some readers were made, after a moment."""
    query = select(table.c.created_at).where(
        table.c.endpoint == endpoint, table.c.readers == readers, table.c.created_at > since
    )
    return list(connection.execute(query).scalars())


def states(
    connection: Connection,
    endpoints: Collection[str] | None = None,
    readers: Collection[str] | None = None,
) -> dict[str, int]:
    """How many notifications are in each state, to some endpoints and for some readers, or (None)
    to all."""
    query = select(table.c.state, func.count()).group_by(table.c.state)
    if readers is not None:
        query = query.where(table.c.readers.in_(readers))
    if endpoints is not None:
        query = query.where(among(table.c.endpoint, endpoints))
    rows = connection.execute(query)
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
