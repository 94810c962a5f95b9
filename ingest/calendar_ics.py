"""Calendars as other programs write them: iCalendar (RFC 5545), read by `icalendar`.

An entry says by its CATEGORIES what it is (`election`, and `postponed` if it is not simply a vote)
and by its LOCATION where (`TGO`, or `Kara, Togo`). Its title, text, organiser and guests are not
kept: they may name people. Nor is its UID, which often holds an address: the id is a hash of it.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, takewhile
from typing import Any

from dateutil.rrule import rrulestr
from icalendar import Calendar, vRecur
from icalendar.error import BrokenCalendarProperty

from ewarn.domain.source import Rejection
from ewarn.errors import RecordRejected
from ewarn.frames.events import ParsedBatch
from ewarn.ports import Places
from ingest.calendar_csv import batch_of
from ingest.calendar_facts import USUAL, Fact, Place, Topic, What, placed, row
from ingest.exchange import NOWHERE

MAX_BYTES = 8 * 1024 * 1024
YEARS_AHEAD = 2  # of the year of reading: how far repetitions are written out
MOST_DAYS = 400  # of one entry
_REPEATED_BY = {"FREQ", "INTERVAL", "COUNT", "BYMONTH", "BYMONTHDAY", "BYDAY", "BYSETPOS", "WKST"}
_DAY = timedelta(days=1)
# What the library and `dateutil` raise on values that are none.
_UNREADABLE = (
    ValueError,
    TypeError,
    KeyError,
    AttributeError,
    IndexError,
    OverflowError,
    BrokenCalendarProperty,
)


@dataclass(frozen=True, slots=True)
class _Entry:
    """A VEVENT with its place in the file, whose instance it is, and how new."""

    position: int
    event: Any
    uid: str
    instance: date | None
    sequence: int
    stamp: tuple[datetime | None, bool]

    @property
    def newness(self) -> tuple[int, datetime, int]:
        """Of two versions of one entry in a file, the greater counts."""
        return self.sequence, self.stamp[0] or datetime.min.replace(tzinfo=UTC), self.position


def is_icalendar(body: bytes) -> bool:
    """Whether a file begins as a calendar does."""
    return body.removeprefix(b"\xef\xbb\xbf").lstrip()[:15].upper() == b"BEGIN:VCALENDAR"


def read_icalendar(body: bytes, places: Places, read_at: datetime) -> ParsedBatch:
    """Entries of a calendar, repetitions written out up to two years ahead.

    An entry gives one event for each of its days, or is skipped or refused as a whole. Raises
    RecordRejected for a file that is no calendar.
    """
    skipped: Counter[str] = Counter()
    rejected: list[Rejection] = []
    newest: dict[tuple[str, date | None], _Entry] = {}
    for position, component, is_published in _components(body):
        if component.name != "VEVENT":
            skipped[f"no event but a {str(component.name)[:20].lower()}"] += 1
            continue
        try:
            entry = _entry(position, component, is_published)
        except RecordRejected as error:
            rejected.append(Rejection(None, f"entry {position}: {error}."))
            continue
        before = newest.get((entry.uid, entry.instance))
        if before is not None:
            skipped["an older version of an entry"] += 1
        if before is None or entry.newness > before.newness:
            newest[entry.uid, entry.instance] = entry
    rows = []
    for entry in newest.values():
        moved = {day for uid, day in newest if uid == entry.uid and day is not None}
        try:
            rows += _rows(entry, moved, places, read_at)
        except RecordRejected as error:
            rejected.append(Rejection(None, f"entry {entry.position}: {error}."))
        except _UNREADABLE:
            rejected.append(Rejection(None, f"entry {entry.position}: its days cannot be read."))
    return batch_of(rows, rejected, skipped)


def _components(body: bytes) -> Iterable[tuple[int, Any, bool]]:
    """Every component but time zones, counted from 1; whether its stamp is that of a sending."""
    if len(body) > MAX_BYTES:
        raise RecordRejected(f"The calendar holds more than {MAX_BYTES >> 20} MiB: split it.")
    try:
        calendars = Calendar.from_ical(body, multiple=True)
        found = [
            (part, "METHOD" in calendar)
            for calendar in calendars
            for part in calendar.subcomponents
        ]
    except (*_UNREADABLE, RecursionError):
        raise RecordRejected("The calendar cannot be read: export it again.") from None
    if not body.rstrip().upper().endswith(b"END:VCALENDAR"):
        raise RecordRejected("The calendar is cut off: fetch it again.")
    told = [item for item in found if item[0].name != "VTIMEZONE"]
    return ((number, part, is_sent) for number, (part, is_sent) in enumerate(told, start=1))


def _entry(position: int, event: Any, is_published: bool) -> _Entry:
    uid = str(event.get("UID", "")).strip()
    if not uid:
        raise RecordRejected("it has no UID")
    instance = None
    if "RECURRENCE-ID" in event:
        if "RANGE" in getattr(event["RECURRENCE-ID"], "params", {}):
            raise RecordRejected("it changes a series from a day on: export the series anew")
        instance = _day(event, "RECURRENCE-ID")
    try:
        sequence = int(event.get("SEQUENCE", 0))
    except _UNREADABLE:
        raise RecordRejected("its SEQUENCE is no number") from None
    return _Entry(position, event, uid, instance, sequence, _stamp(event, is_published))


def _stamp(event: Any, is_published: bool) -> tuple[datetime | None, bool]:
    """Since when it is known as it stands, and whether that is an estimate: a calendar that was
    sent has stamps of the sending."""
    for name, is_estimated in (("LAST-MODIFIED", False), ("DTSTAMP", is_published)):
        value = _value(event, name)
        if isinstance(value, datetime):
            return _utc(value), is_estimated
    return None, True


def _utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (OverflowError, ValueError):
        raise RecordRejected("its stamp is no moment") from None


def _rows(
    entry: _Entry, moved: set[date], places: Places, read_at: datetime
) -> list[dict[str, Any]]:
    event = entry.event
    status = str(event.get("STATUS", "")).upper()
    is_cancelled = status == "CANCELLED"
    topic, what = _kind(event, is_cancelled)
    place = _place(event, places, is_cancelled)
    first, length = _span(event)
    name = f"ics-{hashlib.sha256(entry.uid.encode('utf-8', 'replace')).hexdigest()[:20]}"
    days = {first: is_cancelled}
    if "RRULE" in event and entry.instance is None:
        left_out = _left_out(event)
        # A day that is left out may stand in an earlier version of the file: it is withdrawn.
        days = {
            day: is_cancelled or day in left_out
            for day in _repeated(event, first, read_at)
            if day not in moved
        }
    rows = []
    for day, deleted in days.items():
        instance = day if "RRULE" in event else entry.instance
        fact = Fact(
            id=name if instance is None else f"{name}-{(entry.instance or instance):%Y%m%d}",
            what=what,
            topic=topic,
            first_day=day,
            last_day=day + length,
            known_at=entry.stamp[0],
            is_estimated=entry.stamp[1],
            tags=("quality:tentative",) if status == "TENTATIVE" else (),
            deleted=deleted,
        )
        rows.append(row(fact, place, None, read_at))
    return rows


def _kind(event: Any, is_cancelled: bool) -> tuple[Topic, What]:
    value = event.get("CATEGORIES", [])
    lists = value if isinstance(value, list) else [value]
    words = {str(word).strip().lower() for item in lists for word in getattr(item, "cats", ())}
    topics, whats = words & set(Topic), words & set(What)
    if len(topics) != 1 or len(whats) > 1:
        if is_cancelled:
            return Topic.ELECTION, What.VOTE  # of a withdrawn entry nothing is read
        raise RecordRejected(f"its CATEGORIES must name one of {', '.join(Topic)}")
    topic = Topic(topics.pop())
    return topic, What(whats.pop()) if whats else USUAL[topic]


def _place(event: Any, places: Places, is_cancelled: bool) -> Place:
    parts = [part.strip() for part in str(event.get("LOCATION", "")).split(",") if part.strip()]
    try:
        if not parts:
            raise RecordRejected("its LOCATION names no country")
        return placed(places, parts[-1], parts[0] if len(parts) > 1 else "")
    except RecordRejected:
        if is_cancelled:
            return Place(NOWHERE, NOWHERE)
        raise


def _value(event: Any, name: str) -> Any:
    """The value of a property of time; None where it is absent or broken."""
    try:
        return event[name].dt
    except _UNREADABLE:
        return None


def _day(event: Any, name: str) -> date:
    """The day as it is written there: a vote is on its own country's day."""
    value = _value(event, name)
    if isinstance(value, datetime):
        return value.date()
    if not isinstance(value, date):
        raise RecordRejected(f"its {name} cannot be read")
    return value


