"""Tests that what may name people is removed from calendars. All names are invented."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ewarn.domain.source import Payload, Unread
from ewarn.errors import RecordRejected
from ewarn.places.gazetteer import load_gazetteer
from ingest.calendar import pared as calendar_pared
from ingest.calendar.ics import read_icalendar
from ingest.calendar.pared import entry_id, kept_name, pared
from ingest.calendar.source import CalendarSource

PLACES = load_gazetteer()
NOW = datetime(2026, 3, 2, tzinfo=UTC)
CALENDAR = b"""BEGIN:VCALENDAR\r
VERSION:2.0\r
PRODID:-//Kossi Invented//EN\r
X-WR-CALNAME:Meetings of Kossi Invented\r
BEGIN:VEVENT\r
UID:kossi@example.org\r
SUMMARY:Vote\\, with Kossi\r
 Invented and others\r
DESCRIPTION;LANGUAGE=fr:Kossi Invented\r
ORGANIZER;CN="Kossi Invented":mailto:kossi@example.org\r
ATTENDEE;CN=Kossi Invented:mailto:kossi@example.org\r
CONTACT:Kossi Invented\r
COMMENT:Kossi Invented\r
X-NOTE:Kossi Invented\r
CATEGORIES:election,Kossi Invented\r
LOCATION;X-NOTE=Kossi:TGO\r
DTSTART;X-NOTE=Kossi;VALUE=DATE:20260\r
 405\r
