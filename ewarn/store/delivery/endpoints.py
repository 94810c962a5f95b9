"""Store the state of endpoints: which fail, since when, and which are switched off."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from ewarn.store.database import locks
from ewarn.store.tables.delivery import endpoint as table


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The state of a recipient's address. An address that never failed is not stored.

    `id` is the id of the recipient.
    """

    id: str
    failing_since: datetime | None = None
    delivered_at: datetime | None = None
    disabled_at: datetime | None = None
    reason: str = ""


def find(connection: Connection, ids: Collection[str] | None = None) -> dict[str, Endpoint]:
    """Return the stored endpoints with the given ids, or all if `ids` is None, by id."""
    query = select(table).order_by(table.c.id)
    if ids is not None:
        query = query.where(table.c.id.in_(ids))
    return {row.id: Endpoint(**row._asdict()) for row in connection.execute(query)}


def hold(connection: Connection) -> None:
    """Lock the endpoints against other writers until the transaction ends."""
    locks.hold(connection, table)


def failed(connection: Connection, id_: str, now: datetime, reason: str) -> datetime:
    """Record a failure and return since when the endpoint has been failing."""
    known = find(connection, [id_]).get(id_)
    since = known.failing_since if known is not None and known.failing_since else now
    _put(connection, id_, known is None, failing_since=since, reason=reason)
    return since


def recovered(connection: Connection, id_: str, now: datetime) -> None:
    """Record that an endpoint that failed accepts messages again."""
    _put(connection, id_, False, failing_since=None, delivered_at=now, reason="")


def disable(connection: Connection, id_: str, now: datetime, reason: str) -> None:
    """Switch an endpoint off: nothing is sent there until somebody switches it on again."""
    known = id_ in find(connection, [id_])
    _put(connection, id_, not known, disabled_at=now, reason=reason)


def enable(connection: Connection, id_: str) -> bool:
    """Switch an endpoint on again. Return whether it was off."""
    done = connection.execute(
        update(table)
        .where(table.c.id == id_, table.c.disabled_at.is_not(None))
        .values(disabled_at=None, failing_since=None, reason="")
    )
    return done.rowcount == 1


def _put(connection: Connection, id_: str, new: bool, **values: object) -> None:
    if new:
        connection.execute(insert(table).values(id=id_, **({"reason": ""} | values)))
    else:
        connection.execute(update(table).where(table.c.id == id_).values(**values))
