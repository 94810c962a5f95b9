from datetime import date, timedelta

import pytest
from sqlalchemy.exc import NoResultFound

from ewarn.domain.source import Coverage, Health, Payload, Rejection
from ewarn.store import runs
from ewarn.store.cuts import Cut
from ewarn.store.engine import Store
from ewarn.store.events import Appended
from tests.scores import moment

WEEK = Coverage("invented", "TGO", date(2020, 1, 6), date(2020, 1, 6))


def run(week: int, health: Health = Health.OK) -> runs.Run:
    return runs.Run("invented", moment(week), health, "read", Appended(1), 0, {}, date(2020, 1, 5))


def test_a_payload_is_kept_once_as_it_came_and_forgotten_in_time(store: Store) -> None:
    payload = Payload("invented", "file", b"bytes" * 100, moment(0))
    with store.write() as connection:
        first = runs.keep_payload(connection, payload)
        assert runs.keep_payload(connection, payload) == first
        assert runs.payload_body(connection, first) == payload.body
        runs.record_run(connection, runs.Reading(run(0)), payload_id=first)
        month = timedelta(days=30)
        assert runs.forget_payloads(connection, moment(1), month) == 0
        assert runs.forget_payloads(connection, moment(5), month) == 1
        with pytest.raises(NoResultFound):
            runs.payload_body(connection, first)
        assert runs.latest_runs(connection, moment(5))["invented"].appended == Appended(1)


def test_the_last_run_and_the_last_good_one_are_told_apart(store: Store) -> None:
    with store.write() as connection:
        runs.record_run(connection, runs.Reading(run(0)))
        runs.record_run(connection, runs.Reading(run(1, Health.BROKEN)))
        assert runs.latest_runs(connection, moment(1))["invented"].health is Health.BROKEN
        assert runs.latest_successes(connection, moment(1))["invented"].recorded_at == moment(0)
        assert runs.latest_runs(connection, moment(0))["invented"].health is Health.OK
        assert runs.latest_runs(connection, moment(-1)) == {}


def test_refused_rows_are_kept_with_their_reason(store: Store) -> None:
    refused = [Rejection(2, "no day"), Rejection(None, "no record")]
    with store.write() as connection:
        runs.record_run(connection, runs.Reading(run(0), refused))
        found = runs.recent_rejections(connection, "invented", 5)
    assert found == [(moment(0), refused[1]), (moment(0), refused[0])]


def test_coverage_is_recorded_once_and_read_under_its_cut(store: Store) -> None:
    with store.write() as connection:
        runs.record_run(connection, runs.Reading(run(0), covered=[WEEK, WEEK]))
        runs.record_run(connection, runs.Reading(run(1), covered=[WEEK]))
        assert runs.coverage(connection, Cut()) == (WEEK,)
        assert runs.coverage(connection, Cut(recorded_by=moment(-1))) == ()
        assert runs.coverage(connection, Cut(), sources=["another"]) == ()


def test_each_payload_counts_for_one_day(store: Store) -> None:
    with store.write() as connection:
        for week, body in ((0, b"a"), (0, b"a"), (1, b"b")):
            kept = runs.keep_payload(connection, Payload("invented", "f", body, moment(week)))
            runs.record_run(connection, runs.Reading(run(week)), payload_id=kept)
        days = runs.payload_days(connection, "invented", moment(9))
    assert sorted(days) == [moment(0).date(), moment(1).date()]
