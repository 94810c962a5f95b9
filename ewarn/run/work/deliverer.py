"""The deliverer: it sends what may leave beside the jobs, and looks for what nobody sends."""

from datetime import datetime, timedelta

import structlog

from ewarn.errors import StoreError
from ewarn.pipeline.delivery.audit import audited
from ewarn.pipeline.delivery.deliver import DeliveryReport, deliver
from ewarn.run.work.context import WorkerContext
from ewarn.store.delivery import heartbeats

_SAY_EVERY = timedelta(seconds=30)


class Deliverer:
    """Delivers, and leaves word that somebody does."""

    def __init__(self, context: WorkerContext) -> None:
        self._context = context
        self._said_at: datetime | None = None

    def deliver_until_stopped(self) -> None:
        """Deliver round after round; a fault ends a round, never the deliverer."""
        context = self._context
        while not context.stop.is_set():
            try:
                deliver(context.service.with_current_rules(), context.clock, context.stop)
                self._say_delivering()
            except StoreError as error:
                structlog.get_logger().error("nothing was delivered", reason=str(error))
            except Exception as error:  # delivering outlives any fault of ours
                structlog.get_logger().error("nothing was delivered", exc_info=error)
            context.stop.wait(context.timing.idle)

    def deliver_once(self) -> DeliveryReport | None:
        """Deliver what may leave now; None if told to stop before its end."""
        context = self._context
        service = context.service.with_current_rules()
        report = context.unless_stopped(lambda: deliver(service, context.clock))
        self._say_delivering()
        return report

    def audit(self) -> None:
        """Look for what nobody delivers, leave word of the rules, and tell the outside monitor if
        all is well."""
        service, clock = self._context.service, self._context.clock
        try:
            with service.store.write() as connection:
                found = audited(connection, clock())
                said = {"worker": self._context.holder, "problem": service.rules_problem()}
                heartbeats.beat(connection, heartbeats.RULES, clock(), said)
        except StoreError as error:
            structlog.get_logger().error("nothing was audited", reason=str(error))
            return
        if not found.is_well:
            structlog.get_logger().error("deliveries are left behind", reason=found.sentence)
        elif service.ping is not None:
            service.ping()

    def _say_delivering(self) -> None:
        """Leave word, twice a minute at most, that somebody delivers."""
        now = self._context.clock()
        if self._said_at is not None and now - self._said_at < _SAY_EVERY:
            return
        with self._context.service.store.write() as connection:
            heartbeats.beat(connection, heartbeats.DELIVERER, now, {"worker": self._context.holder})
        self._said_at = now
