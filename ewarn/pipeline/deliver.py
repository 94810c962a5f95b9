"""The verb `deliver`: hand over what waits in the outbox, each result its own commit."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from ewarn.domain.delivery import Outcome, Receipt
from ewarn.notify.retry import after
from ewarn.pipeline.service import Service
from ewarn.store import outbox

LEASE = timedelta(minutes=2)
BATCH = 50


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """How many notifications were delivered, will be tried again, or were given up."""

    delivered: int
    waiting: int
    dead: int


def deliver(service: Service, clock: Callable[[], datetime]) -> DeliveryReport:
    """Deliver all that is due now. At least once: a repeat carries the same id.

    `clock` is asked before each attempt, because an attempt may take long.
    """
    states = {"delivered": 0, "waiting": 0, "dead": 0}
    start = clock()
    while leased := _lease(service, start):
        for item in leased:
            notifier = service.notifiers.get(item.notification.channel)
            if notifier is None:
                reason = f"the channel {item.notification.channel!r} is not switched on"
                receipt = Receipt(Outcome.RETRY, reason)
            else:
                receipt = notifier.send(item.notification, clock())
            now = clock()
            verdict = after(receipt, item.attempts + 1, item.notification.id, now)
            with service.store.write() as connection:
                outbox.settle(
                    connection,
                    item.notification.id,
                    receipt,
                    now,
                    state=verdict.state,
                    next_attempt_at=verdict.next_attempt_at,
                )
            states[verdict.state] += 1
    return DeliveryReport(**states)


def _lease(service: Service, now: datetime) -> list[outbox.Leased]:
    with service.store.read() as connection:
        if not outbox.is_due(connection, now):
            return []
    with service.store.write() as connection:
        return outbox.lease(connection, now, limit=BATCH, duration=LEASE)
