"""The verb `deliver`: send what may leave, each result its own commit.

Each address has a thread of its own, in which its messages go one after the other: what is slow
holds up nobody else, and one that fails is asked only once before the others of its messages wait.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby
from queue import Empty, SimpleQueue
from threading import Event

from sqlalchemy import Connection

from ewarn.domain.delivery import Notification, Outcome, Receipt
from ewarn.notify.retry import DELAYS, after
from ewarn.pipeline.endpoints import note
from ewarn.pipeline.hands import in_thread
from ewarn.pipeline.service import Service
from ewarn.pipeline.telling import send_due
from ewarn.store import endpoints, notices, outbox, subscriptions

LEASE = timedelta(minutes=2)
LONGEST_ATTEMPT = timedelta(seconds=20)  # no attempt begins that might outlive its lease
BATCH = 50
HANDS = 8


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """How many notifications were delivered, will be tried again, or were given up."""

    delivered: int
    waiting: int
    dead: int


def deliver(
    service: Service, clock: Callable[[], datetime], stop: Event | None = None
) -> DeliveryReport:
    """Deliver all that is due now. At least once: a repeat carries the same id.

    `clock` is asked before each attempt, because an attempt may take long. Once `stop` is set no
    further attempt begins, and what was leased is given back.
    """
    told_to_stop = stop or Event()
    start = clock()
    states: list[str] = []
    _send_due(service, start)
    while not told_to_stop.is_set() and (leased := _lease(service, start)):
        states += _deliver_batch(service, clock, leased, told_to_stop)
    return DeliveryReport(*(states.count(state) for state in ("delivered", "waiting", "dead")))


def _send_due(service: Service, now: datetime) -> None:
    """Put into the outbox what waited for its hour."""
    with service.store.read() as connection:
        if not notices.recipients_due(connection, now):
            return
    with service.store.write() as connection:
        send_due(connection, service, now)


def _lease(service: Service, now: datetime) -> list[outbox.Leased]:
    with service.store.read() as connection:
        if not outbox.is_due(connection, now):
            return []
    with service.store.write() as connection:
        leased = outbox.lease(connection, now, limit=BATCH, duration=LEASE)
        return _signed(connection, leased, now)


def _signed(
    connection: Connection, leased: Sequence[outbox.Leased], now: datetime
) -> list[outbox.Leased]:
    """Each with the names of the secrets that sign for its subscription at this moment."""
    signers = {each.id: each.signers_at(now) for each in subscriptions.of_keys(connection)}
    return [
        replace(item, notification=replace(item.notification, signers=signers[item.endpoint]))
        if item.endpoint in signers
        else item
        for item in leased
    ]


def _deliver_batch(
    service: Service, clock: Callable[[], datetime], leased: Sequence[outbox.Leased], stop: Event
) -> list[str]:
    ordered = sorted(leased, key=lambda item: item.endpoint)  # stable: each in its order
    lines = [list(items) for _, items in groupby(ordered, key=lambda item: item.endpoint)]
    with service.store.read() as connection:
        failing = set(endpoints.find(connection, {item.endpoint for item in leased}))
    queue: SimpleQueue[list[outbox.Leased]] = SimpleQueue()
    for line in lines:
        queue.put(line)

    def work_off() -> list[str]:
        states = []
        while (line := _next(queue)) is not None:
            states += _line(service, clock, line, failing, stop)
        return states

    hands = [in_thread(work_off) for _ in range(min(HANDS, len(lines)))]
    return [state for hand in hands for state in hand.result()]


def _next(queue: "SimpleQueue[list[outbox.Leased]]") -> list[outbox.Leased] | None:
    try:
        return queue.get_nowait()
    except Empty:
        return None


def _line(
    service: Service,
    clock: Callable[[], datetime],
    line: Sequence[outbox.Leased],
    failing: set[str],
    stop: Event,
) -> list[str]:
    """The messages of one address, in order, until one of them must be tried again."""
    states = []
    for place, item in enumerate(line):
        now = clock()
        if stop.is_set() or now + LONGEST_ATTEMPT > item.leased_until:
            _release(service, line[place:], now)
            break
        receipt = _attempt(service, item.notification, now)
        state = _settle(service, item, receipt, clock(), was_failing=item.endpoint in failing)
        states.append(state)
        if receipt.outcome is Outcome.RETRY:
            _release(service, line[place + 1 :], clock() + DELAYS[0])
            break
    return states


def _attempt(service: Service, notification: Notification, now: datetime) -> Receipt:
    notifier = service.notifiers.get(notification.channel)
    if notifier is None:
        reason = f"the channel {notification.channel!r} is not switched on"
        return Receipt(Outcome.RETRY, reason)
    return notifier.send(notification, now)


def _settle(
    service: Service, item: outbox.Leased, receipt: Receipt, now: datetime, *, was_failing: bool
) -> str:
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
        if was_failing or receipt.outcome is not Outcome.DELIVERED:
            note(connection, service, item.endpoint, receipt, now)
    return verdict.state


def _release(service: Service, items: Sequence[outbox.Leased], at: datetime) -> None:
    if not items:
        return
    with service.store.write() as connection:
        outbox.release(connection, [item.notification.id for item in items], at)
