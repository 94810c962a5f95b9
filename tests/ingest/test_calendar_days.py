"""Days of iCalendar: moments beside whole days, zones, series, and the work they may cost."""

import time
from datetime import UTC, date, datetime
from typing import Any

import pytest

from ewarn.domain.source import Series
from ewarn.errors import RecordRejected
from ewarn.frames.events import ParsedBatch
from ewarn.places.gazetteer import load_gazetteer
from ingest import calendar_ics
from ingest.calendar_ics import read_icalendar

PLACES = load_gazetteer()
READ_AT = datetime(2026, 6, 1, 12, tzinfo=UTC)
NAIROBI = "X-WR-TIMEZONE:Africa/Nairobi"


def calendar(*entries: str, head: str = "") -> bytes:
    events = "".join(f"BEGIN:VEVENT\n{entry}\nEND:VEVENT\n" for entry in entries)
    head = f"{head}\n" if head else ""
    return f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:test\n{head}{events}END:VCALENDAR\n".encode()


def entry(start: str, *lines: str, uid: str = "invented-1") -> str:
    stamp = "DTSTAMP:20260105T080000Z"
    if any(line.startswith("DTSTAMP") for line in lines):
        stamp = ""
    whole = [f"UID:{uid}", stamp, "LOCATION:KEN", "CATEGORIES:election", f"DTSTART{start}", *lines]
    return "\n".join(line for line in whole if line)


def read(*entries: str, head: str = "") -> ParsedBatch:
    return read_icalendar(calendar(*entries, head=head), PLACES, READ_AT)


def days(batch: ParsedBatch) -> dict[date, bool]:
    """Days, and whether each is withdrawn."""
    assert batch.rejected == ()
    found: list[dict[str, Any]] = batch.events.to_dict("records")  # type: ignore[assignment]
    return {row["occurred_on"].date(): row["deleted"] for row in found}


def living(batch: ParsedBatch) -> list[str]:
    return sorted(str(day) for day, gone in days(batch).items() if not gone)


@pytest.mark.parametrize(
    ("until", "head", "last"),
    [
        ("20270819T210000Z", NAIROBI, 2027),
        ("20270819T210000Z", "", 2027),  # some midnight, in a zone that nobody names
        ("20270819T205959Z", NAIROBI, 2026),  # the last second of the day before
        ("20270819T205959Z", "", 2026),
        ("20270820T205959Z", "", 2027),
        ("20270820T000000Z", "", 2027),
        ("20270820T050000Z", "X-WR-TIMEZONE:America/Lima", 2027),
        ("20270820T050000Z", "", 2027),
        ("20270820", NAIROBI, 2027),
        ("20270819", NAIROBI, 2026),
        ("20270819T210000Z", "X-WR-TIMEZONE:E. Africa Standard Time", 2027),  # Windows' name
        ("20270819T210000Z", "X-WR-TIMEZONE:../../etc/passwd", 2027),
    ],
)
def test_the_end_of_a_series_of_whole_days_is_a_local_day(until: str, head: str, last: int) -> None:
    rule = f"RRULE:FREQ=YEARLY;UNTIL={until}"
    found = living(read(entry(";VALUE=DATE:20240820", rule), head=head))
    assert found == [f"{year}-08-20" for year in range(2024, last + 1)]


def test_a_zone_that_the_file_describes_is_the_calendars() -> None:
    zone = (
        "BEGIN:VTIMEZONE\nTZID:Invented\nBEGIN:STANDARD\nDTSTART:19700101T000000\n"
        "TZOFFSETFROM:+0300\nTZOFFSETTO:+0300\nEND:STANDARD\nEND:VTIMEZONE"
    )
    rule = "RRULE:FREQ=YEARLY;COUNT=3"
    found = days(read(entry(";VALUE=DATE:20240820", rule, "EXDATE:20250819T210000Z"), head=zone))
    assert found == {date(2024, 8, 20): False, date(2025, 8, 20): True, date(2026, 8, 20): False}


