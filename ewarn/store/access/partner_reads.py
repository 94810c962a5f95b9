"""What partners read: every request of a partner's key, in a hash chain."""

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from ewarn.store.database import chain
from ewarn.store.tables.access import partner_read as table


@dataclass(frozen=True, slots=True)
class PartnerRead:
    """A request of a partner. `route` is the template of the address."""

    prefix: str
    route: str
    at: datetime


def record(connection: Connection, read: PartnerRead) -> None:
    """Append a request to the chain."""
    chain.append(connection, table, [asdict(read)])


def newest(connection: Connection, prefix: str, limit: int) -> list[PartnerRead]:
    """Return the last requests of a key, the newest first."""
    rows = connection.execute(
        select(table.c.prefix, table.c.route, table.c.at)
        .where(table.c.prefix == prefix)
        .order_by(table.c.sequence.desc())
        .limit(limit)
    )
    return [PartnerRead(*row) for row in rows]


def broken_link(connection: Connection) -> int | None:
    """Return the sequence of the first row that breaks the chain, or None if it is intact."""
    return chain.broken_link(connection, table)
