"""Store notifications that wait for a recipient, and the message in which each of them left."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, or_, select, update

from ewarn.domain.notification import About, Notification
from ewarn.domain.recipient import LONGEST_DELAY
from ewarn.store.database.conflicts import insert_into
from ewarn.store.database.id_lists import among
from ewarn.store.tables.delivery import notification as table
from ewarn.store.tables.delivery import outbox as messages


def add(connection: Connection, notifications: Sequence[Notification]) -> list[Notification]:
    """Store the notifications that are new, in order, and return them.

    Those that are stored already stay as they are.
    """
    if not notifications:
        return []
    added = insert_into(connection, table).on_conflict_do_nothing().returning(table.c.id)
    ids = set(
        connection.execute(
            added, [_values(notification) for notification in notifications]
        ).scalars()
    )
    return [notification for notification in notifications if notification.id in ids]


def recipients_due(connection: Connection, now: datetime) -> list[str]:
    """Return the ids of recipients with a notification that may leave now.

    A notification that waits longer than any rule allows is due too, because it was created while
    a clock was ahead.
    """
    due = or_(table.c.due_at <= now, table.c.due_at > now + LONGEST_DELAY)
    query = select(table.c.recipient).where(table.c.message_id.is_(None), due)
    return list(connection.execute(query.distinct().order_by(table.c.recipient)).scalars())


def waiting(connection: Connection, recipient: str) -> list[Notification]:
    """Return all notifications that wait for a recipient, the oldest first, and lock them."""
    query = (
        select(table)
        .where(table.c.recipient == recipient, table.c.message_id.is_(None))
        .order_by(table.c.sequence)
        .with_for_update()
    )
    return [_notification(row) for row in connection.execute(query)]


def waiting_of(connection: Connection, thread: str, moment: datetime) -> list[Notification]:
    """Return the notifications of a thread that existed at a moment but had not left by then."""
    query = (
        select(table)
        .outerjoin(messages, messages.c.id == table.c.message_id)
        .where(
            table.c.thread == thread,
            table.c.created_at <= moment,
            or_(table.c.message_id.is_(None), messages.c.created_at > moment),
        )
        .order_by(table.c.sequence)
    )
    return [_notification(row) for row in connection.execute(query)]


def leave(connection: Connection, ids: Collection[str], message_id: str) -> None:
    """Record in which message notifications left."""
    chosen = among(table.c.id, ids)
    connection.execute(update(table).where(chosen).values(message_id=message_id))


def put_off(connection: Connection, ids: Collection[str], due_at: datetime) -> None:
    """Let notifications wait until `due_at`."""
    connection.execute(update(table).where(among(table.c.id, ids)).values(due_at=due_at))


def last_notified(
    connection: Connection, threads: Collection[str]
) -> dict[tuple[str, str], datetime]:
    """Return when each (recipient, thread) of some threads last got a notification."""
    columns = (table.c.recipient, table.c.thread)
    last = select(*columns, func.max(table.c.created_at)).where(among(table.c.thread, threads))
    rows = connection.execute(last.group_by(*columns))
    return {(recipient, thread): moment for recipient, thread, moment in rows}


def left_since(
    connection: Connection, recipient: str, since: datetime
) -> list[tuple[Notification, datetime]]:
    """Return the notifications that left to a recipient since a moment, and when each one left."""
    query = (
        select(table, messages.c.created_at.label("left_at"))
        .join(messages, messages.c.id == table.c.message_id)
        .where(table.c.recipient == recipient, messages.c.created_at >= since)
    )
    return [(_notification(row), row.left_at) for row in connection.execute(query)]


def in_message(connection: Connection, message_id: str) -> list[Notification]:
    """Return the notifications that left in a message, in the order in which they were stored."""
    query = select(table).where(table.c.message_id == message_id).order_by(table.c.sequence)
    return [_notification(row) for row in connection.execute(query)]


def left_behind(connection: Connection, due_before: datetime) -> int:
    """Return the number of notifications that were due by a moment and have not left."""
    late = (table.c.message_id.is_(None)) & (table.c.due_at <= due_before)
    return int(connection.execute(select(func.count()).where(late)).scalar() or 0)


def _values(notification: Notification) -> dict[str, Any]:
    return {
        "id": notification.id,
        "recipient": notification.recipient,
        "about": notification.about.value,
        "thread": notification.thread,
        "urgent": notification.urgent,
        "facts": dict(notification.facts),
        "created_at": notification.created_at,
        "due_at": notification.due_at,
        "readers": notification.readers,
    }


def _notification(row: Any) -> Notification:
    return Notification(
        id=row.id,
        recipient=row.recipient,
        about=About(row.about),
        thread=row.thread,
        urgent=row.urgent,
        facts=row.facts,
        created_at=row.created_at,
        due_at=row.due_at,
        readers=row.readers,
    )
