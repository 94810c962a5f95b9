"""Sessions of people on the pages."""

from datetime import datetime

from sqlalchemy import Connection, delete, insert, or_, select, update

from ewarn.domain.key import IDLE_FOR, LONGEST, Session
from ewarn.store.tables.access import page_session as table


def add(connection: Connection, session: Session) -> None:
    """Store a session."""
    values = {each.name: getattr(session, each.name) for each in table.c}
    connection.execute(insert(table).values(values))


def find(connection: Connection, token_hash: str) -> Session | None:
    """Return the session whose token has a hash, or None."""
    row = connection.execute(select(table).where(table.c.token_hash == token_hash)).first()
    return None if row is None else Session(**row._asdict())


def record_use(connection: Connection, token_hash: str, now: datetime) -> None:
    """Store that the person did something."""
    connection.execute(update(table).where(table.c.token_hash == token_hash).values(used_at=now))


def end(connection: Connection, token_hash: str) -> None:
    """Delete a session."""
    connection.execute(delete(table).where(table.c.token_hash == token_hash))


def delete_ended(connection: Connection, now: datetime) -> None:
    """Delete the sessions that ended by their age, or because the person was away."""
    is_old = or_(table.c.created_at <= now - LONGEST, table.c.used_at <= now - IDLE_FOR)
    connection.execute(delete(table).where(is_old))
