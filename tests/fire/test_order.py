"""Tests that a failing address delays no other, and that no end comes before its beginning."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from ewarn.domain.delivery import Message, Outcome, Receipt
from ewarn.pipeline.delivery.deliver import LEASE, deliver
from ewarn.pipeline.service import Service
from ewarn.store.delivery import deliveries, outbox
from tests.pipeline.invented import Postbox
from tests.pipeline.weeks import HOUR, REGION, play, recipient, told_to
from tests.scores import moment

NOW = moment(0)
SECOND = timedelta(seconds=1)


@dataclass
class Slow:
    """A channel that is held up in its first message until it is let go."""

    name: str = "log"
    sent: list[Message] = field(default_factory=list)
    reached: threading.Event = field(default_factory=threading.Event)
    let_go: threading.Event = field(default_factory=threading.Event)

    def send(self, message: Message, now: datetime) -> Receipt:
        if not self.reached.is_set():
            self.reached.set()
            assert self.let_go.wait(20)
        self.sent.append(message)
        return Receipt(Outcome.DELIVERED, "kept")


def put(service: Service, *made: tuple[str, str, datetime]) -> None:
    """Messages as (number, address, moment)."""
    messages = [
        (f"log:{to}", Message(f"msg_{name}", "log", to, "s", "t", {"items": []}, at))
        for name, to, at in made
    ]
    with service.store.write() as connection:
        outbox.enqueue(connection, messages)


def kinds(messages: Sequence[Message], region: str = REGION) -> list[str]:
    return [
        step["change"]
        for message in messages
        for item in message.body["items"]
        if item["region"] == region
        for step in item["changes"]
    ]


def test_a_worker_with_empty_hands_does_not_tell_the_end_before_the_beginning(
    service: Service,
) -> None:
    slow = Slow()
    desk = replace(told_to(service, recipient(), keep_for=1), notifiers={"log": slow})
    play(desk, 0, {"TG-K": 0.3}, hours=0)  # another worker is busy with this one
    play(desk, 0, {REGION: 0.3}, hours=1)
    with ThreadPoolExecutor(1) as hands:
        busy = hands.submit(deliver, desk, lambda: moment(1))
        assert slow.reached.wait(20)
        play(desk, 1, {REGION: 0.01, "TG-P": 0.3})  # an end leaves together with other news
        deliver(desk, lambda: moment(1) + SECOND)
        assert kinds(slow.sent) == []  # the beginning is claimed by another worker
        slow.let_go.set()
        busy.result(20)
    deliver(desk, lambda: moment(1) + 2 * SECOND)
    assert kinds(slow.sent) == ["opened", "closed"]


def test_news_of_other_alerts_does_not_wait_for_them(service: Service) -> None:
    slow = Slow()
    desk = replace(told_to(service, recipient()), notifiers={"log": slow})
    play(desk, 0, {"TG-K": 0.3})
    with ThreadPoolExecutor(1) as hands:
        busy = hands.submit(deliver, desk, lambda: NOW)
        assert slow.reached.wait(20)
        play(desk, 0, {REGION: 0.3}, hours=1)
        deliver(desk, lambda: NOW + HOUR)
        assert kinds(slow.sent) == ["opened"]
        slow.let_go.set()
        busy.result(20)


def test_what_a_slow_worker_gives_back_keeps_its_place(service: Service, postbox: Postbox) -> None:
    made = [(f"{9 - number}", "desk", NOW + number * SECOND) for number in range(3)]
    put(service, *made)
    moments = iter([NOW + 2 * SECOND, NOW + 2 * SECOND])
    late = NOW + 2 * SECOND + LEASE

    def clock() -> datetime:
        return next(moments, late)  # the lease nearly ends before the first attempt

    stop = threading.Event()

    def stopping() -> datetime:
        now = clock()
        if now == late:
            stop.set()
        return now

    deliver(service, stopping, stop)
    assert postbox.sent == []
    put(service, ("5", "desk", NOW + 3 * SECOND))
    deliver(service, lambda: late)
    assert [each.id for each in postbox.sent] == ["msg_9", "msg_8", "msg_7", "msg_5"]


def test_an_address_that_fails_is_asked_once_however_much_waits_for_it(service: Service) -> None:
    broken = Postbox(Receipt(Outcome.RETRY, "HTTP 503"))
    put(service, *((f"{number:03}", "desk", NOW) for number in range(120)))
    both = replace(service, notifiers={"log": broken})
    deliver(both, lambda: NOW)
    assert len(broken.sent) == 1
    deliver(both, lambda: NOW + 4 * SECOND)
    tried = len(broken.sent)  # the failed one, if it is due
    assert tried <= 2
    broken.receipt = Receipt(Outcome.DELIVERED, "ok")
    deliver(both, lambda: NOW + HOUR)
    assert len(broken.sent) == tried + 120


def test_a_channel_that_breaks_down_is_counted_and_given_up_like_any_other(
    service: Service, postbox: Postbox
) -> None:
    class Broken(Postbox):
        def send(self, message: Message, now: datetime) -> Receipt:
            super().send(message, now)
            raise UnicodeError("an invented fault")

    broken = Broken(name="webhook")
    put(service, ("fine", "desk", NOW))
    with service.store.write() as connection:
        one = Message("msg_bad", "webhook", "x", "s", "t", {"items": []}, NOW)
        outbox.enqueue(connection, [("hook", one)])
    both = replace(service, notifiers={"log": postbox, "webhook": broken})
    now: Any = NOW
    for _ in range(12):
        deliver(both, lambda: now)  # noqa: B023 (it is called at once)
        now += timedelta(days=2)
    assert postbox.sent[0].id == "msg_fine"
    with service.store.read() as connection:
        tried = deliveries.attempts_of(connection, "msg_bad")
        (left,) = deliveries.find(connection, now, ids=["msg_bad"])
    assert {each["detail"] for each in tried} == {"a fault of the channel (UnicodeError)"}
    assert left.state == outbox.DEAD


def test_a_clock_that_jumps_back_loses_nothing_and_doubles_nothing(
    service: Service, postbox: Postbox
) -> None:
    desk = told_to(service, recipient(), keep_for=1)
    play(desk, 0, {REGION: 0.3}, hours=5)
    deliver(desk, lambda: NOW)  # five hours earlier: it is not due yet
    assert postbox.sent == []
    put(service, ("leased", "desk", NOW))
    with service.store.write() as connection:
        outbox.lease(connection, NOW + LEASE, duration=LEASE)  # its worker died
    deliver(desk, lambda: NOW + LEASE)
    assert postbox.sent == []
    deliver(desk, lambda: NOW + 5 * HOUR)
    deliver(desk, lambda: NOW + 4 * HOUR)
    deliver(desk, lambda: NOW + 6 * HOUR)
    assert sorted(kinds([each]) or [each.id] for each in postbox.sent) == [
        ["msg_leased"],
        ["opened"],
    ]
