"""The outbox: messages that are stored with the change that caused them, and leased for sending."""

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

from ewarn.domain.delivery import Message, Receipt
from ewarn.domain.recipient import LONGEST_DELAY
from ewarn.store.database import locks
from ewarn.store.database.id_lists import among
from ewarn.store.jobs.lapse import LONGEST_WAIT, has_lapsed, latest_end
from ewarn.store.tables.delivery import delivery_attempt, notification
from ewarn.store.tables.delivery import outbox as table

WAITING, DELIVERED, DEAD = "waiting", "delivered", "dead"


@dataclass(frozen=True, slots=True)
class Leased:
    """A message that one worker may send until its lease ends.

    `attempts` is the number of attempts before. `endpoint` is the id of the recipient.
    """

    message: Message
    attempts: int
    endpoint: str
    leased_until: datetime


@dataclass(frozen=True, slots=True)
class AttemptResult:
    """The result of one attempt to send a message.

    `state` is the message's new state. `next_attempt_at` is None if it is not tried again.
    """

    item: Leased
    receipt: Receipt
    at: datetime
    state: str
    next_attempt_at: datetime | None = None


def enqueue(
    connection: Connection,
    messages: Sequence[tuple[str, Message]],
    *,
    held: bool = False,
    readers: str = "",
) -> None:
    """Add (endpoint, message) pairs to the outbox. A message already in it stays as it is.

    Args:
        held: Store the messages as dead, because their endpoint is switched off. They are not sent
            until somebody replays them.
        readers: The licence that a reader of the messages must have; empty if none is needed.
    """
    if not messages:
        return
    ids = [message.id for _, message in messages]
    known = set(connection.execute(select(table.c.id).where(among(table.c.id, ids))).scalars())
    rows = [
        {
            "id": message.id,
            "channel": message.channel,
            "recipient": message.recipient,
            "subject": message.subject,
            "text": message.text,
            "html": message.html,
            "body": message.body,
            "endpoint": endpoint,
            "readers": readers,
            "created_at": message.created_at,
            "state": DEAD if held else WAITING,
            "next_attempt_at": message.created_at,
        }
        for endpoint, message in messages
        if message.id not in known
    ]
    if rows:
        connection.execute(insert(table), rows)


def is_due(connection: Connection, now: datetime, *, duration: timedelta) -> bool:
    """Return whether a message is due. Ask before leasing, so that an idle worker takes no lock."""
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
    """Lease messages that are due. No other worker gets them before `now + duration`.

    A message that waits longer than any rule allows, because a clock was ahead, is due now. A
    message is left out while another worker sends the same recipient news of the same thread.
    Otherwise the end of an alert could arrive before its beginning.

    Args:
        due_by: Leave out messages that became due after this moment, so that a round ends.
        limit: Lease so many messages at most.
        duration: How long the lease lasts.
    """
    locks.one_at_a_time(connection, locks.LEASES)  # so that each worker sees the others' leases
    connection.execute(_CALL_BACK, _ahead(now) | {"due_at": due_by or now})
    _never_sort(connection)
    until = now + duration
    due = {"now": now, "due_by": due_by or now, "limit": limit, "until": until}
    due["latest_end"] = latest_end(now, duration)
    rows = sorted(connection.execute(_TAKE, due), key=_in_order)
    return [Leased(_message(row), row.attempts, row.endpoint, until) for row in rows]


def _ahead(now: datetime) -> dict[str, datetime]:
    return {"latest": now + LONGEST_DELAY}


def _never_sort(connection: Connection) -> None:
    """Read the outbox in the order of its index until the transaction ends.

    Shortly after many messages were added, PostgreSQL's statistics still count few. It would then
    read and sort all of them to find the first ones.
    """
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL enable_sort TO off")


def _told_of_by_another() -> ColumnElement[bool]:
    ours, theirs, others = notification.alias(), notification.alias(), table.alias()
    return exists().where(
        ours.c.message_id == table.c.id,
        theirs.c.recipient == ours.c.recipient,
        theirs.c.thread == ours.c.thread,
        theirs.c.message_id == others.c.id,
        others.c.state == WAITING,
        ~has_lapsed(others.c.leased_until, bindparam("now"), bindparam("latest_end")),
    )


# These statements are built once, because building them takes as long as running them.
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


