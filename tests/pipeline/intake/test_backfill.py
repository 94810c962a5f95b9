"""Tests of back-filling: each file is read once, and what cannot be read is reported."""

import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

import pytest

from ewarn.domain.source import ListedPayload, Payload, Unread
from ewarn.domain.time import WEEK, midnight
from ewarn.errors import (
    RecordRejected,
    SourceDenied,
    SourceError,
    SourceRefused,
    SourceUnreachable,
    UsageError,
)
from ewarn.frames.events import ParsedBatch
from ewarn.pipeline.intake import backfill, health
from ewarn.pipeline.intake.backfill import back_fill
from ewarn.pipeline.intake.ingest import ingest
from ewarn.pipeline.service import Service
from ewarn.ports import BackFill
from ewarn.store.database.cuts import Cut
from ewarn.store.events import counts, volumes
from ewarn.store.intake import runs
from tests.events import frame, row
from tests.pipeline.invented import InventedSource

MONDAY = date(2020, 1, 6)
NOW = datetime(2021, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def clock() -> datetime:
    return NOW


@dataclass
class Library(InventedSource):
    """Archive with a file for each of some days, with one event each. Some fail if set to."""

    days: int = 14
    faults: dict[str, SourceError | str] = field(default_factory=dict)
    fetched: list[str] = field(default_factory=list)
    cadence: timedelta | None = timedelta(minutes=15)
    step: timedelta = DAY

    def listed(self, since: date, until: date, now: datetime) -> Iterator[ListedPayload]:
        for number in range(self.days):
            day = MONDAY + number * self.step
            if since <= day <= until:
                last = day + self.step - DAY
                yield ListedPayload(f"d{day}", 5, None, midnight(day), day, last, self.step)

    def fetch_again(self, name: str, now: datetime) -> Payload | Unread:
        day = date.fromisoformat(name[1:])
        return self.fetch_listed(ListedPayload(name, 5, None, midnight(day), day, day, DAY), now)

    def fetch_listed(self, item: ListedPayload, now: datetime) -> Payload | Unread:
        self.fetched.append(item.name)
        fault = self.faults.get(item.name)
        if isinstance(fault, SourceError):
            raise fault
        if fault is not None:
            return Unread(self.name, item.name, fault, item.published_at)
        return Payload(
            self.name, item.name, item.name.encode(), now, published_at=item.published_at
        )

    def parse(self, payload: Payload, places: object) -> Iterator[ParsedBatch]:
        day = date.fromisoformat(payload.name[1:])
        event = row(f"e{day}", occurred_on=day)
        yield ParsedBatch(frame(event), volume=Counter({("TG-M", day): 7}))


@pytest.fixture
def source() -> Library:
    return Library()


def counted(service: Service) -> int:
    with service.store.read() as connection:
        found = counts.counts(connection, Cut())
    return int(found["delta"].sum())


def observed(service: Service, source: InventedSource) -> list[date]:
    with service.store.read() as connection:
        found = health.coverage(connection, source.name, source, NOW)
    return sorted(item.first_week for item in found)


def test_a_library_can_be_back_filled(source: Library) -> None:
    assert isinstance(source, BackFill)
    assert not isinstance(InventedSource(), BackFill)


def test_whole_weeks_are_read_once(service: Service, source: Library) -> None:
    # From a Wednesday to the Thursday of the next week, both whole weeks are read.
    first = back_fill(service, source, MONDAY + 2 * DAY, MONDAY + 10 * DAY, clock)
    assert (first.read, first.known, first.appended.accepted, first.weeks) == (14, 0, 14, 2)
    assert (first.since, first.until) == (MONDAY, MONDAY + 13 * DAY)
    again = back_fill(service, source, MONDAY, MONDAY + 13 * DAY, clock)
    assert (again.read, again.known, again.weeks) == (0, 14, 0)
    assert len(source.fetched) == 14
    assert counted(service) == 14


def test_the_cursor_stays_and_no_body_is_kept(service: Service, source: Library) -> None:
    back_fill(service, source, MONDAY, MONDAY, clock)
    ingest(service, source, NOW)
    assert source.asked_since == [None]
    with service.store.read() as connection:
        bodies = connection.exec_driver_sql("SELECT body FROM raw_payload").scalars()
        assert {bytes(body) for body in bodies} == {b""}


def test_seven_files_of_a_day_make_an_observed_week(service: Service, source: Library) -> None:
    source.days = 12  # the second week lacks two days of seven
    back_fill(service, source, MONDAY, MONDAY + 13 * DAY, clock)
    assert observed(service, source) == [MONDAY]
    source.days = 13
    back_fill(service, source, MONDAY, MONDAY + 13 * DAY, clock)
    assert observed(service, source) == [MONDAY, MONDAY + WEEK]


def test_a_file_of_many_days_speaks_for_each(service: Service, source: Library) -> None:
    source.step, source.days = timedelta(days=28), 1
    assert back_fill(service, source, MONDAY, MONDAY + 27 * DAY, clock).weeks == 4


def test_a_week_that_is_not_over_is_not_observed(service: Service, source: Library) -> None:
    sunday = midnight(MONDAY) + timedelta(days=13, hours=23)
    report = back_fill(service, source, MONDAY, date(2020, 12, 31), lambda: sunday)
    assert (report.read, report.until, report.weeks) == (14, sunday.date(), 1)


def test_days_to_come_are_a_mistake(service: Service, source: Library) -> None:
    with pytest.raises(UsageError, match="2021-01-30 lies in the future"):
        back_fill(service, source, date(2021, 1, 30), date(2021, 2, 3), clock)


@pytest.mark.parametrize(
    "fault", ["damaged", SourceRefused("It is gone."), SourceUnreachable("No answer.")]
)
def test_a_file_that_cannot_be_read_is_told_and_the_others_go_on(
    service: Service, source: Library, fault: SourceError | str
) -> None:
    name = f"d{MONDAY + DAY}"
    source.faults[name] = fault
    report = back_fill(service, source, MONDAY, MONDAY + 13 * DAY, clock)
    assert (report.read, report.unread) == (13, [(name, str(fault))])
    assert observed(service, source) == [MONDAY, MONDAY + WEEK]  # six days of seven
    with service.store.read() as connection:
        (missed,) = runs.missed(connection, source.name, NOW)
        status = health.status(connection, source.name, source, NOW)
    assert (missed.name, status.unread) == (name, 1)
    # When the file is available again, another back-fill reads it, and so does the worker.
    source.faults.clear()
    assert back_fill(service, source, MONDAY, MONDAY, clock).read == 1
    with service.store.read() as connection:
        assert runs.missed(connection, source.name, NOW) == []


def test_a_payload_that_is_no_payload_is_told(
    service: Service, source: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_self: Library, _payload: Payload, _places: object) -> Iterator[ParsedBatch]:
        raise RecordRejected("The zip archive is damaged: fetch it again.")

    monkeypatch.setattr(Library, "parse", refuse)
    report = back_fill(service, source, MONDAY, MONDAY, clock)
    assert (report.read, len(report.unread)) == (0, 7)


def test_a_provider_that_is_down_ends_it_and_the_rest_is_read_later(
    service: Service, source: Library
) -> None:
    for number in range(4, 14):
        source.faults[f"d{MONDAY + number * DAY}"] = SourceUnreachable("No answer.")
    with pytest.raises(SourceUnreachable):
        back_fill(service, source, MONDAY, MONDAY + 13 * DAY, clock)
    assert counted(service) == 4
    source.faults.clear()
    assert back_fill(service, source, MONDAY, MONDAY + 13 * DAY, clock).known == 4
    assert counted(service) == 14


def test_a_provider_that_shuts_us_out_ends_it_at_once(service: Service, source: Library) -> None:
    source.faults[f"d{MONDAY}"] = SourceDenied("No.")
    with pytest.raises(SourceDenied):
        back_fill(service, source, MONDAY, MONDAY + 13 * DAY, clock)
    assert counted(service) == 0


def test_only_a_few_files_are_fetched_ahead(
    service: Service, source: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backfill, "AHEAD", 2)
    most = 0
    stored = 0

    def tell(_item: ListedPayload, _report: object) -> None:
        nonlocal most, stored
        most = max(most, len(source.fetched) - stored)
        stored += 1

    back_fill(service, source, MONDAY, MONDAY + 13 * DAY, clock, tell)
    assert (stored, most <= 3) == (14, True)


def test_large_files_are_fetched_one_ahead(
    service: Service, source: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backfill, "AHEAD_BYTES", 4)  # less than one file
    report = back_fill(service, source, MONDAY, MONDAY + 13 * DAY, clock)
    assert report.read == 14


def test_no_thread_is_left(service: Service, source: Library) -> None:
    back_fill(service, source, MONDAY, MONDAY, clock)
    begun = [thread for thread in threading.enumerate() if "back-fill" in thread.name]
    for thread in begun:  # they were asked to end, but nobody waited for them
        thread.join(30)
    assert not [thread for thread in begun if thread.is_alive()]


def test_what_was_polled_is_known_and_its_volume_counts_once(
    service: Service, source: Library
) -> None:
    item = source.fetch_again(f"d{MONDAY}", NOW)
    assert isinstance(item, Payload)
    source.payloads.append(item)
    ingest(service, source, NOW)
    assert back_fill(service, source, MONDAY, MONDAY, clock).known == 1
    # The same payload arrives once more, as after an error on the network.
    source.payloads.append(replace(item, fetched_at=NOW))
    ingest(service, source, NOW)
    with service.store.read() as connection:
        found = volumes.volumes(connection, Cut(), source.name, MONDAY, MONDAY)
    assert found["records"].tolist() == [7]
