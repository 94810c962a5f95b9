"""Notices: news that waits for its recipient, and the message it left in."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, or_, select, update

from ewarn.domain.notice import About, Notice
from ewarn.domain.recipient import LONGEST_DELAY
from ewarn.store.database.conflicts import insert_into
from ewarn.store.database.id_lists import among
from ewarn.store.tables.delivery import notice as table
from ewarn.store.tables.delivery import outbox as messages


def add(connection: Connection, notices: Sequence[Notice]) -> list[Notice]:
    """Store those notices that are new, in order, and return them. Others are left as they are."""
    if not notices:
        return []
    added = insert_into(connection, table).on_conflict_do_nothing().returning(table.c.id)
    ids = set(connection.execute(added, [_values(notice) for notice in notices]).scalars())
    return [notice for notice in notices if notice.id in ids]


def recipients_due(connection: Connection, now: datetime) -> list[str]:
    """Whoever something waits for that may leave now, by id."""
    due = or_(table.c.due_at <= now, table.c.due_at > now + LONGEST_DELAY)
    query = select(table.c.recipient).where(table.c.message_id.is_(None), due)
    return list(connection.execute(query.distinct().order_by(table.c.recipient)).scalars())


def waiting(connection: Connection, recipient: str) -> list[Notice]:
    """All that waits for a recipient, oldest first, held against other writers."""
    query = (
        select(table)
        .where(table.c.recipient == recipient, table.c.message_id.is_(None))
        .order_by(table.c.sequence)
        .with_for_update()
    )
    return [_notice(row) for row in connection.execute(query)]


def waiting_of(connection: Connection, thread: str, moment: datetime) -> list[Notice]:
    """The notices of a thread that waited at a moment: told by then, and left in no message."""
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
    return [_notice(row) for row in connection.execute(query)]


def leave(connection: Connection, ids: Collection[str], message_id: str) -> None:
    """Write down in which message notices left."""
    chosen = among(table.c.id, ids)
    connection.execute(update(table).where(chosen).values(message_id=message_id))


def put_off(connection: Connection, ids: Collection[str], due_at: datetime) -> None:
    """Let notices wait longer."""
    connection.execute(update(table).where(among(table.c.id, ids)).values(due_at=due_at))


def last_heard(connection: Connection, threads: Collection[str]) -> dict[tuple[str, str], datetime]:
    """When each (recipient, thread) was last told of, of some threads."""
    columns = (table.c.recipient, table.c.thread)
    last = select(*columns, func.max(table.c.created_at)).where(among(table.c.thread, threads))
    rows = connection.execute(last.group_by(*columns))
    return {(recipient, thread): moment for recipient, thread, moment in rows}


def left_since(
    connection: Connection, recipient: str, since: datetime
) -> list[tuple[Notice, datetime]]:
    """The notices that left to a recipient since a moment, each with when its message did."""
    query = (
        select(table, messages.c.created_at.label("left_at"))
        .join(messages, messages.c.id == table.c.message_id)
        .where(table.c.recipient == recipient, messages.c.created_at >= since)
    )
    return [(_notice(row), row.left_at) for row in connection.execute(query)]


def in_message(connection: Connection, message_id: str) -> list[Notice]:
    """The notices that left in a message."""
    query = select(table).where(table.c.message_id == message_id).order_by(table.c.sequence)
    return [_notice(row) for row in connection.execute(query)]


@dataclass(frozen=True, slots=True)
class Left:
    """A message in which news of a thread left: to whom, when, and under which subject."""

    thread: str
    recipient: str
    left_at: datetime
    subject: str


def messages_of(connection: Connection, threads: Collection[str]) -> list[Left]:
    """The messages in which news of some threads left, each once a thread, the oldest first."""
    columns = (table.c.thread, messages.c.recipient, messages.c.created_at, messages.c.subject)
    query = (
        select(*columns)
        .join(messages, messages.c.id == table.c.message_id)
        .where(among(table.c.thread, threads))
        .distinct()
        .order_by(messages.c.created_at, messages.c.recipient)
    )
    return [Left(*row) for row in connection.execute(query)]


def left_behind(connection: Connection, due_before: datetime) -> int:
    """How many should have left before a moment and have not."""
    late = (table.c.message_id.is_(None)) & (table.c.due_at <= due_before)
    return int(connection.execute(select(func.count()).where(late)).scalar() or 0)


def _values(notice: Notice) -> dict[str, Any]:
    return {
        "id": notice.id,
        "recipient": notice.recipient,
        "about": notice.about.value,
        "thread": notice.thread,
        "urgent": notice.urgent,
        "facts": dict(notice.facts),
        "created_at": notice.created_at,
        "due_at": notice.due_at,
        "readers": notice.readers,
    }


def _notice(row: Any) -> Notice:
    return Notice(
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