@pytest.mark.parametrize(
    ("start", "left_out", "head"),
    [
        (";VALUE=DATE:20240820", "EXDATE:20250819T210000Z", NAIROBI),
        (";VALUE=DATE:20240820", "EXDATE:20250819T210000Z", ""),
        (";VALUE=DATE:20240820", "EXDATE;TZID=Africa/Nairobi:20250820T000000", ""),
        (";VALUE=DATE:20240820", "EXDATE;VALUE=DATE:20250820", NAIROBI),
        (";TZID=Africa/Nairobi:20240820T010000", "EXDATE:20250819T220000Z", ""),
        (";TZID=Africa/Nairobi:20240820T010000", "EXDATE;VALUE=DATE:20250820", ""),
        (":20240819T220000Z", "EXDATE:20250819T220000Z", NAIROBI),
    ],
)
def test_a_day_is_left_out_however_it_is_written(start: str, left_out: str, head: str) -> None:
    found = days(read(entry(start, "RRULE:FREQ=YEARLY;COUNT=3", left_out), head=head))
    assert found == {date(2024, 8, 20): False, date(2025, 8, 20): True, date(2026, 8, 20): False}


@pytest.mark.parametrize("head", [NAIROBI, ""])
def test_a_day_of_a_series_is_moved_however_it_is_named(head: str) -> None:
    series = entry(";VALUE=DATE:20240820", "RRULE:FREQ=YEARLY;COUNT=3")
    moved = entry(";VALUE=DATE:20250826", "RECURRENCE-ID:20250819T210000Z")
    assert living(read(series, moved, head=head)) == ["2024-08-20", "2025-08-26", "2026-08-20"]
    assert living(read(moved, series, head=head)) == ["2024-08-20", "2025-08-26", "2026-08-20"]


def test_days_may_be_listed() -> None:
    series = entry(";VALUE=DATE:20240820", "RDATE;VALUE=DATE:20250901", "RDATE:20260901T210000Z")
    assert living(read(series, head=NAIROBI)) == ["2024-08-20", "2025-09-01", "2026-09-02"]


def test_a_moment_in_utc_is_on_the_day_of_the_calendar() -> None:
    one = entry(":20260819T213000Z", "DTEND:20260820T150000Z")
    for head in (NAIROBI, "X-WR-TIMEZONE:E. Africa Standard Time"):  # as Windows calls it
        assert living(read(one, head=head)) == ["2026-08-20"]
    assert living(read(one)) == ["2026-08-19"]


@pytest.mark.parametrize(
    "lines",
    [
        ("RRULE:FREQ=YEARLY;UNTIL=20200101",),
        ("RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",),
        ("RRULE:FREQ=YEARLY;COUNT=0",),
    ],
)
def test_an_entry_that_gives_no_day_is_told(lines: tuple[str, ...]) -> None:
    batch = read(entry(";VALUE=DATE:20240820", *lines))
    (rejected,) = batch.rejected
    assert rejected.reason == (
        "entry 1: it gives no day up to 2028-12-31: see where its repetition ends."
    )
    assert batch.series == ()  # nothing that is stored is taken for withdrawn


def test_entries_of_one_uid_that_contradict_each_other_are_all_refused() -> None:
    batch = read(
        entry(";VALUE=DATE:20260820"),
        entry(";VALUE=DATE:20260821"),
        entry(";VALUE=DATE:20260901", uid="another"),
    )
    assert [item.reason for item in batch.rejected] == [
        f"entry {number}: entries 1 and 2 have one UID and version and say two things: keep one."
        for number in (1, 2)
    ]
    assert (len(batch.events), len(batch.series)) == (1, 1)


def test_the_same_entry_again_is_skipped_and_a_later_version_counts() -> None:
    one = entry(";VALUE=DATE:20260820", "SUMMARY:a")
    assert dict(read(one, one.replace("SUMMARY:a", "SUMMARY:b")).skipped) == {
        "the same entry again": 1
    }
    later = entry(";VALUE=DATE:20260821", "SEQUENCE:1")
    assert living(read(later, one)) == ["2026-08-21"]


def test_a_series_says_since_when_it_holds_all_its_days() -> None:
    batch = read(entry(";VALUE=DATE:20240820", "RRULE:FREQ=YEARLY"))
    (series,) = batch.series
    assert series == Series(series.id, datetime(2026, 1, 5, 8, tzinfo=UTC))
    assert {id_.rpartition("-")[0] for id_ in batch.events["source_event_id"]} == {series.id}
    alone = read(entry(";VALUE=DATE:20250826", "RECURRENCE-ID;VALUE=DATE:20250820"))
    assert alone.series == ()  # of a series, but not the series


