"""Store heartbeats: when each part of a worker last reported that it runs, and what it found."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from ewarn.store.database.conflicts import insert_into
from ewarn.store.tables.delivery import heartbeat as table

DELIVERER, AUDITOR, RULES = "deliverer", "auditor", "rules"


def beat(connection: Connection, name: str, now: datetime, says: dict[str, Any]) -> None:
    """Record that a part of a worker runs, with what it found."""
    values = {"at": now, "says": says}
    said = insert_into(connection, table).values(name=name, **values)
    connection.execute(said.on_conflict_do_update(index_elements=[table.c.name], set_=values))


def last(connection: Connection, name: str) -> tuple[datetime, dict[str, Any]] | None:
    """Return time and findings of the last heartbeat of a part, or None if there is none."""
    row = connection.execute(select(table.c.at, table.c.says).where(table.c.name == name)).first()
    return None if row is None else (row.at, row.says)
