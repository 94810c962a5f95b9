from dataclasses import replace
from datetime import date, timedelta

from ewarn.domain.source import Coverage, Health, Rejection
from ewarn.store.database.cuts import Cut
from ewarn.store.database.engine import Store
from ewarn.store.events.events import Appended
from ewarn.store.intake import newest_runs, runs
from tests.scores import moment

WEEK = Coverage("invented", "TGO", date(2020, 1, 6), date(2020, 1, 6))


def run(week: int, health: Health = Health.OK) -> runs.Run:
    return runs.Run("invented", moment(week), health, "read", Appended(1), 0, {}, date(2020, 1, 5))


def test_the_last_run_and_the_last_good_one_are_told_apart(store: Store) -> None:
    with store.write() as connection:
        runs.record_run(connection, runs.Reading(run(0)))
        runs.record_run(connection, runs.Reading(run(1, Health.BROKEN)))
        for source, week in (("another", 0), ("zeal", 2)):
            runs.record_run(connection, runs.Reading(replace(run(week), source=source)))
        latest = newest_runs.latest_runs(connection, moment(1))
        good = newest_runs.latest_successes(connection, moment(1))
        before = newest_runs.latest_runs(connection, moment(0))
        assert newest_runs.latest_runs(connection, moment(-1)) == {}
    assert {name: found.health for name, found in latest.items()} == {
        "another": Health.OK,
        "invented": Health.BROKEN,
    }
    assert {name: found.recorded_at for name, found in good.items()} == {
        "another": moment(0),
        "invented": moment(0),
    }
    assert before["invented"].health is Health.OK


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
        for week, name in ((0, "a"), (0, "a"), (1, "b")):
            runs.record_run(connection, runs.Reading(replace(run(week), payload_name=name)))
        runs.record_run(connection, runs.Reading(run(2)))  # it brought nothing
        days = runs.payload_days(connection, "invented", moment(9))
    assert days == {moment(0).date(): 1, moment(1).date(): 1}


def test_payloads_of_one_mark_are_one_slot(store: Store) -> None:
    marks = {"a": moment(0), "a.translated": moment(0), "b": moment(0) + timedelta(minutes=15)}
    with store.write() as connection:
        for name, mark in marks.items():
            read = replace(run(1), payload_name=name, published_at=mark)
            runs.record_run(connection, runs.Reading(read))
        assert runs.payload_days(connection, "invented", moment(9)) == {moment(0).date(): 2}
        assert runs.payload_days(connection, "invented", moment(0)) == {}


def test_names_read_are_those_read_well(store: Store) -> None:
    with store.write() as connection:
        for name, health in (("a", Health.OK), ("b", Health.BROKEN), ("c", Health.OK)):
            read = replace(run(0, health), payload_name=name)
            runs.record_run(connection, runs.Reading(read))
        assert runs.names_read(connection, "invented", ["a", "b", "x"]) == {"a"}
        assert runs.names_read(connection, "another", ["a"]) == frozenset()


def test_what_could_not_be_read_is_missed_until_it_is_read(store: Store) -> None:
    def named(week: int, name: str, health: Health) -> runs.Reading:
        return runs.Reading(replace(run(week, health), payload_name=name))

    with store.write() as connection:
        for week, name, health in (
            (0, "a", Health.BROKEN),
            (0, "b", Health.OK),
            (1, "a", Health.BROKEN),
            (1, "c", Health.BROKEN),
            (2, "c", Health.OK),
        ):
            runs.record_run(connection, named(week, name, health))
        assert runs.missed(connection, "invented", moment(9)) == [
            runs.UnreadPayload("a", 2, moment(1), "read")
        ]
        assert len(runs.missed(connection, "invented", moment(1))) == 2


def test_only_what_moved_the_cursor_tells_when_a_source_published(store: Store) -> None:
    with store.write() as connection:
        for week in (0, 1, 2):
            marked = replace(run(week), read_until=moment(week), published_at=moment(week - 1))
            runs.record_run(connection, runs.Reading(marked))
        back_filled = replace(run(3), published_at=moment(9))
        runs.record_run(connection, runs.Reading(back_filled))
        assert newest_runs.published(connection, ["invented"], moment(9), 2) == {
            "invented": [moment(1), moment(0)]
        }
        assert runs.read_until(connection, "invented") == moment(2)
