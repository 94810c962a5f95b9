"""Leases: at most one holder at a time, and an epoch that distinguishes successive holders.

A lease is limited in time, and a process may sleep beyond its end without noticing. So a process
that writes under a lease proves its epoch in the same transaction. If another process has taken the
lease since, the epoch differs and the late write is refused.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, case, select, update

from ewarn.errors import LeaseLost
from ewarn.store.database.conflicts import insert_into
from ewarn.store.database.engine import Store
from ewarn.store.jobs.lapse import has_lapsed, is_lapsed, latest_end
from ewarn.store.tables.jobs import lease as table

LEADER = "leader"  # the lease of the process that queues slots
LENGTH = timedelta(seconds=60)  # of the leader's lease and of a claimed slot


@dataclass(frozen=True, slots=True)
class Lease:
    """A lease by name: its holder, its end, and an epoch that grows when the holder changes."""

    name: str
    holder: str
    epoch: int
    leased_until: datetime

    def has_lapsed(self, now: datetime, length: timedelta = LENGTH) -> bool:
        """Return whether another process may take it.

        It may if the end has come, or if the end is too far ahead to be plausible.
        """
        return is_lapsed(self.leased_until, now, length)


def acquire(
    connection: Connection, name: str, holder: str, now: datetime, length: timedelta
) -> int | None:
    """Take a free or lapsed lease under the next epoch, or extend one's own in the same epoch.

    Returns:
        The epoch, or None while another process holds the lease.
    """
    wanted = insert_into(connection, table).values(
        name=name, holder=holder, epoch=1, leased_until=now + length
    )
    is_own = table.c.holder == wanted.excluded.holder
    taken = wanted.on_conflict_do_update(
        index_elements=[table.c.name],
        set_={
            "holder": wanted.excluded.holder,
            "epoch": case((is_own, table.c.epoch), else_=table.c.epoch + 1),
            "leased_until": wanted.excluded.leased_until,
        },
        where=is_own | has_lapsed(table.c.leased_until, now, latest_end(now, length)),
    )
    epoch: int | None = connection.execute(taken.returning(table.c.epoch)).scalar()
    return epoch


def require(connection: Connection, name: str, epoch: int) -> None:
    """Prove that a lease is still in an epoch, and keep it so for the rest of this transaction.

    Raises:
        LeaseLost: Another process took the lease.
    """
    mine = select(table.c.epoch).where(table.c.name == name, table.c.epoch == epoch)
    if connection.execute(mine.with_for_update()).first() is None:
        raise LeaseLost(
            f"the lease {name!r} went to another worker since epoch {epoch}, so nothing was "
            "written; check that no worker is suspended and that their clocks agree"
        )


def release(connection: Connection, name: str, holder: str, now: datetime) -> None:
    """End a lease, if the holder still has it, so that another process can take it at once."""
    connection.execute(
        update(table).where(table.c.name == name, table.c.holder == holder).values(leased_until=now)
    )


def current(connection: Connection, name: str) -> Lease | None:
    """Return the last state of a lease, lapsed or not; None if it was never taken."""
    row = connection.execute(select(table).where(table.c.name == name)).first()
    return None if row is None else Lease(row.name, row.holder, row.epoch, row.leased_until)


class FencedStore(Store):
    """A store whose write transactions first prove that the writer still holds its lease.

    `hold` raises LeaseLost if the lease is lost; otherwise it keeps other workers off until the
    transaction ends. It is called again before the commit, so that the lease is still fresh after a
    long transaction.
    """

    def __init__(self, store: Store, hold: Callable[[Connection], None]) -> None:
        self.url, self.engine = store.url, store.engine  # the same database, not a second pool
        self._hold = hold

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Open a write transaction of the lease holder.

        Raises:
            LeaseLost: The lease is lost; nothing was written.
        """
        with super().write() as connection:
            self._hold(connection)
            yield connection
            self._hold(connection)
