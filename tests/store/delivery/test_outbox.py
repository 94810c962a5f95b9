from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import event, func, select

from ewarn.domain.delivery import Message, Outcome, Receipt
from ewarn.domain.recipient import LONGEST_DELAY as LONGEST
from ewarn.store.database.engine import Store
from ewarn.store.delivery import deliveries, outbox
from ewarn.store.maintenance import clocks
from ewarn.store.tables.delivery import delivery_attempt
from tests.scores import moment

NOW = moment(0)
LEASE = timedelta(minutes=2)


def message(number: int) -> Message:
    return Message(f"msg_{number}", "log", "desk", "subject", "text", {"a": number}, NOW)


def leased(store: Store, minutes: float = 0) -> list[outbox.Leased]:
    with store.write() as connection:
        return outbox.lease(connection, NOW + timedelta(minutes=minutes), duration=LEASE)


def lease(store: Store, minutes: float = 0, limit: int = 50) -> list[str]:
    now = NOW + timedelta(minutes=minutes)
    with store.write() as connection:
        if not outbox.is_due(connection, now, duration=LEASE):
            return []
        leased = outbox.lease(connection, now, limit=limit, duration=LEASE)
    return [item.message.id for item in leased]


def put(store: Store, *numbers: int) -> None:
    with store.write() as connection:
        outbox.enqueue(connection, [("log:desk", message(number)) for number in numbers])


def test_a_message_is_queued_once_and_read_back_whole(store: Store) -> None:
    put(store, 1)
    put(store, 1, 2)
    with store.write() as connection:
        leased = outbox.lease(connection, NOW, duration=LEASE)
    assert [item.message for item in leased] == [message(1), message(2)]


def test_a_leased_message_is_nobody_elses_until_the_lease_ends(store: Store) -> None:
    put(store, 1, 2, 3)
    assert lease(store, limit=2) == ["msg_1", "msg_2"]
    assert lease(store) == ["msg_3"]
    assert lease(store, minutes=1) == []
    assert lease(store, minutes=2) == ["msg_1", "msg_2", "msg_3"]


def test_settling_writes_the_attempt_and_the_next_time(store: Store) -> None:
    put(store, 1, 2)
    one, two = leased(store)
    again = NOW + timedelta(minutes=5)
    with store.write() as connection:
        retry, done = Receipt(Outcome.RETRY, "HTTP 500"), Receipt(Outcome.DELIVERED, "HTTP 200")
        late = outbox.AttemptResult(one, retry, NOW, outbox.WAITING, again)
        outbox.record_results(
            connection, [late, outbox.AttemptResult(two, done, NOW, outbox.DELIVERED)]
        )
        assert outbox.states(connection) == {"waiting": 1, "delivered": 1}
        assert connection.execute(select(func.count()).select_from(delivery_attempt)).scalar() == 2
    assert lease(store, minutes=4) == []
    assert lease(store, minutes=5) == ["msg_1"]


def test_what_was_delivered_stays_delivered_whatever_a_slow_worker_says(store: Store) -> None:
    put(store, 1)
    (one,) = leased(store)
    done, lost = Receipt(Outcome.DELIVERED, "HTTP 200"), Receipt(Outcome.RETRY, "no answer")
    with store.write() as connection:
        outbox.record_results(connection, [outbox.AttemptResult(one, done, NOW, outbox.DELIVERED)])
        outbox.record_results(
            connection, [outbox.AttemptResult(one, lost, NOW, outbox.WAITING, NOW)]
        )
        assert outbox.states(connection) == {"delivered": 1}
        assert len(deliveries.attempts_of(connection, "msg_1")) == 2


def test_more_can_be_replayed_than_a_statement_takes_parameters(store: Store) -> None:
    put(store, 1, 2)
    (one, two), refused = leased(store), Receipt(Outcome.REFUSED, "HTTP 400")
    with store.write() as connection:
        dead = [outbox.AttemptResult(item, refused, NOW, outbox.DEAD) for item in (one, two)]
        outbox.record_results(connection, dead)
        ids = [f"msg_{number}" for number in range(2, 100_000)]
        assert outbox.replay(connection, ids, NOW) == 1
        assert len(deliveries.find(connection, NOW, ids=ids)) == 1
    assert lease(store) == ["msg_2"]


def test_the_first_of_many_that_wait_are_read_in_order_and_not_sorted(store: Store) -> None:
    # More than PostgreSQL estimates, because it counts rows only now and then.
    wordy = [replace(message(number), text="word " * 300) for number in range(3_000)]
    with store.write() as connection:
        outbox.enqueue(connection, [("log:desk", item) for item in wordy])
    asked: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        asked.append((statement, parameters))

    event.listen(store.engine, "before_cursor_execute", note)
    with store.write() as connection:
        outbox.lease(connection, NOW, limit=10, duration=LEASE)
        taken = next(each for each in asked if "RETURNING" in each[0])
        plan = "EXPLAIN QUERY PLAN" if store.is_sqlite else "EXPLAIN"
        steps = connection.exec_driver_sql(f"{plan} {taken[0]}", taken[1]).all()
    told = " ".join(step[-1] for step in steps)
    assert "ix_outbox_state_next_attempt_at" in told
    assert "ORDER BY" not in told if store.is_sqlite else "Sort" not in told


def test_a_message_that_a_clock_ran_ahead_with_is_taken_again(store: Store) -> None:
    put(store, 1, 2)
    year = 365 * 24 * 60.0
    assert lease(store, minutes=year, limit=1) == ["msg_1"]
    with store.read() as connection:
        assert "1 messages are leased" in clocks.ahead(connection, NOW)[0]
        assert outbox.left_behind(connection, NOW) == 2
    assert lease(store) == ["msg_1", "msg_2"]
    assert lease(store, minutes=1) == []


def test_a_message_that_waits_longer_than_any_does_on_purpose_is_due(store: Store) -> None:
    put(store, 3)
    year = replace(message(1), created_at=NOW + timedelta(days=365))
    with store.write() as connection:
        outbox.enqueue(connection, [("log:desk", year)])
        outbox.enqueue(connection, [("log:desk", replace(message(2), created_at=NOW + LONGEST))])
        assert "1 messages are delayed" in clocks.ahead(connection, NOW)[0]
    assert lease(store) == ["msg_3", "msg_1"]
    with store.read() as connection:
        assert clocks.ahead(connection, NOW) == ()
    assert lease(store, minutes=1) == []


def test_it_is_due_where_nothing_else_is(store: Store) -> None:
    with store.write() as connection:
        year = replace(message(1), created_at=NOW + timedelta(days=365))
        outbox.enqueue(connection, [("log:desk", year)])
    assert lease(store) == ["msg_1"]


def test_a_message_that_is_in_the_outbox_stays_as_it_is(store: Store) -> None:
    with store.write() as connection:
        outbox.enqueue(connection, [])
        for endpoint in ("log:first", "log:second"):
            outbox.enqueue(connection, [(endpoint, message(1))])
        (item,) = outbox.lease(connection, NOW, duration=timedelta(minutes=2), limit=9)
    assert item.endpoint == "log:first"
