"""Leases: one holder at a time, and an epoch that tells who held before from who holds now.

A lease is a promise about time, and a process may sleep through its end without knowing it. So
whoever writes under a lease proves its epoch in the transaction that writes: a row that another
has taken since carries another epoch, and the late writer is refused.
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

LEADER = "leader"  # who queues slots
LENGTH = timedelta(seconds=60)  # of leading, and of a slot


@dataclass(frozen=True, slots=True)
class Lease:
    """Who holds a name, for the which time it changed hands, and until when."""

    name: str
    holder: str
    epoch: int
    leased_until: datetime

    def has_lapsed(self, now: datetime, length: timedelta = LENGTH) -> bool:
        """Whether another may take it: its end has come, or lies too far ahead to be believed."""
        return is_lapsed(self.leased_until, now, length)


def acquire(
    connection: Connection, name: str, holder: str, now: datetime, length: timedelta
) -> int | None:
    """Take a free or lapsed lease under the next epoch, or extend one's own under the same.

    Returns the epoch, None while somebody else holds it.
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
    """Prove an epoch for the rest of this transaction; raises LeaseLost if another took over."""
    mine = select(table.c.epoch).where(table.c.name == name, table.c.epoch == epoch)
    if connection.execute(mine.with_for_update()).first() is None:
        raise LeaseLost(
            f"the lease {name!r} went to another worker since epoch {epoch}, so nothing was "
            "written; see that no worker stands still and that their clocks agree"
        )


def release(connection: Connection, name: str, holder: str, now: datetime) -> None:
    """Let go of a lease, if it is one's own: the next may take it at once."""
    connection.execute(
        update(table).where(table.c.name == name, table.c.holder == holder).values(leased_until=now)
    )


def current(connection: Connection, name: str) -> Lease | None:
    """Who held a lease last, lapsed or not; None if it was never taken."""
    row = connection.execute(select(table).where(table.c.name == name)).first()
    return None if row is None else Lease(row.name, row.holder, row.epoch, row.leased_until)


class FencedStore(Store):
    """A store whose every write proves first that the writer still holds what it works under.

    `hold` raises LeaseLost where it does not, and else keeps others off until the transaction
    ends. It is asked again before the commit, so that a long transaction leaves a lease that it
    outlived as fresh as it found it.
    """

    def __init__(self, store: Store, hold: Callable[[Connection], None]) -> None:
        self.url, self.engine = store.url, store.engine  # the same database, not a second pool
        self._hold = hold

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A write transaction of the holder; raises LeaseLost, with nothing written."""
        with super().write() as connection:
            self._hold(connection)
            yield connection
            self._hold(connection)