DTSTAMP;X-NOTE="Kossi; Invented: x":20260101T000000Z\r
STATUS;X-NOTE=Kossi:Confirmed;\r
BEGIN:VALARM\r
DESCRIPTION:Kossi Invented\r
END:VALARM\r
END:VEVENT\r
END:VCALENDAR\r
"""
# Each stands in place of, or beside, what the calendar above has; all that is read has one.
PLANTED = [
    "VERSION:Kossi",
    "METHOD:Kossi",
    "CALSCALE:Kossi",
    "X-WR-TIMEZONE:Kossi/Invented",
    "BEGIN:KOSSI\nEND:KOSSI",
    "BEGIN:VTIMEZONE\nTZID:Kossi\nX-LIC-LOCATION:Kossi\nBEGIN:STANDARD\nDTSTART:19700101T000000\n"
    "TZOFFSETFROM:Kossi\nTZOFFSETTO:+0000\nTZNAME:Kossi\nEND:STANDARD\nEND:VTIMEZONE",
    *(
        "BEGIN:VEVENT\nUID:kossi-2\nDTSTART;VALUE=DATE:20260406\nCATEGORIES:election\n"
        f"LOCATION:TGO\n{line}\nEND:VEVENT"
        for line in (
            "DTSTART:Kossi",
            "DTSTART;TZID=Kossi:20260101T000000",
            'DTSTART;TZID="Kossi: Invented":20260101T000000',
            "DTSTART;VALUE=KOSSI:20260101",
            "DTSTART;KOSSI",
            "DTSTART\tKossi",
            "DTEND:Kossi",
            "DURATION:PKossi",
            "RRULE:FREQ=KOSSI",
            "RRULE:FREQ=YEARLY;KOSSI=1",
            "RRULE:FREQ=YEARLY;UNTIL=Kossi",
            "EXRULE:FREQ=KOSSI",
            "RDATE:20260101,Kossi",
            "EXDATE;VALUE=DATE:Kossi",
            "RECURRENCE-ID;RANGE=KOSSI:20260101",
            "SEQUENCE:Kossi",
            "LAST-MODIFIED:Kossi",
            "CREATED:Kossi",
            "DTSTAMP:20260101T000000Z Kossi",
            "STATUS:CANCELLED;Kossi",
            "STATUS:Kossi",
            "STATUS : Kossi",
            "CATEGORIES:Kossi",
            "LOCATION:Kossi's house",
            "LOCATION:12 Kossi Street\\, Togo",
            "LOCATION:Kossi\\nInvented\\, Togo",
            "LOCATION:Kara\\, Kossi\\, Togo",
            "LOCATION:Togo\\, Kossi",
            "UID;X-NOTE=Kossi:kossi@example.org",
            "Kossi Invented",
            " Kossi",
        )
    ),
]

REFUSED_WHOLE = {
    "TZOFFSETFROM:Kossi": r"The calendar cannot be read: export it again\.",
    "METHOD:Kossi": r"The METHOD of the calendar is not known: export it again\.",
}


def names_in(*texts: object) -> list[str]:
    return [text for text in map(str, texts) if any(w in text.lower() for w in ("koss", "invent"))]


def test_nothing_that_may_name_people_is_left_and_all_that_is_read() -> None:
    kept = pared(CALENDAR, PLACES)
    assert names_in(kept) == []
    assert pared(kept, PLACES) == kept
    whole, bare = (read_icalendar(body, PLACES, NOW) for body in (CALENDAR, kept))
    assert whole.events.equals(bare.events)
    assert len(bare.events) == 1
    assert bare.rejected == whole.rejected == ()


@pytest.mark.parametrize("planted", PLANTED)
@pytest.mark.parametrize("coding", ["utf-8", "utf-16"])
def test_no_value_that_was_not_understood_is_kept_or_told(planted: str, coding: str) -> None:
    text = CALENDAR.decode().replace("BEGIN:VEVENT", f"{planted}\nBEGIN:VEVENT", 1)
    body = text.encode(coding)
    kept = pared(body, PLACES)
    assert names_in(kept) == []
    assert pared(kept, PLACES) == kept
    for name, said in REFUSED_WHOLE.items():
        if name in planted:
            with pytest.raises(RecordRejected, match=said):
                read_icalendar(body, PLACES, NOW)
            return
    batch, again = read_icalendar(body, PLACES, NOW), read_icalendar(kept, PLACES, NOW)
    assert names_in(batch.rejected, batch.skipped, batch.notes, batch.events.to_dict()) == []
    assert again.rejected == batch.rejected
    assert again.events.equals(batch.events)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("Togo", "TGO"),
        ("Kara\\, Togo", "TG-K\\, TGO"),
        ("Centrale\\, TG", "TG-C\\, TGO"),
        ("TG0101\\, Togo", "TG0101\\, TGO"),  # a P-code, which another gazetteer may know
        ("Somewhere\\, Togo", "unread\\, TGO"),
        ("Togo\\, Somewhere", "unread"),
    ],
)
def test_a_place_is_kept_as_the_gazetteer_calls_it(written: str, kept: str) -> None:
    text = pared(f"BEGIN:VCALENDAR\nLOCATION:{written}\nEND:VCALENDAR\n".encode(), PLACES)
    assert text.decode().splitlines()[1] == f"LOCATION:{kept}"


def test_a_zone_of_the_file_alone_keeps_its_meaning_not_its_name() -> None:
    zone = (
        "BEGIN:VTIMEZONE\nTZID:Kossi\nBEGIN:STANDARD\nDTSTART:19700101T000000\n"
        "TZOFFSETFROM:+1200\nTZOFFSETTO:+1200\nEND:STANDARD\nEND:VTIMEZONE\n"
    )
    text = CALENDAR.decode().replace("BEGIN:VEVENT", f"{zone}BEGIN:VEVENT", 1)
    text = text.replace(";X-NOTE=Kossi;VALUE=DATE:20260\r\n 405", ";TZID=Kossi:20260405T003000")
    (day,) = read_icalendar(text.encode(), PLACES, NOW).events["occurred_on"]
    assert str(day.date()) == "2026-04-05"


def test_an_entry_keeps_its_id() -> None:
    ours = entry_id("kossi@example.org")
    assert entry_id(ours) == ours
    assert "kossi" not in ours


@pytest.mark.parametrize("body", [b"", b"a,b\n", b"BEGIN:VCARD\nFN:Kossi\n"])
def test_what_is_no_calendar_stays_as_it_is(body: bytes) -> None:
    assert pared(body, PLACES) == body


@pytest.mark.parametrize(
    "line", ['DTSTART;A="x";A=""x"', "DTSTART;", "DTSTART;A=B", "RDATE:20260101,", "SUMMARY:x\n"]
)
def test_no_line_costs_more_than_its_length(line: str) -> None:
    before = time.process_time()
    pared(b"BEGIN:VCALENDAR\n" + line.encode() * 50_000, PLACES)
    assert time.process_time() - before < 2


def test_a_calendar_past_its_bounds_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calendar_pared, "MOST_LINES", 3)
    with pytest.raises(RecordRejected, match="more than 3 lines: split it"):
        pared(CALENDAR, PLACES)
    monkeypatch.setattr(calendar_pared, "MAX_BYTES", 100)
    with pytest.raises(RecordRejected, match="split it"):
        pared(CALENDAR, PLACES)


def fetched(folder: Path, name: str, body: bytes) -> Payload | Unread:
    (folder / name).write_bytes(body)
    soon = datetime.now(UTC) + timedelta(minutes=1)
    source = CalendarSource(folder=folder)
    (item,) = source.fetch(None, soon)
    again = source.fetch_again(item.name, soon)
    assert (again.name, type(again)) == (item.name, type(item))
    return item


@pytest.mark.parametrize("name", ["kossi-wedding.ics", "Kossi.ICS", "kossi.csv"])
@pytest.mark.parametrize("coding", ["utf-8", "utf-16"])
def test_the_folder_gives_out_pared_files(tmp_path: Path, name: str, coding: str) -> None:
    payload = fetched(tmp_path, name, CALENDAR.decode().encode(coding))
    assert isinstance(payload, Payload)
    assert payload.name == kept_name(name)
    assert names_in(payload.name, payload.body) == []
    assert len(next(iter(CalendarSource().parse(payload, PLACES))).events) == 1


@pytest.mark.parametrize(
    "body", [b"", b"BEGIN:VCARD\nFN:Kossi\n", b"PK\x03\x04 Kossi", b"\xff\xfeBEGIN:VCALENDAR Kossi"]
)
def test_what_cannot_be_pared_is_not_given_out(tmp_path: Path, body: bytes) -> None:
    item = fetched(tmp_path, "kossi.ics", body)
    assert isinstance(item, Unread)
    assert names_in(item) == []


def test_a_name_is_kept_as_its_hash_once() -> None:
    assert kept_name("kossi.ics") != kept_name("kofi.ics")
    assert kept_name(kept_name("kossi.ics")) == kept_name("kossi.ics")
