"""Calendars are pared of what may name people before they are kept. All names are invented."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ewarn.domain.source import Payload
from ewarn.places.gazetteer import load_gazetteer
from ingest.calendar import CalendarSource
from ingest.calendar_ics import read_icalendar
from ingest.calendar_pared import entry_id, pared

NOW = datetime(2026, 3, 2, tzinfo=UTC)
NAMES = ("Kossi", "kossi", "Invented")
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
CATEGORIES:election\r
LOCATION:TGO\r
DTSTART;VALUE=DATE:20260\r
 405\r
DTSTAMP:20260101T000000Z\r
BEGIN:VALARM\r
DESCRIPTION:Kossi Invented\r
END:VALARM\r
END:VEVENT\r
END:VCALENDAR\r
"""


def test_nothing_that_may_name_people_is_left_and_all_that_is_read() -> None:
    kept = pared(CALENDAR)
    assert [name for name in NAMES if name.encode() in kept] == []
    assert pared(kept) == kept
    whole, bare = (read_icalendar(body, load_gazetteer(), NOW) for body in (CALENDAR, kept))
    assert whole.events.equals(bare.events)
    assert len(bare.events) == 1
    assert bare.rejected == whole.rejected == ()


def test_an_entry_keeps_its_id() -> None:
    ours = entry_id("kossi@example.org")
    assert entry_id(ours) == ours
    assert "kossi" not in ours


@pytest.mark.parametrize("body", [b"", b"a,b\n", b"BEGIN:VCARD\nFN:Kossi\n", b"PK\x03\x04 no zip"])
def test_what_is_no_calendar_stays_as_it_is(body: bytes) -> None:
    assert pared(body) == body


def test_the_folder_gives_out_pared_files(tmp_path: Path) -> None:
    (tmp_path / "votes.ics").write_bytes(CALENDAR)
    soon = datetime.now(UTC) + timedelta(minutes=1)
    (payload,) = CalendarSource(folder=tmp_path).fetch(None, soon)
    assert isinstance(payload, Payload)
    assert [name for name in NAMES if name.encode() in payload.body] == []
