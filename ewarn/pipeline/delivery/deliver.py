"""The verb `deliver`: send what may leave, and write down at once what came of it.

Each address has a thread of its own, in which its messages go one after the other: what is slow
holds up nobody else, and one that fails is asked only once before the others of its messages wait.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import groupby
from queue import Empty, SimpleQueue
from threading import Event

import structlog
from sqlalchemy import Connection

from ewarn.domain.delivery import Notification, Outcome, Receipt
from ewarn.notify.email import ATTEMPT_SECONDS
from ewarn.notify.retry import DELAYS
from ewarn.pipeline.delivery.daemon_threads import in_thread
from ewarn.pipeline.delivery.messages import compose_due
from ewarn.pipeline.delivery.result_writer import Result, Settling
from ewarn.pipeline.service import Service
from ewarn.store.delivery import endpoints, outbox, subscriptions

LEASE = timedelta(minutes=2)
# No attempt begins that might outlive its lease; the slowest channel is mail.
LONGEST_ATTEMPT = timedelta(seconds=ATTEMPT_SECONDS) + timedelta(seconds=10)
BATCH = 100
# A quick receiver's answers are committed together: a commit each would take as long as they do.
WRITTEN_WITHIN = timedelta(milliseconds=50)
HANDS = 8


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """How many messages were delivered, will be tried again, or were given up; and those that were
    composed now."""

    delivered: int
    waiting: int
    dead: int
    composed: tuple[Notification, ...] = ()

    @property
    def counts(self) -> dict[str, int]:
        """How many by what became of them."""
        return {"delivered": self.delivered, "waiting": self.waiting, "dead": self.dead}


def deliver(
    service: Service, clock: Callable[[], datetime], stop: Event | None = None
) -> DeliveryReport:
    """Compose what may leave, and deliver all that is due now. At least once: a repeat carries the
    same id.

    `clock` is asked before each attempt, because an attempt may take long. Once `stop` is set no
    further attempt begins, and what was leased is given back.
    """
    told_to_stop = stop or Event()
    start = clock()
    states: list[str] = []
    composed = compose_due(service, start)
    waits = _is_due(service, start)
    while waits and not told_to_stop.is_set():
        leased, failing = _lease(service, start, clock())
        states += _deliver_batch(service, clock, leased, failing, told_to_stop)
        waits = len(leased) == BATCH
    return DeliveryReport(
        delivered=states.count("delivered"),
        waiting=states.count("waiting"),
        dead=states.count("dead"),
        composed=tuple(composed),
    )


def _is_due(service: Service, now: datetime) -> bool:
    with service.store.read() as connection:
        return outbox.is_due(connection, now, duration=LEASE)


def _lease(
    service: Service, start: datetime, now: datetime
) -> tuple[list[outbox.Leased], frozenset[str]]:
    """Some messages that are due, and which of their addresses have failed before."""
    with service.store.write() as connection:
        leased = outbox.lease(connection, now, due_by=start, limit=BATCH, duration=LEASE)
        known = endpoints.find(connection, {item.endpoint for item in leased})
        failing = frozenset(each.id for each in known.values() if each.failing_since is not None)
        return _signed(connection, leased, now), failing


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
    service: Service,
    clock: Callable[[], datetime],
    leased: Sequence[outbox.Leased],
    failing: frozenset[str],
    stop: Event,
) -> list[str]:
    ordered = sorted(leased, key=lambda item: item.endpoint)  # stable: each in its order
    queue: SimpleQueue[list[outbox.Leased]] = SimpleQueue()
    for _, line in groupby(ordered, key=lambda item: item.endpoint):
        queue.put(list(line))
    settling = Settling(service)
    hands = [
        _Hand(service, clock, settling, failing, stop) for _ in range(min(HANDS, queue.qsize()))
    ]
    working = [in_thread(partial(hand.work_off, queue)) for hand in hands]
    return [state for each in working for state in each.result()]


class _Hand:
    """One thread's work: the messages of one address after those of another."""

    def __init__(
        self,
        service: Service,
        clock: Callable[[], datetime],
        settling: Settling,
        failing: frozenset[str],
        stop: Event,
    ) -> None:
        self._service = service
        self._clock = clock
        self._settling = settling
        self._failing = failing
        self._stop = stop
        self._unwritten: list[Result] = []
        self._states: list[str] = []

    def work_off(self, queue: "SimpleQueue[list[outbox.Leased]]") -> list[str]:
        """Send until nothing is queued; the states that messages are in afterwards."""
        while (line := _next(queue)) is not None:
            self._send(line)
        self._write()
        return self._states

    def _send(self, line: Sequence[outbox.Leased]) -> None:
        """The messages of one address, in order, until one does not get through."""
        for place, item in enumerate(line):
            now = self._clock()
            if self._stop.is_set() or now + LONGEST_ATTEMPT > item.leased_until:
                return self._give_back(line[place:])
            result = self._attempt(item, now)
            if result.receipt.outcome in (Outcome.RETRY, Outcome.GONE):
                return self._put_off(line[place:], result.at + DELAYS[0])
            if result.at - self._unwritten[0].at >= WRITTEN_WITHIN:
                self._write()
        return None

    def _attempt(self, item: outbox.Leased, now: datetime) -> Result:
        receipt = _handed_over(self._service, item.notification, now)
        is_failing = item.endpoint in self._failing
        result = Result(item, receipt, self._clock(), was_failing=is_failing)
        self._unwritten.append(result)
        self._states.append(result.verdict.state)
        return result

    def _give_back(self, items: Sequence[outbox.Leased]) -> None:
        """What was not tried keeps its place."""
        self._write()
        with self._service.store.write() as connection:
            outbox.release(connection, items)

    def _put_off(self, line: Sequence[outbox.Leased], until: datetime) -> None:
        """After the first of a line failed, all that waits for its address waits with it.

        The failure is written first, as it may switch the address off.
        """
        self._write()
        with self._service.store.write() as connection:
            outbox.release(connection, line[1:])
            failed = line[0]
            outbox.put_off(connection, failed.endpoint, until, besides=failed.notification.id)

    def _write(self) -> None:
        self._settling.settle(self._unwritten)
        self._unwritten = []


def _next(queue: "SimpleQueue[list[outbox.Leased]]") -> list[outbox.Leased] | None:
    try:
        return queue.get_nowait()
    except Empty:
        return None


def _handed_over(service: Service, notification: Notification, now: datetime) -> Receipt:
    notifier = service.notifiers.get(notification.channel)
    if notifier is None:
        reason = f"the channel {notification.channel!r} is not switched on"
        return Receipt(Outcome.RETRY, reason)
    try:
        return notifier.send(notification, now)
    except Exception as error:  # of a channel that breaks its promise: one message, not all
        structlog.get_logger().error("a fault of a channel", id=notification.id, exc_info=error)
        return Receipt(Outcome.RETRY, f"a fault of the channel ({type(error).__name__})")