def _span(event: Any) -> tuple[date, timedelta]:
    """Its first day, and how many days later its last is. An end is the first moment after it."""
    first = _day(event, "DTSTART")
    start = event["DTSTART"].dt
    if "DTEND" in event:
        end = event["DTEND"].dt
    else:
        end = start + event["DURATION"].dt if "DURATION" in event else start
    last = end.date() if isinstance(end, datetime) else end
    whole = not isinstance(end, datetime) or end.time() == time()
    if whole and last > first:
        last -= _DAY
    return first, last - first


def _left_out(event: Any) -> set[date]:
    value = event.get("EXDATE", [])
    lists = value if isinstance(value, list) else [value]
    days = [item.dt for group in lists for item in getattr(group, "dts", ())]
    return {day.date() if isinstance(day, datetime) else day for day in days}


def _repeated(event: Any, first: date, read_at: datetime) -> list[date]:
    """Every day of a yearly repetition up to the horizon."""
    rule = event["RRULE"]
    if not isinstance(rule, vRecur) or "RDATE" in event:
        raise RecordRejected("it repeats by more than one rule")
    until = rule.get("UNTIL", [date.max])[0]
    last = until.date() if isinstance(until, datetime) else until
    parts = {name: value for name, value in rule.items() if name != "UNTIL"}
    if parts.get("FREQ") != ["YEARLY"] or set(parts) - _REPEATED_BY:
        raise RecordRejected("it repeats otherwise than yearly")
    if int(parts.get("INTERVAL", [1])[0]) < 1:
        raise RecordRejected("it repeats after less than a year")
    last = min(last, date(read_at.year + YEARS_AHEAD, 12, 31))
    text: bytes = vRecur(parts).to_ical()  # type: ignore[no-untyped-call]
    found = rrulestr(text.decode(), dtstart=datetime.combine(first, time()))
    days = takewhile(lambda day: day <= last, (moment.date() for moment in found))
    listed = list(islice(days, MOST_DAYS + 1))
    if len(listed) > MOST_DAYS:
        raise RecordRejected(f"it repeats on more than {MOST_DAYS} days")
    return listed
