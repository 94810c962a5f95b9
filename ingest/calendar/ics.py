"""Reader of calendars that other programs write: iCalendar (RFC 5545), parsed by `icalendar`.

The CATEGORIES of an entry state what it is (`election`, and `postponed` if it is not simply a
vote), and its LOCATION states where (`TGO`, or `Kara, Togo`). The file was pared before: nothing
that may name people is left, and no error can quote it. Errors name an entry by its number in the
file.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta, tzinfo
from typing import Any

from icalendar import Calendar

from ewarn.domain.source import Rejection, Series
from ewarn.errors import RecordRejected
from ewarn.frames.events import ParsedBatch
from ewarn.ports import Places
from ingest.calendar.csv_layouts import batch_of
from ingest.calendar.days import (
    UNREADABLE,
    EntryDays,
    days_of,
    is_utc,
    is_whole,
    meant_day,
    span_of,
    value_of,
    zone_of,
    zone_of_calendar,
)
from ingest.calendar.entry import Entry, entry_of, has_unknown_category, kind_of, place_of, said_by
from ingest.calendar.facts import Fact, row
from ingest.calendar.pared import METHODS, pared
from ingest.shared.positions import lines_named

# Limits so that a file is read within two seconds: entries, and long lists in them, take time.
MAX_BYTES = 1024 * 1024  # after paring
MOST_ENTRIES = 2_500  # including all components in them
MOST_ROWS = 20_000
# Nothing in a file says of which file it is a later version: another calendar may have its name.
ABSENT_STANDS = (
    "An entry that an earlier file had and this one lacks is not withdrawn: cancel it "
    "(STATUS:CANCELLED) and import the calendar again."
)
UNKNOWN_CATEGORY = (
    "a category that is not known was left out; to withdraw an entry write STATUS:CANCELLED"
)
NO_SUCH_DAY = (
    "its EXDATE names a day that it does not have, so that this leaves out none: see its zone"
)
OLDER = "an older version of an entry"
UNKNOWN_ZONE = "the zone of its calendar is not known, so its day is read as one of UTC"


def read_icalendar(body: bytes, places: Places, read_at: datetime) -> ParsedBatch:
    """Read the entries of a calendar, with repetitions expanded up to two years ahead.

    An entry gives one event for each of its days, or is skipped or refused as a whole. Days that a
    series had in an earlier file and no longer has are withdrawn.

    Raises:
        RecordRejected: If the file is not a calendar, or is too large.
    """
    reading = _Reading(places, read_at)
    broken: dict[str, int] = {}
    by_id: dict[str, list[Entry]] = defaultdict(list)
    for position, component, zone, method in _components(pared(body, places)):
        if component.name != "VEVENT":
            reading.skipped[f"no event but a {component.name.lower()}"] += 1
            continue
        try:
            entry = entry_of(position, component, zone, method, read_at)
            by_id[entry.id].append(entry)
        except RecordRejected as error:
            reading.refuse(position, error)
            broken.setdefault(str(component.get("UID", "")), position)
    for id_, entries in by_id.items():
        if id_ in broken:
            reading.refuse_beside(broken[id_], entries)
            continue
        reading.read(entries)
        if len(reading.rows) > MOST_ROWS:
            raise RecordRejected(f"The calendar holds more than {MOST_ROWS} days: split it.")
    batch = batch_of(reading.rows, reading.rejected, reading.skipped)
    return replace(
        batch,
        series=tuple(reading.series),
        refused_ids=frozenset(reading.refused_ids),
        notes=tuple(reading.notes()),
    )


@dataclass
class _Reading:
    """The results of the entries that were read so far."""

    places: Places
    read_at: datetime
    rows: list[dict[str, Any]] = field(default_factory=list)
    rejected: list[Rejection] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)
    series: list[Series] = field(default_factory=list)
    refused_ids: set[str] = field(default_factory=set)
    remarks: dict[str, list[int]] = field(default_factory=dict)  # positions of entries, by remark

    def refuse(self, position: int, error: Exception) -> None:
        """Record why an entry is refused."""
        said = str(error) if isinstance(error, RecordRejected) else "its days cannot be read"
        self.rejected.append(Rejection(None, f"entry {position}: {said}."))

    def refuse_beside(self, broken: int, entries: Sequence[Entry]) -> None:
        """Refuse entries with the UID of a refused one, which may be the newer version."""
        for entry in entries:
            said = f"entry {broken} has its UID and is refused: mend that one"
            self.refuse(entry.position, RecordRejected(said))

    def remark(self, entry: Entry, said: str) -> None:
        """Record a remark on an entry, unless it is cancelled."""
        if not entry.is_cancelled:
            self.remarks.setdefault(said, []).append(entry.position)

    def notes(self) -> Iterator[str]:
        """Yield the remarks on the whole file."""
        for said, positions in self.remarks.items():
            yield f"{lines_named(sorted(positions), 'entry', 'entries').capitalize()}: {said}."
        if self.rows:
            yield ABSENT_STANDS

    def read(self, entries: Sequence[Entry]) -> None:
        """Read all entries with one UID: the entry or series itself, and its single days."""
        whole = self._newest([entry for entry in entries if not entry.is_of_a_series])
        found: EntryDays | None = None
        fault: Exception | None = None
        try:
            found = _days(whole, self.read_at) if whole is not None else None
        except (RecordRejected, *UNREADABLE) as error:
            fault = error
        days, lost = self._changed(entries, whole, found)
        for day, same in list(days.items()):
            newest = self._newest(same)
            if newest is not None and _is_outdated(newest, day, whole, found):
                self.skipped[OLDER] += 1
                del days[day]
            elif newest is None or not self._take(newest, {day: timedelta()}, of_a_series=True):
                self.refused_ids.add(f"{same[0].id}-{day:%Y%m%d}")
        if whole is None:
            return
        if lost and fault is None:
            fault = RecordRejected(
                f"entry {lost[0]} changes days of its series that cannot be determined"
            )
        if found is None or fault is not None:
            self.refuse(whole.position, fault or RecordRejected("its days cannot be read"))
            return
        others = {day: length for day, length in sorted(found.held.items()) if day not in days}
        if self._take(whole, others, found.left_out, of_a_series=whole.repeats):
            known_at = min(whole.stamp[0] or self.read_at, self.read_at)
            self.series.append(Series(whole.id, known_at))
            if found.leaves_out_others:
                self.remark(whole, NO_SUCH_DAY)

    def _changed(
        self, entries: Sequence[Entry], whole: Entry | None, held: EntryDays | None
    ) -> tuple[dict[date, list[Entry]], list[int]]:
        """Return entries of single days of a series by day, and the positions of refused ones."""
        days: dict[date, list[Entry]] = defaultdict(list)
        lost: list[int] = []
        for entry in entries:
            if entry.is_of_a_series:
                try:
                    days[_instance(entry, whole, held)].append(entry)
                except (RecordRejected, *UNREADABLE) as error:
                    self.refuse(entry.position, error)
                    lost.append(entry.position)
        return days, lost

    def _newest(self, entries: Sequence[Entry]) -> Entry | None:
        """Return the newest of several versions, or None if there is none or two contradict."""
        if not entries:
            return None
        newest = max(entries, key=lambda entry: entry.newness)
        same = [entry for entry in entries if entry.newness == newest.newness]
        if len({said_by(entry.event) for entry in same}) > 1:
            numbers = " and ".join(str(entry.position) for entry in same)
            said = f"entries {numbers} have one UID and version and say two things: keep one"
            self.rejected += [Rejection(None, f"entry {entry.position}: {said}.") for entry in same]
            return None
        if len(same) > 1:
            self.skipped["the same entry again"] += len(same) - 1
        if len(entries) > len(same):
            self.skipped[OLDER] += len(entries) - len(same)
        return newest

    def _take(
        self,
        entry: Entry,
        days: Mapping[date, timedelta],
        left_out: Collection[date] = (),
        *,
        of_a_series: bool,
    ) -> bool:
        try:
            facts = _facts(entry, days, left_out, of_a_series=of_a_series)
            place = place_of(entry.event, self.places, is_cancelled=entry.is_cancelled)
            self.rows += [row(fact, place, None, self.read_at) for fact in facts]
        except (RecordRejected, *UNREADABLE) as error:
            self.refuse(entry.position, error)
            return False
        if has_unknown_category(entry.event):
            self.remark(entry, UNKNOWN_CATEGORY)
        if entry.zone is None and is_utc(value_of(entry.event, "DTSTART")):
            self.remark(entry, UNKNOWN_ZONE)
        return True


def _instance(entry: Entry, whole: Entry | None, days: EntryDays | None) -> date:
    """Return the day of its series for which an entry stands.

    Raises:
        RecordRejected: If it cannot be read, or the series does not have it.
    """
    if "RANGE" in getattr(entry.event["RECURRENCE-ID"], "params", {}):
        raise RecordRejected("it changes a series from a day on (RANGE): write two series")
    of = whole or entry
    value = value_of(entry.event, "RECURRENCE-ID")
    if not isinstance(value, date):
        raise RecordRejected("its RECURRENCE-ID cannot be read")
    held = days.held if days is not None else frozenset()
    day = meant_day(value, zone_of(of.event, of.zone), held, whole=is_whole(of.event))
    if days is None or of.is_cancelled:
        return day
    if day not in held and day <= days.horizon:
        raise RecordRejected("its RECURRENCE-ID is not a day of its series: check its zone")
    return day


def _is_outdated(changed: Entry, day: date, whole: Entry | None, days: EntryDays | None) -> bool:
    """Return whether a newer version of the series has withdrawn the day that an entry changes."""
    if whole is None or days is None or changed.newness >= whole.newness:
        return False
    return whole.is_cancelled or day in days.left_out


def _days(entry: Entry, read_at: datetime) -> EntryDays:
    """Return the days of an entry, with the excluded ones."""
    if "EXRULE" in entry.event:
        raise RecordRejected("it leaves out days by a rule (EXRULE): list them as EXDATE")
    return days_of(entry.event, zone_of(entry.event, entry.zone), read_at)


def _components(body: bytes) -> Iterable[tuple[int, Any, tzinfo | None, str]]:
    """Return the components of a file, except time zones, with number, zone and METHOD.

    Components are numbered from 1. The zone is that of their calendar, and the METHOD is how it was
    sent ("" if it was not).

    Raises:
        RecordRejected: If the calendar cannot be read, is cut off or too large.
    """
    if len(body) > MAX_BYTES:
        raise RecordRejected(f"The calendar holds more than {MAX_BYTES >> 20} MiB: split it.")
    if body.upper().count(b"BEGIN:") > MOST_ENTRIES:
        raise RecordRejected(f"The calendar holds more than {MOST_ENTRIES} entries: split it.")
    try:
        calendars = Calendar.from_ical(body, multiple=True)
        found = [
            (part, zone, method)
            for calendar in calendars
            for method in (str(calendar.get("METHOD", "")),)
            for zone in (zone_of_calendar(calendar),)
            for part in calendar.subcomponents
        ]
    except (*UNREADABLE, RecursionError):
        raise RecordRejected("The calendar cannot be read: export it again.") from None
    if any(method not in METHODS and method for _, _, method in found):
        raise RecordRejected("The METHOD of the calendar is not known: export it again.")
    if not body.rstrip().upper().endswith(b"END:VCALENDAR"):
        raise RecordRejected("The calendar is cut off: fetch it again.")
    told = [item for item in found if item[0].name != "VTIMEZONE"]
    return ((number, *item) for number, item in enumerate(told, start=1))


def _facts(
    entry: Entry, days: Mapping[date, timedelta], left_out: Collection[date], *, of_a_series: bool
) -> list[Fact]:
    """Return a fact for each day, withdrawn if the day is excluded or the entry is cancelled.

    An entry of a single day of a series keeps the id of that day, even if it was moved to another.

    Args:
        days: The time from each first day to its last day.
        left_out: The excluded days.
    """
    event = entry.event
    topic, what = kind_of(event, is_cancelled=entry.is_cancelled)
    spans = {day: (day, length) for day, length in days.items()}
    if entry.is_of_a_series and not (entry.is_cancelled and "DTSTART" not in event):
        spans = dict.fromkeys(days, span_of(event, zone_of(event, entry.zone)))
    return [
        Fact(
            id=f"{entry.id}-{day:%Y%m%d}" if of_a_series else entry.id,
            what=what,
            topic=topic,
            first_day=first,
            last_day=first + length,
            known_at=entry.stamp[0],
            is_estimated=entry.stamp[1],
            tags=("quality:tentative",) if entry.is_tentative else (),
            deleted=entry.is_cancelled or day in left_out,
        )
        for day, (first, length) in spans.items()
    ]
