"""The deliverer sends due messages while jobs run, and detects messages that nobody sends."""

from datetime import datetime, timedelta

import structlog

from ewarn.errors import StoreError
from ewarn.pipeline.delivery.audit import record_audit
from ewarn.pipeline.delivery.deliver import DeliveryReport, deliver
from ewarn.run.work.context import WorkerContext
from ewarn.store.delivery import heartbeats

_SAY_EVERY = timedelta(seconds=30)


class Deliverer:
    """Delivers messages, and records heartbeats that show that a worker delivers."""

    def __init__(self, context: WorkerContext) -> None:
        self._context = context
        self._said_at: datetime | None = None

    def deliver_until_stopped(self) -> None:
        """Deliver in rounds until stopped. An error ends a round, but never the deliverer."""
        context = self._context
        while not context.stop.is_set():
            try:
                deliver(context.service.with_current_rules(), context.clock, context.stop)
                self._say_delivering()
            except StoreError as error:
                structlog.get_logger().error("nothing was delivered", reason=str(error))
            except Exception as error:  # deliveries must go on after any error in the code
                structlog.get_logger().error("nothing was delivered", exc_info=error)
            context.stop.wait(context.timing.idle)

    def deliver_once(self) -> DeliveryReport | None:
        """Deliver the messages that are due, and return None if stopped before the end."""
        context = self._context
        service = context.service.with_current_rules()
        report = context.unless_stopped(lambda: deliver(service, context.clock))
        self._say_delivering()
        return report

    def audit(self) -> None:
        """Look for messages that nobody delivers, and record the state of the rules.

        Ping the external monitor if no message is left behind.
        """
        service, clock = self._context.service, self._context.clock
        try:
            with service.store.write() as connection:
                found = record_audit(connection, clock())
                said = {"worker": self._context.holder, "problem": service.rules_problem()}
                heartbeats.beat(connection, heartbeats.RULES, clock(), said)
        except StoreError as error:
            structlog.get_logger().error("the deliveries were not audited", reason=str(error))
            return
        if not found.is_healthy:
            structlog.get_logger().error("messages are not delivered", reason=found.sentence)
        elif service.ping is not None:
            service.ping()

    def _say_delivering(self) -> None:
        """Record, twice a minute at most, that a worker delivers."""
        now = self._context.clock()
        if self._said_at is not None and now - self._said_at < _SAY_EVERY:
            return
        with self._context.service.store.write() as connection:
            heartbeats.beat(connection, heartbeats.DELIVERER, now, {"worker": self._context.holder})
        self._said_at = now