def test_a_refused_day_of_a_series_is_not_absent() -> None:
    series = entry(";VALUE=DATE:20240820", "RRULE:FREQ=YEARLY;COUNT=3")
    bad = entry(";VALUE=DATE:20250820", "RECURRENCE-ID;VALUE=DATE:20250820").replace("KEN", "X")
    batch = read(series, bad)
    assert {id_[-8:] for id_ in batch.refused_ids} == {"20250820"}
    assert len(batch.events) == 2


@pytest.mark.parametrize(
    "which",
    [
        "RECURRENCE-ID;RANGE=THISANDFUTURE;VALUE=DATE:20250820",
        "RECURRENCE-ID;RANGE=INVENTED;VALUE=DATE:20250820",
        "RECURRENCE-ID:soon",
        "RECURRENCE-ID;VALUE=DATE",
    ],
)
def test_a_series_is_refused_whole_where_its_changed_days_cannot_be_told(which: str) -> None:
    series = entry(";VALUE=DATE:20240820", "RRULE:FREQ=YEARLY;COUNT=3")
    batch = read(series, entry(";VALUE=DATE:20250826", which))
    assert (len(batch.events), batch.series) == (0, ())
    assert [item.reason[:8] for item in batch.rejected] == ["entry 2:", "entry 1:"]
    assert "entry 2 changes days of its series" in batch.rejected[1].reason


@pytest.mark.parametrize(
    "cancelled",
    [
        (entry(";VALUE=DATE:20240820", "STATUS:CANCELLED"), ""),
        (entry(";VALUE=DATE:20240820"), "METHOD:CANCEL"),
    ],
)
def test_a_cancelled_series_holds_no_day(cancelled: tuple[str, str]) -> None:
    batch = read(cancelled[0], head=cancelled[1])
    assert living(batch) == []
    assert len(batch.series) == 1


def test_one_cancelled_day_needs_no_day_of_its_own() -> None:
    series = entry(";VALUE=DATE:20240820", "RRULE:FREQ=YEARLY;COUNT=3")
    gone = entry(";X=1", "RECURRENCE-ID;VALUE=DATE:20250820", "STATUS:CANCELLED")
    gone = gone.replace("DTSTART;X=1\n", "")
    assert living(read(series, gone)) == ["2024-08-20", "2026-08-20"]


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=HOURLY",
        "FREQ=SECONDLY;COUNT=1000000000",
        "FREQ=YEARLY;COUNT=1000000000",
        "FREQ=YEARLY;COUNT=1000000000;BYDAY=MO,TU,WE,TH,FR,SA,SU",
        "FREQ=YEARLY;INTERVAL=1000000000",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=YEARLY;UNTIL=99991231T235959Z",
        "FREQ=YEARLY;BYDAY=" + ",".join(["1MO"] * 100_000),
        "FREQ=YEARLY;BYSETPOS=366;BYMONTH=2;BYMONTHDAY=30",
    ],
)
def test_no_rule_costs_much(rule: str) -> None:
    before = time.process_time()
    batch = read(entry(";VALUE=DATE:19010101", f"RRULE:{rule}"))
    assert len(batch.events) <= 400
    assert time.process_time() - before < 2


def test_a_calendar_of_too_many_entries_or_days_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    many = [entry(";VALUE=DATE:19010101", "RRULE:FREQ=YEARLY", uid=str(n)) for n in range(3)]
    monkeypatch.setattr(calendar_ics, "MOST_ROWS", 200)
    with pytest.raises(RecordRejected, match="more than 200 days: split it"):
        read(*many)
    monkeypatch.setattr(calendar_ics, "MOST_ENTRIES", 3)
    with pytest.raises(RecordRejected, match="more than 3 entries: split it"):
        read(*many)


def test_it_is_told_that_a_missing_entry_is_not_withdrawn() -> None:
    assert read(entry(";VALUE=DATE:20260820")).notes == (calendar_ics.ABSENT_STANDS,)
    assert read().notes == ()
