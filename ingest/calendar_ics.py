"""Calendars as other programs write them: iCalendar (RFC 5545), read by `icalendar`.

An entry says by its CATEGORIES what it is (`election`, and `postponed` if it is not simply a vote)
and by its LOCATION where (`TGO`, or `Kara, Togo`). What is read was pared before: nothing that may
name people is left, and no reason can quote it. Reasons name an entry by its number in the file.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any

from icalendar import Calendar

from ewarn.domain.source import Rejection, Series
from ewarn.errors import RecordRejected
from ewarn.frames.events import ParsedBatch
from ewarn.ports import Places
from ingest.calendar_csv import batch_of
from ingest.calendar_days import (
    UNREADABLE,
    day_at,
    days_of,
    is_whole,
    span_of,
    utc,
    value_of,
    zone_of,
    zone_of_calendar,
)
from ingest.calendar_facts import USUAL, Fact, Place, Topic, What, placed, row
from ingest.calendar_pared import UNREAD, pared
from ingest.exchange import NOWHERE

# What is read within two seconds: an entry costs much, and so does a long list in one.
MAX_BYTES = 1024 * 1024  # pared
MOST_ENTRIES = 2_500  # with all that stands in them
MOST_ROWS = 20_000
# Nothing in a file says which file it is a later version of: another calendar may have its name.
ABSENT_STANDS = (
    "An entry that an earlier file had and this one lacks is not withdrawn: cancel it "
    "(STATUS:CANCELLED) and import the calendar again."
)
_READ = (
    *("DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXRULE", "EXDATE"),
    *("STATUS", "CATEGORIES", "LOCATION"),
)


@dataclass(frozen=True, slots=True)
class _Entry:
    """A VEVENT with its place in the file, its calendar's zone, and how new it is."""

    position: int
    event: Any
    id: str  # its own, or that of the series it belongs to
    zone: tzinfo | None
    sequence: int
    stamp: tuple[datetime | None, bool]
    is_cancelled: bool

    @property
    def newness(self) -> tuple[int, datetime]:
        """Of two versions of one entry in a file, the greater counts."""
        return self.sequence, self.stamp[0] or datetime.min.replace(tzinfo=UTC)

    @property
    def is_of_a_series(self) -> bool:
        """Whether it speaks for one day of a series alone."""
        return "RECURRENCE-ID" in self.event


def read_icalendar(body: bytes, places: Places, read_at: datetime) -> ParsedBatch:
    """Entries of a calendar, repetitions written out up to two years ahead.

    An entry gives one event for each of its days, or is skipped or refused as a whole; days that a
    series had in an earlier file and no longer holds are withdrawn. Raises RecordRejected for a
    file that is no calendar.
    """
    reading = _Reading(places, read_at, [], [], Counter(), [], set())
    by_id: dict[str, list[_Entry]] = defaultdict(list)
    for position, component, zone, method in _components(pared(body, places)):
        if component.name != "VEVENT":
            reading.skipped[f"no event but a {component.name.lower()}"] += 1
            continue
        try:
            entry = _entry(position, component, zone, method)
            by_id[entry.id].append(entry)
        except RecordRejected as error:
            reading.refuse(position, error)
    for entries in by_id.values():
        reading.read(entries)
        if len(reading.rows) > MOST_ROWS:
            raise RecordRejected(f"The calendar holds more than {MOST_ROWS} days: split it.")
    batch = batch_of(reading.rows, reading.rejected, reading.skipped)
    return replace(
        batch,
        series=tuple(reading.series),
        refused_ids=frozenset(reading.refused_ids),
        notes=(ABSENT_STANDS,) if reading.rows else (),
    )


