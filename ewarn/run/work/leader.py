"""The leader: one of all workers queues the jobs that are due, under a lease that it renews."""

import platform
from collections.abc import Mapping

import structlog

from ewarn.errors import StoreError
from ewarn.run import schedule
from ewarn.run.schedule import Job
from ewarn.run.work.context import WorkerContext
from ewarn.store.jobs import leases


class Leader:
    """Leads if no other worker does."""

    def __init__(self, context: WorkerContext, table: Mapping[str, Job]) -> None:
        self._context = context
        self._table = table

    def lead(self) -> None:
        """Queue the due jobs if this worker leads.

        The polls of sources are spread over time. An unavailable database is logged, not raised.
        """
        try:
            epoch = self.epoch()
            if epoch is not None:
                self.queue_due(epoch, installation=platform.node())
        except StoreError as error:
            structlog.get_logger().error("nothing was queued", reason=str(error))

    def queue_due(self, epoch: int | None, installation: str | None = None) -> None:
        """Queue the due jobs now. Raises LeaseLost if another worker leads in a later epoch."""
        context = self._context
        now = context.clock()
        schedule.queue_due(
            context.service, self._table, now, epoch=epoch, installation=installation
        )

    def epoch(self) -> int | None:
        """Return the epoch in which this worker leads, or None while another worker leads."""
        context = self._context
        now, store, length = context.clock(), context.service.store, context.timing.lease
        with store.read() as connection:
            lease = leases.current(connection, leases.LEADER)
        if (
            lease is not None
            and lease.holder != context.holder
            and not lease.has_lapsed(now, length)
        ):
            return None
        with store.write() as connection:
            return leases.acquire(connection, leases.LEADER, context.holder, now, length)

    def give_back(self) -> None:
        """Give the lease back, so that another worker can lead at once."""
        context = self._context
        with context.service.store.write() as connection:
            leases.release(connection, leases.LEADER, context.holder, context.clock())