def record_results(connection: Connection, results: Sequence[AttemptResult]) -> None:
    """Record attempts, and end the leases of their messages with their new states.

    If the lease of a worker had ended, its failed attempt does not change a message that another
    worker holds now or that was stopped meanwhile. A message that it delivered is delivered.
    """
    tried = [
        {
            "outbox_id": each.item.message.id,
            "at": each.at,
            "outcome": each.receipt.outcome.value,
            "detail": each.receipt.detail,
        }
        for each in results
    ]
    # The messages are locked first, in a fixed order, so that two workers cannot deadlock. (Storing
    # an attempt locks its message, too.)
    connection.execute(_HOLD, {"ids": [each.item.message.id for each in results]})
    connection.execute(_ATTEMPTS, tried)
    delivered = [each.item.message.id for each in results if each.state == DELIVERED]
    if delivered:
        connection.execute(_FREE_DELIVERED, {"ids": delivered})
    others = [
        {
            "of": each.item.message.id,
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
    """Give leased messages back without an attempt. They keep their place in the order."""
    is_same = (table.c.id == bindparam("of")) & (table.c.leased_until == bindparam("until"))
    given = [{"of": each.message.id, "until": each.leased_until} for each in items]
    if given:
        freed = update(table).where(is_same, table.c.state == WAITING).values(leased_until=None)
        connection.execute(freed, sorted(given, key=itemgetter("of")))


def put_off(connection: Connection, endpoint: str, until: datetime, *, besides: str) -> None:
    """Delay all messages that wait for an endpoint until a moment at least.

    Args:
        besides: The id of the message that keeps its own time.
    """
    chosen = (table.c.endpoint == endpoint) & (table.c.state == WAITING) & (table.c.id != besides)
    early = select(table.c.id).where(chosen, table.c.next_attempt_at < until)
    # A locked message is just being written and gets a time of its own.
    free = early.with_for_update(skip_locked=True)
    connection.execute(update(table).where(table.c.id.in_(free)).values(next_attempt_at=until))


def hold(connection: Connection, endpoint: str) -> int:
    """Stop the messages that wait for an endpoint until somebody replays them.

    Returns:
        The number of stopped messages.
    """
    chosen = (table.c.endpoint == endpoint) & (table.c.state == WAITING)
    ordered = select(table.c.id).where(chosen).order_by(table.c.id).with_for_update()
    stopped = update(table).where(table.c.id.in_(ordered)).values(state=DEAD)
    return connection.execute(stopped).rowcount


def replay(connection: Connection, ids: Collection[str], now: datetime) -> int:
    """Let dead messages be sent again, with their own ids and all attempts ahead of them.

    Returns:
        The number of messages.
    """
    chosen = among(table.c.id, ids) & (table.c.state == DEAD)
    values = {"state": WAITING, "attempts": 0, "next_attempt_at": now, "leased_until": None}
    return connection.execute(update(table).where(chosen).values(**values)).rowcount


def left_behind(connection: Connection, due_before: datetime) -> int:
    """Return the number of messages that were due by a moment and that no worker has leased."""
    late = table.c.next_attempt_at <= due_before
    loose = table.c.leased_until.is_(None) | has_lapsed(
        table.c.leased_until, due_before, latest_end(due_before, LONGEST_WAIT)
    )
    query = select(func.count()).where(table.c.state == WAITING, late, loose)
    return int(connection.execute(query).scalar() or 0)


def sent_to(
    connection: Connection, endpoint: str, *, since: datetime, readers: str
) -> list[datetime]:
    """Return when the messages to an endpoint that need a licence were created, after `since`."""
    query = select(table.c.created_at).where(
        table.c.endpoint == endpoint, table.c.readers == readers, table.c.created_at > since
    )
    return list(connection.execute(query).scalars())


def states(
    connection: Connection,
    endpoints: Collection[str] | None = None,
    readers: Collection[str] | None = None,
) -> dict[str, int]:
    """Return the number of messages in each state.

    Args:
        endpoints: Only messages to these endpoints; None for all.
        readers: Only messages that need one of these licences; None for all.
    """
    query = select(table.c.state, func.count()).group_by(table.c.state)
    if readers is not None:
        query = query.where(table.c.readers.in_(readers))
    if endpoints is not None:
        query = query.where(among(table.c.endpoint, endpoints))
    rows = connection.execute(query)
    return {state: int(number) for state, number in rows}


def _message(row: Any) -> Message:
    return Message(
        id=row.id,
        channel=row.channel,
        recipient=row.recipient,
        subject=row.subject,
        text=row.text,
        body=row.body,
        created_at=row.created_at,
        html=row.html,
    )