@dataclass
class _Reading:
    """What came of the entries so far."""

    places: Places
    read_at: datetime
    rows: list[dict[str, Any]]
    rejected: list[Rejection]
    skipped: Counter[str]
    series: list[Series]
    refused_ids: set[str]

    def refuse(self, position: int, error: Exception) -> None:
        """Write down why an entry is refused."""
        said = str(error) if isinstance(error, RecordRejected) else "its days cannot be read"
        self.rejected.append(Rejection(None, f"entry {position}: {said}."))

    def read(self, entries: Sequence[_Entry]) -> None:
        """All entries that share a UID: one of its own, and those of single days of it."""
        whole = self._newest([entry for entry in entries if not entry.is_of_a_series])
        days: dict[date, list[_Entry]] = defaultdict(list)
        lost: list[int] = []
        for entry in entries:
            if entry.is_of_a_series:
                try:
                    days[_instance(entry, whole)].append(entry)
                except (RecordRejected, *UNREADABLE) as error:
                    self.refuse(entry.position, error)
                    lost.append(entry.position)
        for day, same in days.items():
            newest = self._newest(same)
            if newest is None or not self._take(newest, {day: False}, of_a_series=True):
                self.refused_ids.add(f"{same[0].id}-{day:%Y%m%d}")
        if whole is None:
            return
        if lost:
            said = f"entry {lost[0]} changes days of its series that cannot be told"
            self.refuse(whole.position, RecordRejected(said))
            return
        try:
            found, repeats = _days(whole, self.read_at)
        except (RecordRejected, *UNREADABLE) as error:
            self.refuse(whole.position, error)
            return
        others = {day: gone for day, gone in found.items() if day not in days}
        if self._take(whole, others, of_a_series=repeats):
            known_at = min(whole.stamp[0] or self.read_at, self.read_at)
            self.series.append(Series(whole.id, known_at))

    def _newest(self, entries: Sequence[_Entry]) -> _Entry | None:
        """The newest of several versions; None where there is none, or two that contradict."""
        if not entries:
            return None
        newest = max(entries, key=lambda entry: entry.newness)
        same = [entry for entry in entries if entry.newness == newest.newness]
        if len({_said(entry.event) for entry in same}) > 1:
            numbers = " and ".join(str(entry.position) for entry in same)
            said = f"entries {numbers} have one UID and version and say two things: keep one"
            self.rejected += [Rejection(None, f"entry {entry.position}: {said}.") for entry in same]
            return None
        if len(same) > 1:
            self.skipped["the same entry again"] += len(same) - 1
        if len(entries) > len(same):
            self.skipped["an older version of an entry"] += len(entries) - len(same)
        return newest

    def _take(self, entry: _Entry, days: dict[date, bool], *, of_a_series: bool) -> bool:
        try:
            self.rows += _rows(entry, days, self.places, self.read_at, of_a_series=of_a_series)
        except (RecordRejected, *UNREADABLE) as error:
            self.refuse(entry.position, error)
            return False
        return True


def _said(event: Any) -> tuple[object, ...]:
    """What is read of an entry, to compare two."""
    values = [event.get(name) for name in _READ]
    lists = [value if isinstance(value, list) else [value] for value in values]
    return tuple(
        (value.to_ical(), str(value.params)) if value is not None else None
        for items in lists
        for value in items
    )


def _instance(entry: _Entry, whole: _Entry | None) -> date:
    """Which day of its series an entry is about."""
    if "RANGE" in getattr(entry.event["RECURRENCE-ID"], "params", {}):
        raise RecordRejected("it changes a series from a day on (RANGE): write two series")
    of = whole or entry
    zone = zone_of(of.event, of.zone)
    return day_at(entry.event, "RECURRENCE-ID", zone, whole=is_whole(of.event))


def _days(entry: _Entry, read_at: datetime) -> tuple[dict[date, bool], bool]:
    """Its days with those left out, and whether it is a series."""
    event, zone = entry.event, zone_of(entry.event, entry.zone)
    if "EXRULE" in event:
        raise RecordRejected("it leaves out days by a rule (EXRULE): list them as EXDATE")
    if "RRULE" in event or "RDATE" in event:
        return days_of(event, zone, read_at), True
    return {span_of(event, zone)[0]: False}, False


