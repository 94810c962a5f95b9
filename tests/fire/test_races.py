"""Tests of two transactions at the same time, on both databases.

On SQLite one waits for the other's whole transaction, on PostgreSQL for the rows that it needs.
"""

import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from ewarn.alerting.acts import acknowledge
from ewarn.domain.alert import AlertState
from ewarn.domain.delivery import Message, Outcome, Receipt
from ewarn.domain.silence import Silence
from ewarn.notify.channels.retry import decide_retry
from ewarn.pipeline.alerts import alert as deciding
from ewarn.pipeline.alerts.manual_actions import act
from ewarn.pipeline.delivery import messages
from ewarn.pipeline.delivery.messages import compose_due
from ewarn.pipeline.delivery.result_writer import Result, ResultWriter
from ewarn.pipeline.service import Service
from ewarn.store.alerts import alerts, silences
from ewarn.store.database.engine import Store
from ewarn.store.delivery import deliveries, endpoints, heartbeats, notifications, outbox
from ewarn.store.scores import scores
from tests.pipeline.weeks import HOUR, REGION, alert, play, recipient, remind, told_to
from tests.scores import moment, origin, score

NOW = moment(0)
LEASE = timedelta(minutes=2)


def waits(store: Store) -> bool:
    """Whether somebody waits for a lock.

    SQLite does not tell who waits. It has one lock for all writers, so whoever else wants to write
    waits while somebody holds it.
    """
    if store.is_sqlite:
        return write_lock_is_held(store)
    query = "SELECT count(*) FROM pg_locks WHERE NOT granted"
    with store.read() as connection:
        return bool(connection.execute(text(query)).scalar())


def write_lock_is_held(store: Store) -> bool:
    """Whether a transaction writes to a SQLite database at this moment."""
    with closing(sqlite3.connect(str(store.url.database), timeout=0)) as probe:
        try:
            probe.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return True
    return False


class Pause:
    """Holds up whoever comes by first, until the second waits for it or has ended."""

    def __init__(self) -> None:
        self.reached, self.over = threading.Event(), threading.Event()
        self._first = threading.Lock()

    def __call__(self) -> None:
        if self._first.acquire(blocking=False):
            self.reached.set()
            assert self.over.wait(20)


def hold_up(
    patch: pytest.MonkeyPatch, owner: Any, name: str, pause: Pause, *, after: bool = False
) -> None:
    """Pause before (or after) a function of the product."""
    doing = getattr(owner, name)

    def held_up(*given: Any, **named: Any) -> Any:
        if not after:
            pause()
        result = doing(*given, **named)
        if after:
            pause()
        return result

    patch.setattr(owner, name, held_up)


def meet(store: Store, pause: Pause, one: Callable[[], Any], two: Callable[[], Any]) -> list[Any]:
    """What both bring: `two` begins while `one` is held up, and `one` goes on once `two` waits."""
    with ThreadPoolExecutor(2) as hands:
        first = hands.submit(one)
        assert pause.reached.wait(20)
        second: Future[Any] = hands.submit(two)
        ends = time.monotonic() + 20
        while not second.done() and not waits(store) and time.monotonic() < ends:
            pass
        pause.over.set()
        return [first.result(20), second.result(20)]


def message(number: int, address: str = "desk") -> Message:
    return Message(f"msg_{number}", "log", address, "subject", "text", {"items": []}, NOW)


def put(store: Store, *messages: Message) -> None:
    with store.write() as connection:
        outbox.enqueue(connection, [(f"log:{each.recipient}", each) for each in messages])


def leased(store: Store, now: Any = NOW, limit: int = 50) -> list[outbox.Leased]:
    with store.write() as connection:
        return outbox.lease(connection, now, limit=limit, duration=LEASE)


def result(item: outbox.Leased, outcome: Outcome, failing: bool = False) -> Result:
    return Result(item, Receipt(outcome, outcome.value), NOW, NOW, was_failing=failing)


