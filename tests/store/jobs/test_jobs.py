"""Tests of slots of jobs: queued once, claimed by one worker, released, retried, in order."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Connection, select

from ewarn.errors import LeaseLost
from ewarn.store.database.engine import Store
from ewarn.store.jobs import jobs
from ewarn.store.tables.jobs import job_run
from tests.scores import moment

NOW = moment(0)
HOUR = timedelta(hours=1)
NAMES = {"score", "forget", "good", "bad"}


def enqueue(store: Store, job: str, at: datetime, not_before: datetime | None = None) -> bool:
    with store.write() as connection:
        return jobs.enqueue(connection, job, at, not_before=not_before)


def claim(store: Store, now: datetime, holder: str = "one") -> jobs.Claim | None:
    with store.read() as connection:
        is_due = jobs.is_due(connection, now, NAMES, length=HOUR)
    with store.write() as connection:
        claimed = jobs.claim(connection, now, NAMES, holder=holder, length=HOUR)
    assert is_due == (claimed is not None)
    return claimed


def claimed(store: Store, now: datetime, holder: str = "one") -> jobs.Claim:
    found = claim(store, now, holder)
    assert found is not None
    return found


def finish(
    store: Store, run: jobs.Claim, at: datetime, failure: str = "", again: datetime | None = None
) -> None:
    with store.write() as connection:
        jobs.finish(connection, run, at, failure=failure, again_at=again)


def states(store: Store) -> dict[datetime, tuple[str, str]]:
    with store.read() as connection:
        rows = connection.execute(select(job_run)).all()
    return {row.scheduled_for: (row.state, row.detail) for row in rows}


def test_a_slot_is_queued_once(store: Store) -> None:
    assert enqueue(store, "score", NOW)
    assert not enqueue(store, "score", NOW)
    assert enqueue(store, "score", NOW + HOUR)


def test_a_claimed_slot_is_not_claimed_again_until_its_lease_lapses(store: Store) -> None:
    enqueue(store, "score", NOW)
    first = claimed(store, NOW)
    assert claim(store, NOW + HOUR - timedelta(seconds=1), "two") is None
    again = claimed(store, NOW + HOUR, "two")
    assert (again.id, again.epoch) == (first.id, first.epoch + 1)


def test_a_claim_that_is_renewed_does_not_lapse(store: Store) -> None:
    enqueue(store, "score", NOW)
    run = claimed(store, NOW)
    with store.write() as connection:
        jobs.hold(connection, run, NOW + HOUR / 2, HOUR)
    assert claim(store, NOW + HOUR, "two") is None


def test_who_was_overtaken_can_neither_renew_nor_finish_nor_give_back(store: Store) -> None:
    enqueue(store, "score", NOW)
    old = claimed(store, NOW)
    new = claimed(store, NOW + HOUR, "two")
    late: list[Callable[[Connection], None]] = [
        lambda connection: jobs.hold(connection, old, NOW + HOUR, HOUR),
        lambda connection: jobs.finish(connection, old, NOW + HOUR),
        lambda connection: jobs.give_back(connection, old),
    ]
    for attempt in late:
        with pytest.raises(LeaseLost, match="taken over"), store.write() as connection:
            attempt(connection)
    finish(store, new, NOW + HOUR)
    assert states(store) == {NOW: ("done", "")}


def test_what_is_given_back_is_free_and_its_giver_fenced(store: Store) -> None:
    enqueue(store, "score", NOW)
    old = claimed(store, NOW)
    with store.write() as connection:
        jobs.give_back(connection, old)
    with pytest.raises(LeaseLost), store.write() as connection:
        jobs.hold(connection, old, NOW, HOUR)
    assert claimed(store, NOW, "two").epoch == 2


def test_a_slot_of_the_future_waits_and_one_that_is_spread_too(store: Store) -> None:
    enqueue(store, "score", NOW + HOUR)
    enqueue(store, "forget", NOW, NOW + HOUR / 2)
    assert claim(store, NOW) is None
    assert claimed(store, NOW + HOUR / 2).job == "forget"


def test_a_job_is_run_by_one_worker_at_a_time_and_its_slots_in_order(store: Store) -> None:
    for hours in (2, 1, 0):
        enqueue(store, "score", NOW + hours * HOUR)
    later = NOW + 3 * HOUR
    first = claimed(store, later)
    assert first.scheduled_for == NOW
    assert claim(store, later, "two") is None
    finish(store, first, later, "no luck", later + HOUR)
    assert claim(store, later, "two") is None  # the first one still waits for its retry
    finish(store, claimed(store, later + HOUR), later + HOUR)
    assert claimed(store, later + HOUR).scheduled_for == NOW + HOUR


def test_an_older_slot_that_comes_late_blocks_nobody_for_ever(store: Store) -> None:
    enqueue(store, "score", NOW + HOUR)
    claimed(store, NOW + HOUR)
    enqueue(store, "score", NOW)  # by a clock that was put back
    assert claim(store, NOW + HOUR, "two") is None
    taken = claimed(store, NOW + 2 * HOUR, "two")
    assert taken.scheduled_for == NOW + HOUR
    finish(store, taken, NOW + 2 * HOUR)
    assert claimed(store, NOW + 2 * HOUR, "two").scheduled_for == NOW


def test_a_job_that_this_worker_does_not_know_is_left_to_others(store: Store) -> None:
    enqueue(store, "telepathy", NOW)
    assert claim(store, NOW) is None
    with store.write() as connection:
        jobs.skip_others(connection, NAMES)
    assert states(store) == {NOW: ("skipped", "no job of this name is set up")}


def test_a_newer_slot_makes_up_for_older_ones_and_a_failure_stays_one(store: Store) -> None:
    enqueue(store, "score", NOW)
    finish(store, claimed(store, NOW), NOW, "no answer", NOW + HOUR)
    for hours in (1, 2):
        enqueue(store, "score", NOW + hours * HOUR)
    with store.write() as connection:
        jobs.supersede(connection, "score", NOW + 2 * HOUR)
    reason = f"made up for by the slot of {(NOW + 2 * HOUR).isoformat()}"
    assert states(store) == {
        NOW: ("failed", "no answer"),
        NOW + HOUR: ("skipped", reason),
        NOW + 2 * HOUR: ("queued", ""),
    }


def test_a_running_slot_is_not_made_up_for(store: Store) -> None:
    enqueue(store, "score", NOW)
    claimed(store, NOW)
    with store.write() as connection:
        jobs.supersede(connection, "score", NOW + HOUR)
    assert states(store)[NOW] == ("running", "")


def test_what_failed_and_what_waits_are_told(store: Store) -> None:
    enqueue(store, "good", NOW)
    enqueue(store, "bad", NOW)
    with store.read() as connection:
        assert jobs.overdue(connection, NOW - HOUR) is None
        assert jobs.overdue(connection, NOW + HOUR) == ("good", NOW)
    finish(store, claimed(store, NOW), NOW + HOUR)
    finish(store, claimed(store, NOW), NOW, "the provider is down", NOW + 2 * HOUR)
    with store.read() as connection:
        assert jobs.last_finished(connection) == {"good": NOW + HOUR}
        assert jobs.failing(connection) == {"bad": "the provider is down"}
        assert jobs.overdue(connection, NOW + HOUR) is None
        assert jobs.overdue(connection, NOW + 2 * HOUR) == ("bad", NOW + 2 * HOUR)
    finish(store, claimed(store, NOW + 2 * HOUR), NOW + 3 * HOUR)
    with store.read() as connection:
        assert jobs.failing(connection) == {}


def test_old_slots_are_forgotten_but_the_last_good_one_of_a_job_stays(store: Store) -> None:
    for hours in range(4):
        enqueue(store, "score", NOW + hours * HOUR)
        failure = "no luck" if hours in (1, 3) else ""
        finish(store, claimed(store, NOW + hours * HOUR), NOW + hours * HOUR, failure)
    with store.write() as connection:
        assert jobs.forget(connection, NOW + HOUR) == 1
        assert jobs.forget(connection, NOW + 90 * HOUR) == 1
    assert sorted(states(store)) == [NOW + 2 * HOUR, NOW + 3 * HOUR]
    with store.read() as connection:
        assert jobs.last_slots(connection, NOW + 2 * HOUR) == {"score": NOW + 2 * HOUR}
