"""The verb `deliver`: send the messages that are due, and store the result of each attempt at once.

Each address has its messages sent by one thread, one after the other. So a slow address delays no
other address. An address that fails is asked only once per run: its other messages wait for the
retry.
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

from ewarn.domain.delivery import Message, Outcome, Receipt
from ewarn.notify.channels.email import ATTEMPT_SECONDS
from ewarn.notify.channels.retry import DELAYS
from ewarn.pipeline.delivery.daemon_threads import in_thread
from ewarn.pipeline.delivery.messages import compose_due
from ewarn.pipeline.delivery.result_writer import Result, ResultWriter
from ewarn.pipeline.service import Service
from ewarn.store.delivery import endpoints, outbox, subscriptions

LEASE = timedelta(minutes=2)
# No attempt begins that might outlive its lease; the slowest channel is mail.
LONGEST_ATTEMPT = timedelta(seconds=ATTEMPT_SECONDS) + timedelta(seconds=10)
BATCH = 100
# The answers of a quick receiver are committed together: one commit takes as long as one answer.
# The time counts from the start of the first attempt, so that no result waits for a slow answer.
WRITTEN_WITHIN = timedelta(milliseconds=50)
SENDERS = 8


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """How many messages were delivered, will be retried or were given up, and the composed ones."""

    delivered: int
    waiting: int
    dead: int
    composed: tuple[Message, ...] = ()

    @property
    def counts(self) -> dict[str, int]:
        """Return the number of messages by their state after this run."""
        return {"delivered": self.delivered, "waiting": self.waiting, "dead": self.dead}


def deliver(
    service: Service, clock: Callable[[], datetime], stop: Event | None = None
) -> DeliveryReport:
    """Compose the messages that may leave, and deliver all that are due now.

    Delivery is at least once: a message that is sent again carries the same id.

    Args:
        service: The parts of the service.
        clock: Returns the current time. It is called before each attempt, because an attempt may
            take long.
        stop: Once it is set, no further attempt begins, and messages that were leased are released.
    """
    stopping = stop or Event()
    start = clock()
    states: list[str] = []
    composed = compose_due(service, start)
    waits = _is_due(service, start)
    while waits and not stopping.is_set():
        leased, failing = _lease(service, start, clock())
        states += _deliver_batch(service, clock, leased, failing, stopping)
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
    """Lease some of the messages that are due.

    Returns:
        The leased messages, and the ids of those of their addresses that have failed before.
    """
    with service.store.write() as connection:
        leased = outbox.lease(connection, now, due_by=start, limit=BATCH, duration=LEASE)
        known = endpoints.find(connection, {item.endpoint for item in leased})
        failing = frozenset(each.id for each in known.values() if each.failing_since is not None)
        return _signed(connection, leased, now), failing


def _signed(
    connection: Connection, leased: Sequence[outbox.Leased], now: datetime
) -> list[outbox.Leased]:
    """Return the leased messages with the names of the secrets that sign for their recipients."""
    signers = {each.id: each.signers_at(now) for each in subscriptions.of_keys(connection)}
    return [
        replace(item, message=replace(item.message, signers=signers[item.endpoint]))
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
    # The sort is stable, so the messages of one address keep their order.
    ordered = sorted(leased, key=lambda item: item.endpoint)
    queue: SimpleQueue[list[outbox.Leased]] = SimpleQueue()
    for _, of_address in groupby(ordered, key=lambda item: item.endpoint):
        queue.put(list(of_address))
    writer = ResultWriter(service)
    senders = [
        _Sender(service, clock, writer, failing, stop) for _ in range(min(SENDERS, queue.qsize()))
    ]
    working = [in_thread(partial(sender.send_all, queue)) for sender in senders]
    return [state for each in working for state in each.result()]


class _Sender:
    """The work of one thread: send the messages of one address, then those of the next address."""

    def __init__(
        self,
        service: Service,
        clock: Callable[[], datetime],
        writer: ResultWriter,
        failing: frozenset[str],
        stop: Event,
    ) -> None:
        self._service = service
        self._clock = clock
        self._writer = writer
        self._failing = failing
        self._stop = stop
        self._unwritten: list[Result] = []
        self._states: list[str] = []

    def send_all(self, queue: "SimpleQueue[list[outbox.Leased]]") -> list[str]:
        """Send until the queue is empty, and return the states of the messages."""
        while (of_address := _next(queue)) is not None:
            self._send_in_order(of_address)
        self._write()
        return self._states

    def _send_in_order(self, messages: Sequence[outbox.Leased]) -> None:
        """Send the messages of one address in order, until one does not get through."""
        for place, item in enumerate(messages):
            now = self._clock()
            if self._stop.is_set() or now + LONGEST_ATTEMPT > item.leased_until:
                return self._release(messages[place:])
            result = self._attempt(item, now)
            if result.receipt.outcome in (Outcome.RETRY, Outcome.GONE):
                return self._put_off(messages[place:], result.at + DELAYS[0])
            if result.at - self._unwritten[0].begun >= WRITTEN_WITHIN:
                self._write()
        return None

    def _attempt(self, item: outbox.Leased, now: datetime) -> Result:
        receipt = _send(self._service, item.message, now)
        is_failing = item.endpoint in self._failing
        result = Result(item, receipt, now, self._clock(), was_failing=is_failing)
        self._unwritten.append(result)
        self._states.append(result.decision.state)
        return result

    def _release(self, items: Sequence[outbox.Leased]) -> None:
        """Release messages that were not tried; they keep their place in the outbox."""
        self._write()
        with self._service.store.write() as connection:
            outbox.release(connection, items)

    def _put_off(self, messages: Sequence[outbox.Leased], until: datetime) -> None:
        """Make all messages for an address wait, after the first of them failed.

        The failure is stored first, because it may switch the address off.
        """
        self._write()
        with self._service.store.write() as connection:
            failed, *others = messages
            outbox.release(connection, others)
            outbox.put_off(connection, failed.endpoint, until, besides=failed.message.id)

    def _write(self) -> None:
        self._writer.write(self._unwritten)
        self._unwritten = []


def _next(queue: "SimpleQueue[list[outbox.Leased]]") -> list[outbox.Leased] | None:
    try:
        return queue.get_nowait()
    except Empty:
        return None


def _send(service: Service, message: Message, now: datetime) -> Receipt:
    notifier = service.notifiers.get(message.channel)
    if notifier is None:
        reason = f"the channel {message.channel!r} is not switched on"
        return Receipt(Outcome.RETRY, reason)
    try:
        return notifier.send(message, now)
    except Exception as error:  # a channel with a fault may stop one message, never all of them
        structlog.get_logger().error("a fault of a channel", id=message.id, exc_info=error)
        return Receipt(Outcome.RETRY, f"a fault of the channel ({type(error).__name__})")
