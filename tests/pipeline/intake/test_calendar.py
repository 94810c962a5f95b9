"""Tests of calendars through the pipeline: planned entries change no count and no score."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from ewarn.domain.source import Health, Payload
from ewarn.pipeline.intake import health
from ewarn.pipeline.intake.ingest import ingest
from ewarn.pipeline.intake.intake import IngestReport, store_batches
from ewarn.pipeline.scoring.score import score
from ewarn.pipeline.service import Service
from ewarn.store.database.cuts import Cut
from ewarn.store.events import counts
from ewarn.store.events.event_queries import EventFilter, current
from ewarn.store.intake import runs
from ewarn.store.scores import scores
from ingest.calendar.ics import ABSENT_STANDS
from ingest.calendar.source import CalendarSource, read_calendar
from ingest.exchange.format import read_exchange
from tests.pipeline.invented import InventedSource
from tests.pipeline.test_verbs import lethal, put
from tests.scores import moment, origin

HEADER = "source_event_id,country,date,what,topic,announced_on\n"
NOW = moment(0)


def take(service: Service, text: str, number: int = 0) -> IngestReport:
    payload = Payload("calendar", f"file-{number}", text.encode(), NOW + timedelta(days=number))
    batch = read_calendar(payload.body, service.places, payload.fetched_at)
    return store_batches(service, payload, [batch], payload.fetched_at)


def calendar_of(today: date) -> str:
    return (
        HEADER
        + f"past,TGO,{today - timedelta(days=20)},vote,election,\n"
        + f"coming,TGO,{today + timedelta(days=200)},vote,election,{today - timedelta(days=9)}\n"
        + f"delay,TGO,{today - timedelta(days=10)},postponed,election,{today - timedelta(days=9)}\n"
    )


def counted(service: Service) -> dict[str, int]:
    late = NOW + timedelta(days=400)
    with service.store.read() as connection:
        assert counts.disagreements(connection, as_of=late, recorded_by=late) == {}
        frame = counts.counts(connection, Cut())
    return {str(name): int(rows["delta"].sum()) for name, rows in frame.groupby("signal")}


def test_only_the_postponement_counts_and_a_second_reading_changes_nothing(
    service: Service,
) -> None:
    text = calendar_of(origin(0))
    assert take(service, text).appended.accepted == 3
    again = take(service, text, 1)
    assert (again.appended.accepted, again.appended.versions) == (0, 0)
    assert again.appended.unchanged == 3
    assert counted(service) == {"calendar:election": 1}


def test_a_vote_to_come_is_known_before_it_is_held(service: Service) -> None:
    take(service, calendar_of(origin(0)))
    with service.store.read() as connection:
        found = current(connection, Cut.at(NOW), EventFilter(sources=("calendar",)))
    assert {event.source_event_id for event in found} == {"past", "coming", "delay"}
    coming = next(event for event in found if event.source_event_id == "coming")
    assert coming.occurred_on > NOW.date()
    assert "planned" not in coming.tags


def test_scores_stand_as_they_were_beside_a_calendar_and_events_to_come(
    service: Service, source: InventedSource
) -> None:
    put(source, "one", *(lethal(number) for number in range(3)))
    ingest(service, source, NOW)
    score(service, "invented", NOW)

    def stand() -> list[tuple[str, float | None, int | None]]:
        with service.store.read() as connection:
            found = scores.latest_runs(connection, Cut())
            made = scores.in_runs(connection, list(found.values()), scores.ScoreFilter())
        return sorted((item.region, item.probability, item.observed) for item in made)

    before = stand()
    take(service, calendar_of(origin(0)))
    ahead = origin(0) + timedelta(days=30)
    exchange = (
        "source,source_event_id,kind,occurred_on,country,admin1,known_on,fatalities_low,tags\n"
        f"invented,ahead,force,{ahead},TGO,Maritime,{origin(-2)},5,planned\n"
    )
    payload = Payload("exchange", "ahead.csv", exchange.encode(), NOW)
    batch = read_exchange(payload.body, service.places, payload.fetched_at)
    store_batches(replace(service, reserved=frozenset({"invented"})), payload, [batch], NOW)
    score(service, "invented", NOW + timedelta(hours=1))
    score(service, "calendar", NOW + timedelta(hours=1))
    assert stand() == before
    assert counted(service)["invented:force"] == 3  # an announced entry is not counted


def test_a_calendar_observes_nothing_and_its_silence_is_no_news(
    service: Service, tmp_path: Path
) -> None:
    (tmp_path / "one.csv").write_text(calendar_of(origin(0)))
    calendar = CalendarSource(folder=tmp_path)
    late = NOW + timedelta(days=365 * 90)  # later than the clock of the file system
    assert ingest(service, calendar, late).appended.accepted == 3
    with service.store.read() as connection:
        assert runs.coverage(connection, Cut()) == ()
        status = health.status(connection, "calendar", calendar, late + timedelta(days=900))
    assert (status.health, status.cadence) == (Health.OK, None)


@pytest.mark.parametrize("what", ["deadline-missed", "annulled", "voided"])
def test_other_incidents_count_too(service: Service, what: str) -> None:
    take(service, HEADER + f"a,TGO,{origin(-3)},{what},referendum,\n")
    assert counted(service) == {"calendar:election": 1}


def series(sequence: int, first: str, *lines: str) -> str:
    return "\n".join(
        [
            *("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:test", "BEGIN:VEVENT", "UID:invented"),
            *("CATEGORIES:anniversary", "LOCATION:TGO", f"DTSTART;VALUE=DATE:{first}"),
            f"DTSTAMP:201001{10 + sequence}T080000Z",
            f"SEQUENCE:{sequence}",
            *lines,
            *("END:VEVENT", "END:VCALENDAR", ""),
        ]
    )


def standing(service: Service, as_of: datetime | None = None) -> list[str]:
    with service.store.read() as connection:
        found = current(connection, Cut(as_of=as_of), EventFilter(sources=("calendar",)))
    return sorted(str(event.occurred_on) for event in found)


def test_what_a_series_no_longer_holds_is_withdrawn(service: Service) -> None:
    year = NOW.year
    first = series(0, f"{year}0113", "RRULE:FREQ=YEARLY")
    moved = series(1, f"{year}0427", "RRULE:FREQ=YEARLY")
    shortened = series(2, f"{year}0427", f"RRULE:FREQ=YEARLY;UNTIL={year}0427")
    take(service, first)
    assert standing(service) == [f"{year + n}-01-13" for n in range(3)]
    assert take(service, moved, 1).appended.tombstones == 3
    assert standing(service) == [f"{year + n}-04-27" for n in range(3)]
    assert take(service, shortened, 2).appended.tombstones == 2
    assert standing(service) == [f"{year}-04-27"]
    again = take(service, shortened, 3).appended
    assert (again.accepted, again.versions, again.tombstones) == (0, 0, 0)
    # An older file withdraws nothing that became known later.
    assert take(service, first, 4).appended.tombstones == 0
    assert standing(service) == [f"{year}-04-27"]
    take(service, series(3, f"{year}0427", "STATUS:CANCELLED"), 5)
    assert standing(service) == []


def test_one_day_becomes_a_series_and_one_again(service: Service) -> None:
    year = NOW.year
    take(service, series(0, f"{year}0427"))
    take(service, series(1, f"{year}0427", "RRULE:FREQ=YEARLY;COUNT=2"), 1)
    assert standing(service) == [f"{year}-04-27", f"{year + 1}-04-27"]
    take(service, series(2, f"{year}0427"), 2)
    assert standing(service) == [f"{year}-04-27"]


def test_an_older_version_that_comes_later_brings_nothing_back(service: Service) -> None:
    year = NOW.year
    older = series(0, f"{year}0113", "RRULE:FREQ=YEARLY")
    newer = series(1, f"{year}0427")
    assert take(service, newer).notes == (ABSENT_STANDS,)
    report = take(service, older, 1)
    assert standing(service) == [f"{year}-04-27"]
    assert report.notes[-1] == (
        "1 entry is older in this file than what is stored, which stands: the later LAST-MODIFIED, "
        "or else DTSTAMP, counts, whatever the SEQUENCE of another file."
    )
    # The older version is valid until the newer one became known.
    assert standing(service, datetime(2010, 1, 10, 12, tzinfo=UTC)) == [
        f"{year + n}-01-13" for n in range(3)
    ]
    again = take(service, older, 2).appended
    assert (again.accepted, again.versions, again.tombstones) == (0, 0, 0)
    take(service, newer, 3)
    assert standing(service) == [f"{year}-04-27"]


def test_an_older_version_brings_no_shortened_or_cancelled_series_back(service: Service) -> None:
    year = NOW.year
    older = series(0, f"{year}0427", "RRULE:FREQ=YEARLY")
    take(service, series(1, f"{year}0427", f"RRULE:FREQ=YEARLY;UNTIL={year}0427"))
    take(service, older, 1)
    assert standing(service) == [f"{year}-04-27"]
    take(service, series(3, f"{year}0427", "STATUS:CANCELLED"), 2)
    take(service, series(2, f"{year}0113", "RRULE:FREQ=YEARLY"), 3)
    assert standing(service) == []


def test_a_file_with_a_day_that_changed_later_is_not_older_than_itself(service: Service) -> None:
    year = NOW.year
    moved = series(5, f"{year + 1}0501", f"RECURRENCE-ID;VALUE=DATE:{year + 1}0427")
    text = series(0, f"{year}0427", "RRULE:FREQ=YEARLY").replace(
        "END:VCALENDAR\n", "BEGIN:VEVENT" + moved.partition("BEGIN:VEVENT")[2]
    )
    days = [f"{year}-04-27", f"{year + 1}-05-01", f"{year + 2}-04-27"]
    for number in range(2):
        assert take(service, text, number).notes == (ABSENT_STANDS,)
        assert standing(service) == days
    take(service, text, 400)  # a year later, its repetitions are written out one year further
    assert standing(service) == [*days, f"{year + 3}-04-27"]
