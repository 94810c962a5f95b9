"""Store silences and their ends."""

from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from ewarn.domain.silence import Silence
from ewarn.errors import UsageError
from ewarn.languages import refused_acts
from ewarn.store.tables.alerts import silence as table

_LISTS = ("countries", "regions", "targets", "rules")


def add(connection: Connection, silence: Silence) -> None:
    """Store a new silence.

    Raises:
        UsageError: The silence names nothing, so that it would cover every alert.
    """
    if not silence.names_something:
        raise UsageError(refused_acts.SILENCE_OF_NOTHING())
    values = {name: list(v) if name in _LISTS else v for name, v in asdict(silence).items()}
    connection.execute(insert(table).values(**values))


def find(connection: Connection, id_: str) -> Silence | None:
    """Return the silence with an id, or None if there is none."""
    row = connection.execute(select(table).where(table.c.id == id_)).first()
    return None if row is None else _silence(row._asdict())


def in_force(connection: Connection, at: datetime) -> list[Silence]:
    """Return the silences that are in force at a moment, ordered by id."""
    rows = connection.execute(select(table).where(table.c.ends_at > at).order_by(table.c.id))
    return [each for row in rows if (each := _silence(row._asdict())).in_force(at)]


def since(connection: Connection, ended_after: datetime) -> list[Silence]:
    """Return the silences whose planned end is after a moment, the latest end first."""
    query = select(table).where(table.c.ends_at > ended_after)
    rows = connection.execute(query.order_by(table.c.ends_at.desc(), table.c.id))
    return [_silence(row._asdict()) for row in rows]


def end(connection: Connection, ids: Collection[str], at: datetime, by: str) -> None:
    """End silences early. A silence that was ended already keeps its end."""
    chosen = table.c.id.in_(ids) & table.c.ended_at.is_(None)
    connection.execute(update(table).where(chosen).values(ended_at=at, ended_by=by))


def _silence(values: dict[str, Any]) -> Silence:
    lists: dict[str, Any] = {name: tuple(values.pop(name)) for name in _LISTS}
    return Silence(**values, **lists)
