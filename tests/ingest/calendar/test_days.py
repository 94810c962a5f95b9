"""Tests of days in iCalendar: moments and whole days, zones, series, and limits of work."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from ewarn.domain.source import Series
from ewarn.errors import RecordRejected
from ewarn.frames.events import ParsedBatch
from ewarn.places.gazetteer import load_gazetteer
from ingest.calendar import ics as calendar_ics
from ingest.calendar.ics import read_icalendar

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


@pytest.mark.parametrize(
    ("start", "until", "last"),
    [
        (";TZID=Africa/Lome:20250820T080000", "20270820T075959Z", 2026),
        (";TZID=Africa/Lome:20250820T080000", "20270820T080000Z", 2027),
        (";TZID=Africa/Lome:20250820T080000", "20270820T000000Z", 2026),
        (";TZID=Africa/Lome:20250820T080000", "20270820T075959", 2026),  # by its own clock
        (";TZID=Africa/Lome:20250820T080000", "20270820", 2027),
        (";TZID=America/Lima:20250820T230000", "20270821T035959Z", 2026),
        (";TZID=America/Lima:20250820T230000", "20270821T040000Z", 2027),
        (":20250820T080000Z", "20270820T075959Z", 2026),
        (":20250820T080000", "20270820T050000Z", 2027),  # of a zone that nobody names
    ],
)
def test_a_series_of_moments_ends_with_the_last_before_its_end(
    start: str, until: str, last: int
) -> None:
    found = living(read(entry(start, f"RRULE:FREQ=YEARLY;UNTIL={until}")))
    assert found == [f"{year}-08-20" for year in range(2025, last + 1)]


@pytest.mark.parametrize(
    ("start", "rule", "found"),
    [
        # By the clock of UTC, 19 August is the 20th in Kabul.
        ("20250819T203000Z", "BYMONTH=8;BYMONTHDAY=19", ["2025-08-20", "2026-08-20"]),
        ("20250819T203000Z", "BYMONTH=8;BYMONTHDAY=20", ["2025-08-20", "2026-08-20"]),
        ("20250819T203000Z", "", ["2025-08-20", "2026-08-20"]),
        ("20250816T203000Z", "BYMONTH=8;BYDAY=3SA", ["2025-08-17", "2026-08-16"]),
        ("20250816T203000Z", "BYMONTH=8;BYDAY=3SU", ["2025-08-17", "2026-08-16"]),
    ],
)
def test_a_rule_is_of_the_zone_that_its_first_day_fits(
    start: str, rule: str, found: list[str]
) -> None:
    lines = f"RRULE:FREQ=YEARLY;COUNT=2;{rule}".rstrip(";")
    assert living(read(entry(f":{start}", lines), head="X-WR-TIMEZONE:Asia/Kabul")) == found


def test_a_rule_that_fits_its_first_day_in_no_zone_is_refused() -> None:
    rule = "RRULE:FREQ=YEARLY;BYMONTH=11;BYMONTHDAY=5"
    batch = read(entry(":20250819T203000Z", rule), head="X-WR-TIMEZONE:Asia/Kabul")
    assert [item.reason for item in batch.rejected] == [
        "entry 1: its first day is not a day of its RRULE, neither in UTC nor in the calendar's "
        "zone: write its DTSTART in the zone that the rule is meant in."
    ]


@pytest.mark.parametrize("start", [";VALUE=DATE:20251220", ":20251220T080000", ":20251220T080000Z"])
@pytest.mark.parametrize(
    ("end", "found"),
    [
        ("", ["2025-12-20", "2026-11-05", "2027-11-05", "2028-11-05"]),
        (";COUNT=2", ["2025-12-20", "2026-11-05"]),  # it is the first of them
        (";UNTIL=20260101", ["2025-12-20"]),
    ],
)
def test_the_first_day_is_a_day_of_its_series(start: str, end: str, found: list[str]) -> None:
    rule = f"RRULE:FREQ=YEARLY;BYMONTH=11;BYMONTHDAY=5{end}"
    assert living(read(entry(start, rule), head=NAIROBI)) == found


@pytest.mark.parametrize("hours", [10, 11, 12])
def test_an_exception_in_an_unknown_zone_is_the_day_that_the_series_has(hours: int) -> None:
    """Midnight of 20 August far east, and of the 19th far west."""
    named = f"20260819T{hours}0000Z"
    series = entry(";VALUE=DATE:20250820", "RRULE:FREQ=YEARLY;COUNT=2")
    assert living(read(series + f"\nEXDATE:{named}")) == ["2025-08-20"]
    moved = entry(";VALUE=DATE:20260901", f"RECURRENCE-ID:{named}")
    assert living(read(series, moved)) == ["2025-08-20", "2026-09-01"]
    west = series.replace("0820", "0819")
    assert living(read(west + f"\nEXDATE:{named}")) == ["2025-08-19"]


@pytest.mark.parametrize(
    "lines",
    [
        ("RRULE:FREQ=YEARLY;COUNT=2", "EXDATE;VALUE=DATE:20260821"),
        ("EXDATE;VALUE=DATE:20250821",),
        ("RRULE:FREQ=YEARLY;COUNT=2", "EXDATE;VALUE=DATE:20260820,20260822"),
    ],
)
def test_an_exception_of_no_day_is_told(lines: tuple[str, ...]) -> None:
    batch = read(entry(";VALUE=DATE:20250820", *lines))
    assert batch.notes[0] == (
        "Entry 1: its EXDATE names a day that it does not have, so that this leaves out none: see "
        "its zone."
    )
    assert "2025-08-20" in living(batch)


def test_an_exception_after_the_horizon_is_not_told() -> None:
    lines = ("RRULE:FREQ=YEARLY", "EXDATE;VALUE=DATE:20350820")
    assert read(entry(";VALUE=DATE:20250820", *lines)).notes == (calendar_ics.ABSENT_STANDS,)


def test_a_single_entry_whose_only_day_is_left_out_is_withdrawn() -> None:
    assert living(read(entry(";VALUE=DATE:20260820", "EXDATE;VALUE=DATE:20260820"))) == []


@pytest.mark.parametrize("rule", ["RRULE:FREQ=YEARLY;COUNT=3", "X-NONE:1"])
def test_a_changed_day_that_its_series_does_not_have_refuses_it(rule: str) -> None:
    moved = entry(";VALUE=DATE:20260901", "RECURRENCE-ID;VALUE=DATE:20260821")
    batch = read(entry(";VALUE=DATE:20250820", rule), moved)
    assert (len(batch.events), batch.series) == (0, ())
    assert [item.reason for item in batch.rejected] == [
        "entry 2: its RECURRENCE-ID is not a day of its series: check its zone.",
        "entry 1: entry 2 changes days of its series that cannot be determined.",
    ]


@pytest.mark.parametrize("name", ["asia/kabul", '"Asia/Kabul"', " Asia/Kabul", "ASIA/KABUL"])
def test_a_zone_is_known_however_it_is_spelt(name: str) -> None:
    batch = read(entry(":20261219T193000Z"), head=f"X-WR-TIMEZONE:{name}")
    assert living(batch) == ["2026-12-20"]
    assert batch.notes == (calendar_ics.ABSENT_STANDS,)


@pytest.mark.parametrize("name", ["UTC", "GMT", "Etc/GMT", "etc/utc", "Zulu"])
def test_utc_is_known_by_its_other_names(name: str) -> None:
    one = entry(f";TZID={name}:20261219T213000")
    assert living(read(one, head=NAIROBI)) == ["2026-12-20"]
    assert read(one, head=f"X-WR-TIMEZONE:{name}").notes == (calendar_ics.ABSENT_STANDS,)


@pytest.mark.parametrize("head", ["X-WR-TIMEZONE:Kabul", ""])
def test_a_moment_in_utc_of_an_unknown_zone_is_told(head: str) -> None:
    batch = read(entry(":20261219T193000Z"), entry(";VALUE=DATE:20261219", uid="two"), head=head)
    assert batch.notes[0] == (
        "Entry 1: the zone of its calendar is not known, so its day is read as one of UTC."
    )


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
def test_no_rule_runs_on(rule: str) -> None:
    """Each would go on for very long, or for ever, were it not bounded."""
    assert len(read(entry(";VALUE=DATE:19010101", f"RRULE:{rule}")).events) <= 400


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


SERIES = entry(";VALUE=DATE:20240820", "RRULE:FREQ=YEARLY;COUNT=3", "SEQUENCE:2")
MOVED = entry(";VALUE=DATE:20250826", "RECURRENCE-ID;VALUE=DATE:20250820", "SEQUENCE:1")
NEWER = MOVED.replace("SEQUENCE:1", "SEQUENCE:2")


@pytest.mark.parametrize(
    ("series", "changed", "found", "older"),
    [
        (SERIES + "\nEXDATE;VALUE=DATE:20250820", MOVED, ["2024-08-20", "2026-08-20"], 1),
        (SERIES + "\nSTATUS:CANCELLED", MOVED, [], 1),
        (SERIES, MOVED, ["2024-08-20", "2025-08-26", "2026-08-20"], 0),
        # Some programs leave out the day that they move.
        (
            SERIES + "\nEXDATE;VALUE=DATE:20250820",
            NEWER,
            ["2024-08-20", "2025-08-26", "2026-08-20"],
            0,
        ),
        (SERIES + "\nSTATUS:CANCELLED", NEWER, ["2025-08-26"], 0),
    ],
)
def test_a_changed_day_is_withdrawn_by_a_newer_version_of_its_series(
    series: str, changed: str, found: list[str], older: int
) -> None:
    for batch in (read(series, changed), read(changed, series)):
        assert living(batch) == found
        assert batch.skipped["an older version of an entry"] == older
        assert len(batch.events) == 3  # each day of the series is told, if only as withdrawn


def test_a_listed_period_has_its_own_length() -> None:
    start = ";TZID=Africa/Nairobi:20240820T080000"
    listed = "RDATE;VALUE=PERIOD:20250901T080000Z/20250903T150000Z,20260901T080000Z/PT30H"
    batch = read(entry(start, "DURATION:PT9H", listed))
    found = zip(batch.events["occurred_on"], batch.events["ended_on"], strict=True)
    assert [(str(first.date()), (last - first).days) for first, last in found] == [
        ("2024-08-20", 0),
        ("2025-09-01", 2),
        ("2026-09-01", 1),
    ]