def _components(body: bytes) -> Iterable[tuple[int, Any, tzinfo | None, str]]:
    """Every component but time zones, counted from 1; the zone of its calendar; and the METHOD
    by which that was sent, if it was.
    """
    if len(body) > MAX_BYTES:
        raise RecordRejected(f"The calendar holds more than {MAX_BYTES >> 20} MiB: split it.")
    if body.upper().count(b"BEGIN:") > MOST_ENTRIES:
        raise RecordRejected(f"The calendar holds more than {MOST_ENTRIES} entries: split it.")
    try:
        calendars = Calendar.from_ical(body, multiple=True)
        found = [
            (part, zone, str(calendar.get("METHOD", "")).upper())
            for calendar in calendars
            for zone in (zone_of_calendar(calendar),)
            for part in calendar.subcomponents
        ]
    except (*UNREADABLE, RecursionError):
        raise RecordRejected("The calendar cannot be read: export it again.") from None
    if not body.rstrip().upper().endswith(b"END:VCALENDAR"):
        raise RecordRejected("The calendar is cut off: fetch it again.")
    told = [item for item in found if item[0].name != "VTIMEZONE"]
    return ((number, *item) for number, item in enumerate(told, start=1))


def _entry(position: int, event: Any, zone: tzinfo | None, method: str) -> _Entry:
    id_ = event.get("UID")
    if not id_ or isinstance(id_, list):
        raise RecordRejected("it has several UIDs" if id_ else "it has no UID")
    try:
        sequence = int(event.get("SEQUENCE", 0))
    except UNREADABLE:
        raise RecordRejected("its SEQUENCE is no number") from None
    is_cancelled = method == "CANCEL" or str(event.get("STATUS", "")).upper() == "CANCELLED"
    stamp = _stamp(event, is_published=bool(method))
    return _Entry(position, event, str(id_), zone, sequence, stamp, is_cancelled)


def _stamp(event: Any, *, is_published: bool) -> tuple[datetime | None, bool]:
    """Since when it is known as it stands, and whether that is an estimate: a calendar that was
    sent has stamps of the sending."""
    for name, is_estimated in (("LAST-MODIFIED", False), ("DTSTAMP", is_published)):
        value = value_of(event, name)
        if isinstance(value, datetime):
            return utc(value), is_estimated
    return None, True


def _rows(
    entry: _Entry,
    days: dict[date, bool],
    places: Places,
    read_at: datetime,
    *,
    of_a_series: bool,
) -> list[dict[str, Any]]:
    """A row for each day, which is withdrawn where it is left out or all is cancelled.

    An entry of one day of a series stands for that day, wherever it was moved to.
    """
    event = entry.event
    is_tentative = str(event.get("STATUS", "")).upper() == "TENTATIVE"
    topic, what = _kind(event, entry.is_cancelled)
    place = _place(event, places, entry.is_cancelled)
    if entry.is_of_a_series and entry.is_cancelled and "DTSTART" not in event:
        first, length = min(days), timedelta()
    else:
        first, length = span_of(event, zone_of(event, entry.zone))
    rows = []
    for day, left_out in days.items():
        moved_to = first if entry.is_of_a_series else day
        fact = Fact(
            id=f"{entry.id}-{day:%Y%m%d}" if of_a_series else entry.id,
            what=what,
            topic=topic,
            first_day=moved_to,
            last_day=moved_to + length,
            known_at=entry.stamp[0],
            is_estimated=entry.stamp[1],
            tags=("quality:tentative",) if is_tentative else (),
            deleted=entry.is_cancelled or left_out,
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
        if parts[-1:] == [UNREAD]:
            said = "its LOCATION ends with no country that is known: write `TGO` or `Kara, Togo`"
            raise RecordRejected(said) from None
        if len(parts) > 1:
            said = f"its LOCATION begins with no subdivision of {parts[-1]} that is known"
            raise RecordRejected(said) from None
        raise
