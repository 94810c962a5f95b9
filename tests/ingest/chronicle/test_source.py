"""Tests of the embedded chronicle: no event is lost, and a gap does not count as calm."""

import csv
import io
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from ewarn.domain.source import Coverage, Payload
from ewarn.places.gazetteer import load_gazetteer
from ingest.chronicle.source import ChronicleSource, load_archive

WEEK = timedelta(days=7)
MONDAY = datetime(2017, 8, 21, tzinfo=UTC)


def fetch(since: datetime | None, now: datetime) -> list[Payload]:
    return list(ChronicleSource().fetch(since, now))


def ids(payload: Payload) -> list[str]:
    return [row["source_event_id"] for row in csv.DictReader(io.StringIO(payload.body.decode()))]


def test_a_week_gives_what_became_known_in_it() -> None:
    (payload,) = fetch(MONDAY - WEEK, MONDAY)
    assert payload.name == "chronicle-2017-08-14-2017-08-20.csv"
    assert (payload.first_day, payload.last_day) == (date(2017, 8, 14), date(2017, 8, 20))
    assert payload.fetched_at == MONDAY
    events = next(ChronicleSource().parse(payload, load_gazetteer())).events
    assert len(events) == len(ids(payload)) > 0
    assert events["known_at"].between(MONDAY - WEEK, MONDAY, inclusive="right").all()
    assert not events["known_at_estimated"].any()


def test_a_replay_gives_every_row_once_and_covers_every_week_once() -> None:
    source, places = ChronicleSource(), load_gazetteer()
    moment = datetime(2013, 12, 30, tzinfo=UTC)
    found: list[str] = []
    weeks: list[date] = []
    while moment < datetime(2021, 6, 7, tzinfo=UTC):
        for payload in source.fetch(moment, moment + 8 * WEEK):
            found += ids(payload)
            (covered, *_) = next(source.parse(payload, places)).coverage
            span = (covered.last_week - covered.first_week).days // 7 + 1
            weeks += [covered.first_week + week * WEEK for week in range(span)]
        moment += 8 * WEEK
    assert len(found) == len(set(found)) == 566
    assert weeks[0] == date(2014, 1, 13)
    assert weeks[-1] == date(2021, 3, 1)
    assert weeks == sorted(set(weeks))
    assert len(weeks) == (weeks[-1] - weeks[0]).days // 7 + 1


def test_a_week_without_rows_still_counts_as_observed() -> None:
    now = datetime(2014, 3, 10, tzinfo=UTC)
    (payload,) = fetch(now - WEEK, now)
    batch = next(ChronicleSource().parse(payload, load_gazetteer()))
    assert len(batch.events) == 0
    assert len(batch.coverage) == 14
    assert Coverage("chronicle", "TGO", date(2014, 3, 3), date(2014, 3, 3)) in batch.coverage


def test_a_week_counts_as_observed_only_when_it_ended() -> None:
    (payload,) = fetch(MONDAY, MONDAY + timedelta(days=6))
    assert next(ChronicleSource().parse(payload, load_gazetteer())).coverage == ()
    (payload,) = fetch(MONDAY + timedelta(days=6), MONDAY + WEEK)
    (covered, *_) = next(ChronicleSource().parse(payload, load_gazetteer())).coverage
    assert covered.first_week == covered.last_week == MONDAY.date()


def test_it_is_silent_outside_its_period() -> None:
    assert fetch(datetime(2021, 3, 8, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)) == []
    assert fetch(None, datetime(2013, 1, 1, tzinfo=UTC)) == []
    assert fetch(MONDAY, MONDAY) == []
    (payload,) = fetch(None, datetime(2026, 1, 1, tzinfo=UTC))
    assert payload.last_day == date(2021, 3, 7)
    assert len(ids(payload)) == 566


def test_every_row_of_it_is_sound_and_placed() -> None:
    (payload,) = fetch(None, datetime(2026, 1, 1, tzinfo=UTC))
    batch = next(ChronicleSource().parse(payload, load_gazetteer()))
    assert (len(batch.events), batch.rejected, batch.notes) == (566, (), ())
    assert (batch.events["region"] != batch.events["country"]).sum() == 456
    assert len({covered.country for covered in batch.coverage}) == 14
    assert not batch.events["source_url"].str.contains("/").any()  # hosts alone


def test_the_packaged_file_is_the_chronicle(shared_data: Callable[[str], Path]) -> None:
    with shared_data("chronicle.csv").open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    archive = load_archive()
    assert archive.header == tuple(header)
    assert [row[:-1] for _, row in archive.rows] == [tuple(row[:-1]) for row in rows]