def test_two_decide_at_once_and_each_change_is_made_once(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = told_to(service, recipient())
    one = replace(score(0.3), id="")
    with service.store.write() as connection:
        scores.record(connection, "invented", origin(0), "0", [one], NOW)
    pause = Pause()
    hold_up(monkeypatch, deciding, "decide", pause)
    both = meet(service.store, pause, lambda: alert(desk, NOW), lambda: alert(desk, NOW))
    assert sorted(len(report.messages) for report in both) == [0, 1]
    with service.store.read() as connection:
        (standing,) = alerts.standing(connection)
        assert len(alerts.timeline(connection, standing.id, NOW)) == 1
        assert alerts.broken_link(connection) is None


def test_an_act_while_a_decision_is_made_is_not_undone(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = told_to(service, recipient())
    play(desk, 0, {REGION: 0.3})
    with service.store.read() as connection:
        (standing,) = alerts.standing(connection)
    pause = Pause()
    hold_up(monkeypatch, deciding, "decide", pause)
    meet(
        service.store,
        pause,
        lambda: play(desk, 1, {REGION: 0.3}),
        lambda: act(desk, standing.id, (), lambda it: acknowledge(it, "Dakar", NOW), NOW),
    )
    with service.store.read() as connection:
        (standing,) = alerts.standing(connection)
        assert alerts.inconsistent_alerts(connection, moment(2)) == []
    assert (standing.state, standing.acknowledged_by) == (AlertState.ACKNOWLEDGED, "Dakar")


def test_a_silence_while_a_decision_is_made_holds_its_news_back(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = told_to(service, recipient())
    one = replace(score(0.3), id="")
    with service.store.write() as connection:
        scores.record(connection, "invented", origin(0), "0", [one], NOW)
    quiet = Silence("s1", "Lomé", "a test", NOW, moment(4), targets=("force",))

    def silence() -> None:
        with service.store.write() as connection:
            silences.add(connection, quiet)

    pause = Pause()
    hold_up(monkeypatch, deciding, "decide", pause)
    report, _ = meet(service.store, pause, lambda: alert(desk, NOW), silence)
    assert [told.suppression is not None for told in report.changes] == [True]
    assert report.messages == ()


def test_what_time_brings_while_a_decision_is_made_is_not_undone(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    desks = told_to(
        service, recipient("first"), recipient("second", tier=2), acknowledge_within=24 * HOUR
    )
    play(desks, 0, {REGION: 0.3})
    pause = Pause()
    hold_up(monkeypatch, deciding, "decide", pause)
    meet(
        service.store,
        pause,
        lambda: play(desks, 1, {REGION: 0.3}),
        lambda: remind(desks, moment(1)),
    )
    with service.store.read() as connection:
        (standing,) = alerts.standing(connection)
        kinds = [each.kind for each in alerts.timeline(connection, standing.id, moment(2))]
    assert (standing.tier, kinds) == (2, ["opened", "escalated"])


def test_two_compose_for_one_recipient_and_no_notice_leaves_twice(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = told_to(service, recipient(pace={"most_a_day": 1}), recipient("other"))
    play(desk, 0, {REGION: 0.3})
    play(desk, 0, {"TG-K": 0.3, "TG-P": 0.3}, hours=1)
    pause, later = Pause(), NOW + 30 * HOUR
    hold_up(monkeypatch, messages, "compose", pause)

    def sent() -> int:
        return len(compose_due(desk, later))

    assert sorted(meet(service.store, pause, sent, sent)) == [0, 1]
    with service.store.read() as connection:
        assert sum(outbox.states(connection).values()) == 4
        assert notifications.recipients_due(connection, later) == []


def test_two_claim_at_once_and_the_end_does_not_go_to_one_and_the_beginning_to_the_other(
    service: Service,
) -> None:
    desk = told_to(service, recipient(), keep_for=1)
    play(desk, 0, {REGION: 0.3})
    play(desk, 1, {REGION: 0.01})
    pause = Pause()

    def claim(limit: int, waits: Callable[[], None] = lambda: None) -> list[str]:
        with service.store.write() as connection:
            found = outbox.lease(connection, moment(1), limit=limit, duration=LEASE)
            waits()
        return [item.message.body["items"][0]["change"] for item in found]

    both = meet(service.store, pause, lambda: claim(1, pause), lambda: claim(50))
    assert both == [["opened"], []]


def test_an_address_fails_two_workers_at_once(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(service.store, message(1), message(2))
    (one,), (two,) = leased(service.store, limit=1), leased(service.store)
    pause = Pause()
    hold_up(monkeypatch, endpoints, "_put", pause)
    meet(
        service.store,
        pause,
        lambda: ResultWriter(service).write([result(one, Outcome.RETRY)]),
        lambda: ResultWriter(service).write([result(two, Outcome.RETRY)]),
    )
    with service.store.read() as connection:
        assert endpoints.find(connection)["log:desk"].failing_since == NOW
        assert [len(deliveries.attempts_of(connection, f"msg_{each}")) for each in (1, 2)] == [1, 1]


def test_two_addresses_fail_two_workers_in_opposite_order(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(service.store, *(message(number, f"desk{number % 2}") for number in range(4)))
    items = {item.message.id: item for item in leased(service.store)}
    for number in range(2):  # it is known already, so nobody waits to insert it
        ResultWriter(service).write([result(items[f"msg_{number}"], Outcome.RETRY)])
    again = {item.message.id: item for item in leased(service.store, NOW + HOUR)}
    pause = Pause()
    hold_up(monkeypatch, endpoints, "_put", pause, after=True)
    forth = [result(again[f"msg_{number}"], Outcome.RETRY, True) for number in (0, 1)]
    back = [result(items[f"msg_{number}"], Outcome.RETRY, True) for number in (3, 2)]
    meet(
        service.store,
        pause,
        lambda: ResultWriter(service).write(forth),
        lambda: ResultWriter(service).write(back),
    )
    with service.store.read() as connection:
        tried = [len(deliveries.attempts_of(connection, f"msg_{number}")) for number in range(4)]
    assert tried == [2, 2, 1, 1]


def test_an_address_that_is_gone_is_switched_off_while_another_result_of_it_is_written(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(service.store, message(1), message(2))
    (one,), (two,) = leased(service.store, limit=1), leased(service.store)
    pause = Pause()
    hold_up(monkeypatch, outbox, "record_results", pause, after=True)
    meet(
        service.store,
        pause,
        lambda: ResultWriter(service).write([result(one, Outcome.GONE)]),
        lambda: ResultWriter(service).write([result(two, Outcome.RETRY)]),
    )
    with service.store.read() as connection:
        assert outbox.states(connection) == {"dead": 2}  # nothing more is sent there
        assert endpoints.find(connection)["log:desk"].disabled_at == NOW


def test_the_first_beats_of_two_workers_meet(service: Service) -> None:
    pause = Pause()

    def beat(name: str, waits: Callable[[], None] = lambda: None) -> None:
        with service.store.write() as connection:
            heartbeats.beat(connection, heartbeats.DELIVERER, NOW, {"worker": name})
            waits()

    meet(service.store, pause, lambda: beat("one", pause), lambda: beat("two"))
    with service.store.read() as connection:
        assert heartbeats.last(connection, heartbeats.DELIVERER) == (NOW, {"worker": "two"})


def test_a_worker_that_outlived_its_lease_frees_nothing_that_another_holds(store: Store) -> None:
    put(store, message(1))
    (late,) = leased(store)
    (held,) = leased(store, NOW + LEASE)
    with store.write() as connection:
        outbox.release(connection, [late])
        verdict = decide_retry(Receipt(Outcome.RETRY, "no answer"), 1, "msg_1", NOW)
        lost = outbox.AttemptResult(late, Receipt(Outcome.RETRY, "no answer"), NOW, *_of(verdict))
        outbox.record_results(connection, [lost])
    assert leased(store, NOW + LEASE + timedelta(minutes=1)) == []
    done = outbox.AttemptResult(held, Receipt(Outcome.DELIVERED, "ok"), NOW, outbox.DELIVERED)
    with store.write() as connection:
        outbox.record_results(connection, [done])
        assert outbox.states(connection) == {"delivered": 1}
        assert len(deliveries.attempts_of(connection, "msg_1")) == 2


def _of(verdict: Any) -> tuple[str, Any]:
    return verdict.state, verdict.next_attempt_at


def test_results_take_their_messages_in_order_as_one_does_that_switches_an_address_off(
    postgresql_url: str,
) -> None:
    # SQLite has one writer only. On PostgreSQL each would hold what the other needs next.
    store = Store(postgresql_url)
    put(store, message(1), message(2))
    one, two = leased(store)
    results = [
        outbox.AttemptResult(item, Receipt(Outcome.DELIVERED, "ok"), NOW, outbox.DELIVERED)
        for item in (two, one)
    ]
    take = text("SELECT id FROM outbox WHERE id = :id FOR UPDATE")

    def settle() -> None:
        with store.write() as connection:
            outbox.record_results(connection, results)

    with ThreadPoolExecutor(1) as hands:
        with store.write() as connection:
            connection.execute(take, {"id": "msg_1"})
            settled = hands.submit(settle)
            ends = time.monotonic() + 20
            while not waits(store) and time.monotonic() < ends:
                pass
            connection.execute(take, {"id": "msg_2"})
        settled.result(20)
    with store.read() as connection:
        assert outbox.states(connection) == {"delivered": 2}
    store.dispose()
