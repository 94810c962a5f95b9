"""Tests of payloads that are suspect, and of those that can be fetched again."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from ewarn.domain.source import Health, Payload, Rejection, Span, Unread
from ewarn.errors import (
    RecordRejected,
    SourceDenied,
    SourceEmbargoed,
    SourceRefused,
    SourceUnreachable,
    UsageError,
)
from ewarn.frames.events import ParsedBatch
from ewarn.pipeline.intake import health
from ewarn.pipeline.intake.ingest import accept, ingest
from ewarn.pipeline.service import Service
from ewarn.store.database.cuts import Cut
from ewarn.store.events.counts import disagreements
from ewarn.store.events.event_queries import EventFilter, current
from ewarn.store.intake import newest_runs, runs
from ewarn.store.tables.intake import raw_payload
from tests.events import frame, row
from tests.pipeline.invented import InventedSource
from tests.scores import moment

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
FIELDS = ("id", "day", "kind")


def publish(
    source: InventedSource, name: str, *rows: dict[str, Any], whole: int | None = None, **batch: Any
) -> None:
    """Let a source have one payload, whole for January 2020 as known in a week, if one is named."""
    spans = (
        () if whole is None else (Span("*", date(2020, 1, 1), date(2020, 1, 31), moment(whole)),)
    )
    source.payloads = [Payload("invented", name, name.encode(), moment(-9), whole=spans)]
    source.batches[name] = ParsedBatch(frame(*rows), **batch)


def events(count: int, known_week: int = -3) -> list[dict[str, Any]]:
    return [
        row(f"e{n}", occurred_on=date(2020, 1, 1 + n % 28), known_at=moment(known_week))
        for n in range(count)
    ]


def state(service: Service, source: InventedSource, week: int) -> tuple[Health, str]:
    with service.store.read() as connection:
        found = health.status(connection, "invented", source, moment(week))
    return found.health, found.reason


def stored(service: Service) -> set[str]:
    with service.store.read() as connection:
        found = current(connection, Cut(), EventFilter())
        assert disagreements(connection, as_of=moment(99), recorded_by=moment(99)) == {}
    return {event.source_event_id for event in found}


def test_fields_that_change_are_told_until_a_person_accepts_them(
    service: Service, source: InventedSource
) -> None:
    publish(source, "one", *events(1), fields=FIELDS)
    ingest(service, source, moment(0))
    publish(source, "two", *events(2), fields=(*FIELDS[:2], "sort"))
    report = ingest(service, source, moment(1))
    assert report.health is Health.CHANGED
    assert "two lacks kind and has the new fields sort" in report.reason
    assert stored(service) == {"e0", "e1"}, "rows that can be read are not lost meanwhile"
    assert state(service, source, 1)[0] is Health.CHANGED
    publish(source, "three", *events(3), fields=(*FIELDS[:2], "sort"))
    assert ingest(service, source, moment(2)).health is Health.CHANGED
    assert accept(service, source, moment(2) + HOUR, "a person").health is Health.OK
    publish(source, "four", *events(4), fields=("sort", *FIELDS[:2]))
    assert ingest(service, source, moment(3)).health is Health.OK


def test_an_emptiness_that_never_was_is_suspect_and_read_again(
    service: Service, source: InventedSource
) -> None:
    for week in range(5):
        publish(source, f"payload {week}", *events(week + 1))
        assert ingest(service, source, moment(week)).health is Health.OK
    publish(source, "empty")
    report = ingest(service, source, moment(5))
    assert report.health is Health.SUSPECT
    assert "empty is empty, as no payload of invented ever was" in report.reason
    assert state(service, source, 5)[0] is Health.SUSPECT
    ingest(service, source, moment(6))
    assert source.asked_since[-1] == moment(4), "the cursor stays before it"
    assert accept(service, source, moment(6) + HOUR, "a person").health is Health.OK
    publish(source, "empty too")
    assert ingest(service, source, moment(7)).health is Health.OK, "it has been empty before"


def test_a_good_payload_after_a_suspect_one_does_not_hide_it(
    service: Service, source: InventedSource
) -> None:
    for week in range(5):
        publish(source, f"payload {week}", *events(week + 1))
        ingest(service, source, moment(week))
    publish(source, "good", *events(9))
    empty = Payload("invented", "empty", b"", moment(-9))
    source.payloads = [empty, *source.payloads]
    source.batches["empty"] = ParsedBatch(frame())
    ingest(service, source, moment(5))
    ingest(service, source, moment(6))
    assert source.asked_since[-1] == moment(4), "the cursor stays before it"
    with service.store.read() as connection:
        assert [item.name for item in runs.missed(connection, "invented", moment(9))] == ["empty"]


def test_a_source_that_is_empty_at_times_is_not_suspect(
    service: Service, source: InventedSource
) -> None:
    for week in range(8):
        publish(source, f"payload {week}", *(events(1) if week % 3 else []))
        assert ingest(service, source, moment(week)).health is Health.OK


def test_what_a_whole_payload_lacks_was_deleted(service: Service, source: InventedSource) -> None:
    outside = row("later", occurred_on=date(2020, 2, 2), known_at=moment(-3))
    publish(source, "one", *events(5), outside)
    ingest(service, source, moment(0))
    publish(source, "two", *events(3), whole=1)
    report = ingest(service, source, moment(1))
    assert (report.appended.tombstones, report.appended.unchanged) == (2, 3)
    assert stored(service) == {"e0", "e1", "e2", "later"}
    with service.store.read() as connection:
        before = current(connection, Cut(as_of=moment(1) - HOUR), EventFilter())
    assert len(before) == 6, "as of the week before they stand"
    again = ingest(service, source, moment(2)).appended
    assert (again.tombstones, again.unchanged) == (0, 3)


def test_a_refused_row_is_not_an_absent_one(service: Service, source: InventedSource) -> None:
    publish(source, "one", *events(5))
    ingest(service, source, moment(0))
    publish(source, "two", *events(3), whole=1, rejected=(Rejection(4, "no day"),))
    report = ingest(service, source, moment(1))
    assert report.appended.tombstones == 0
    assert report.notes == ("rows were refused, so absent events were not taken for deleted",)


def test_a_whole_payload_that_lacks_too_much_is_suspect(
    service: Service, source: InventedSource
) -> None:
    publish(source, "one", *events(100))
    ingest(service, source, moment(0))
    publish(source, "two", *events(79), whole=1)
    report = ingest(service, source, moment(1))
    assert (report.health, report.appended.tombstones) == (Health.SUSPECT, 0)
    assert "two lacks 21 of 100 known events" in report.reason
    assert len(stored(service)) == 100
    assert accept(service, source, moment(2), "a person").appended.tombstones == 21
    assert len(stored(service)) == 79


def test_what_was_not_kept_is_had_again_to_be_accepted(
    service: Service, source: InventedSource
) -> None:
    source.retention = timedelta(0)
    publish(source, "one", *events(1), fields=FIELDS)
    ingest(service, source, moment(0))
    publish(source, "two", *events(2), fields=(*FIELDS[:2], "sort"))
    assert ingest(service, source, moment(1)).health is Health.CHANGED
    with service.store.read() as connection:
        assert connection.scalars(select(raw_payload.c.body)).all() == [b"", b""]
    as_it_was = source.payloads
    changed = Payload("invented", "two", b"another", moment(-9))
    for other in ([], [changed]):
        source.payloads = [*other]
        with pytest.raises(UsageError, match="two was changed or removed by its provider"):
            accept(service, source, moment(2), "a person")
    source.payloads = as_it_was
    assert accept(service, source, moment(2), "a person").health is Health.OK
    with service.store.read() as connection:
        assert connection.scalars(select(raw_payload.c.body)).all() == [b"", b""]


def test_nothing_waits_for_a_look_where_all_is_well(
    service: Service, source: InventedSource
) -> None:
    with pytest.raises(UsageError, match="no payload of invented is waiting to be checked"):
        accept(service, source, moment(0), "a person")
    publish(source, "one", *events(1))
    ingest(service, source, moment(0))
    with pytest.raises(UsageError, match="no payload of invented is waiting to be checked"):
        accept(service, source, moment(0), "a person")


@pytest.mark.parametrize(
    ("failure", "expected"),
    [
        (SourceUnreachable("no answer"), Health.LATE),
        (SourceDenied("the key is old"), Health.DENIED),
        (SourceEmbargoed("the newest year is withheld"), Health.EMBARGOED),
        (SourceRefused("a web page"), Health.BROKEN),
    ],
)
def test_each_failure_has_its_health(
    service: Service, source: InventedSource, failure: Any, expected: Health
) -> None:
    source.failure = failure
    assert ingest(service, source, moment(0)).health is expected
    assert state(service, source, 0) == (expected, str(failure))


def test_a_source_that_is_not_set_up_is_disabled_and_not_asked(
    service: Service, source: InventedSource
) -> None:
    source.obstacle = "set EWARN_INVENTED_KEY"
    assert ingest(service, source, moment(0)).health is Health.DISABLED
    assert source.asked_since == []
    assert state(service, source, 0) == (Health.DISABLED, "set EWARN_INVENTED_KEY")


@dataclass
class InventedArchive(InventedSource):
    """Source whose payloads can be fetched again by name; `again` holds what it returns then."""

    again: Payload | Unread | Exception | None = None
    asked_again: int = 0

    def fetch_again(self, name: str, now: datetime) -> Payload | Unread:
        """Return what a test put there."""
        self.asked_again += 1
        assert self.again is not None
        if isinstance(self.again, Exception):
            raise self.again
        return self.again


@pytest.fixture
def archive() -> InventedArchive:
    lost = Unread("invented", "lost", "lost: its MD5 is wrong", moment(0) - HOUR)
    source = InventedArchive(payloads=[lost], cadence=timedelta(hours=1))
    source.payloads += [Payload("invented", "one", b"1", moment(0), published_at=moment(0))]
    source.batches = {"one": ParsedBatch(frame(*events(1)))}
    return source


def test_what_an_archive_could_not_give_is_asked_for_again(
    service: Service, archive: InventedArchive
) -> None:
    assert ingest(service, archive, moment(0)).appended.accepted == 1
    assert state(service, archive, 0) == (Health.OK, "read; 1 payload could not be read so far")
    with service.store.read() as connection:
        ((missed),) = runs.missed(connection, "invented", moment(0))
    assert missed.reason == "lost: its MD5 is wrong", "it names the payload once"
    archive.payloads = []
    archive.again = SourceRefused("it does not exist")
    report = ingest(service, archive, moment(0) + HOUR)
    assert archive.asked_since[-1] == moment(0), "the cursor went on past it"
    assert report.health is Health.OK
    ingest(service, archive, moment(0) + HOUR * 1.1)
    assert archive.asked_again == 1, "not before twice the wait"
    with service.store.read() as connection:
        found = health.status(connection, "invented", archive, moment(0) + HOUR)
    assert (found.health, found.unread) == (Health.OK, 1)
    archive.again = Payload("invented", "lost", b"2", moment(0))
    archive.batches["lost"] = ParsedBatch(frame(*events(2)))
    assert ingest(service, archive, moment(0) + 2 * HOUR).appended.accepted == 1
    assert stored(service) == {"e0", "e1"}
    with service.store.read() as connection:
        assert runs.missed(connection, "invented", moment(9)) == []
        assert runs.read_until(connection, "invented") == moment(0)


def test_the_cursor_passes_what_an_archive_could_not_give_even_if_nothing_follows(
    service: Service, archive: InventedArchive
) -> None:
    """Otherwise a long list of such payloads would be requested from its beginning, for ever."""
    archive.payloads = archive.payloads[:1]
    assert ingest(service, archive, moment(0)).health is Health.BROKEN
    archive.payloads = []
    archive.again = SourceRefused("it does not exist")
    ingest(service, archive, moment(0) + HOUR)
    assert archive.asked_since == [None, moment(0) - HOUR]
    with service.store.read() as connection:
        assert newest_runs.published(connection, ["invented"], moment(9), 9) == {"invented": []}
        assert [item.tries for item in runs.missed(connection, "invented", moment(9))] == [2]


def test_what_was_read_once_and_changed_is_asked_for_again_too(
    service: Service, archive: InventedArchive
) -> None:
    one = archive.payloads[1]
    archive.payloads = [one]
    assert ingest(service, archive, moment(0)).health is Health.OK
    archive.payloads = [Unread("invented", "one", "half of it", moment(0) + HOUR)]
    assert ingest(service, archive, moment(0) + HOUR).health is Health.BROKEN
    archive.payloads, archive.again = [], one
    assert ingest(service, archive, moment(0) + 2 * HOUR).payloads == 1
    with service.store.read() as connection:
        assert runs.missed(connection, "invented", moment(9)) == []


def test_an_archive_asks_again_for_what_is_suspect(
    service: Service, archive: InventedArchive
) -> None:
    for hour in range(5):
        at = moment(0) + hour * HOUR
        archive.payloads = [Payload("invented", f"p{hour}", b"", at, published_at=at)]
        archive.batches[f"p{hour}"] = ParsedBatch(frame(*events(hour + 1)))
        ingest(service, archive, at)
    then = moment(0) + 6 * HOUR
    archive.payloads = [
        Payload("invented", "empty", b"", then, published_at=then - HOUR),
        Payload("invented", "good", b"", then, published_at=then),
    ]
    archive.batches |= {"empty": ParsedBatch(frame()), "good": ParsedBatch(frame(*events(8)))}
    assert ingest(service, archive, then).health is Health.OK
    with service.store.read() as connection:
        assert health.status(connection, "invented", archive, then).unread == 1
        assert runs.read_until(connection, "invented") == then
    archive.payloads = []
    archive.again = Payload("invented", "empty", b"now whole", then)
    archive.batches["empty"] = ParsedBatch(frame(*events(9)))
    assert ingest(service, archive, then + HOUR).appended.accepted == 1
    with service.store.read() as connection:
        assert runs.missed(connection, "invented", moment(9)) == []


def test_an_archive_gives_up_in_the_end_and_stays_told(
    service: Service, archive: InventedArchive
) -> None:
    ingest(service, archive, moment(0))
    archive.payloads = []
    archive.again = Unread("invented", "lost", "still wrong")
    for step in range(1, 20):
        ingest(service, archive, moment(0) + step * 7 * DAY)
    assert archive.asked_again == 9
    with service.store.read() as connection:
        ((missed),) = runs.missed(connection, "invented", moment(99))
    assert (missed.name, missed.tries) == ("lost", 10)


def test_a_host_that_is_down_is_not_taken_for_a_lost_payload(
    service: Service, archive: InventedArchive
) -> None:
    ingest(service, archive, moment(0))
    archive.again = SourceUnreachable("no answer")
    assert ingest(service, archive, moment(0) + HOUR).health is Health.LATE
    with service.store.read() as connection:
        assert runs.missed(connection, "invented", moment(9))[0].tries == 1


def test_a_broken_payload_of_an_archive_is_passed_and_asked_for_again(
    service: Service, archive: InventedArchive
) -> None:
    marked = Payload("invented", "two", b"2", moment(0), published_at=moment(0) + HOUR)
    archive.payloads = [*archive.payloads[1:], marked]
    archive.batches |= {"one": RecordRejected("no table"), "two": ParsedBatch(frame(*events(2)))}
    assert ingest(service, archive, moment(0) + HOUR).health is Health.OK
    archive.payloads = []
    archive.again = Payload("invented", "one", b"1", moment(0), published_at=moment(0))
    archive.batches["one"] = ParsedBatch(frame(*events(3)))
    assert ingest(service, archive, moment(0) + 2 * HOUR).appended.accepted == 1
    assert archive.asked_since[-1] == moment(0) + HOUR


def marks(service: Service, source: InventedSource, hours: list[int]) -> None:
    for hour in hours:
        at = moment(0) + hour * HOUR
        publish(source, f"at {hour}", *events(1))
        published = [replace(payload, published_at=at) for payload in source.payloads]
        source.payloads = published
        ingest(service, source, at)


def test_the_cadence_is_learned_once_there_is_enough_of_it(
    service: Service, source: InventedSource
) -> None:
    source.cadence = HOUR
    marks(service, source, [0, 2, 4, 6, 8, 10, 12, 14])
    with service.store.read() as connection:
        assert health.status(connection, "invented", source, moment(1)).cadence == HOUR
    marks(service, source, [16, 18, 40])
    with service.store.read() as connection:
        now = moment(0) + 40 * HOUR
        # One long gap among many does not change it.
        for hours, expected in ((8, Health.OK), (9, Health.LATE), (25, Health.SILENT)):
            found = health.status(connection, "invented", source, now + hours * HOUR)
            assert (found.health, found.cadence) == (expected, 2 * HOUR)
        before = moment(0) + 15 * HOUR
        assert health.status(connection, "invented", source, before).cadence == HOUR
