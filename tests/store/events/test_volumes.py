"""Tests of records by country and week, and of when they became known."""

from datetime import UTC, date, datetime, timedelta

from ewarn.domain.source import Health
from ewarn.domain.time import WEEK
from ewarn.store.database.engine import Store
from ewarn.store.events import volumes
from ewarn.store.events.events import Appended
from ewarn.store.intake import runs
from tests.scores import moment, origin

PARENTS = {"TG-M": "TGO", "TG-K": "TGO"}
SINCE, UNTIL = origin(-9), origin(9)
DAY = timedelta(days=1)


def add(store: Store, volume: dict[tuple[str, date], int], published: datetime | None) -> None:
    with store.write() as connection:
        run = runs.Run("invented", moment(5), Health.OK, "", Appended(), 0, {}, None)
        run_id = runs.record_run(connection, runs.Reading(run))
        volumes.add(
            connection,
            run_id,
            "invented",
            volume,
            moment(5),
            parents=PARENTS,
            published_at=published,
        )


def weekly(store: Store, known_by: date, source: str = "invented") -> list[tuple[object, ...]]:
    with store.read() as connection:
        found = volumes.weekly(connection, source, SINCE, known_by, UNTIL)
    return [tuple(row) for row in found.itertuples(index=False)]


def test_what_is_published_at_the_beginning_of_a_monday_is_known_then() -> None:
    assert volumes.known_on(moment(0)) == origin(0)
    assert volumes.known_on(moment(0) + timedelta(seconds=1)) == origin(1)
    assert volumes.known_on(datetime(2020, 1, 5, 23, 45, tzinfo=UTC)) == date(2020, 1, 6)


def test_records_of_all_places_of_a_country_and_week_add_up(store: Store) -> None:
    first = {("TG-M", origin(-1)): 3, ("TG-K", origin(0) - DAY): 4, ("TGO", origin(-1) + DAY): 5}
    add(store, first, moment(0))
    add(store, {("TG-M", origin(-1)): 10, ("GHA", origin(-2)): 1}, moment(0))
    assert weekly(store, origin(0)) == [("GHA", origin(-2), 1), ("TGO", origin(-1), 22)]
    assert weekly(store, origin(0), "another") == []


def test_what_is_published_later_is_not_known_before(store: Store) -> None:
    add(store, {("TGO", origin(-1)): 7}, moment(0))
    add(store, {("TGO", origin(-1)): 2}, moment(0) + timedelta(hours=3))
    assert weekly(store, origin(-1)) == []
    assert weekly(store, origin(0)) == [("TGO", origin(-1), 7)]
    assert weekly(store, origin(1)) == [("TGO", origin(-1), 9)]


def test_what_nobody_dated_is_known_from_when_it_was_recorded(store: Store) -> None:
    add(store, {("TGO", origin(-1)): 7}, None)
    assert weekly(store, origin(4)) == []
    assert weekly(store, origin(5)) == [("TGO", origin(-1), 7)]


def test_only_weeks_that_were_asked_for_are_told(store: Store) -> None:
    add(store, {("TGO", SINCE - DAY): 1, ("TGO", SINCE): 2, ("TGO", UNTIL): 4}, moment(0))
    assert weekly(store, origin(20)) == [("TGO", SINCE, 2)]
    assert weekly(store, origin(20) + WEEK) == [("TGO", SINCE, 2)]
