"""Readers of calendars in CSV: the simple layout of this service, and REIGN's election list."""

from calendar import monthrange
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from ewarn.domain.event import DatePrecision
from ewarn.domain.source import Rejection
from ewarn.domain.time import known_after, midnight
from ewarn.errors import RecordRejected
from ewarn.files.records import Record
from ewarn.files.tables import Table
from ewarn.files.values import shown
from ewarn.frames.events import ParsedBatch, event_frame
from ewarn.ports import Places
from ingest.calendar.facts import Fact, Topic, What, placed, row, without_contradictions
from ingest.exchange.wording import Wording
from ingest.shared import csv_cells as cell
from ingest.shared.csv_cells import Cells

REQUIRED = ("source_event_id", "country", "date", "what", "topic")
COLUMNS = (*REQUIRED, "admin1", "announced_on", "summary", "deleted")
REIGN_REQUIRED = ("elecnum", "country", "elec_year", "elec_month", "elec_day", "sequence", "event")
LAYOUTS = (REQUIRED, REIGN_REQUIRED)

Reader = Callable[[Table, Places, datetime], ParsedBatch]

# REIGN's words (Bell, Besaw and Frank 2021), as its list of August 2021 spells them.
_REIGN_WHAT = {
    "vote, as scheduled": What.VOTE,
    "vote, early": What.VOTE,
    "upcoming, scheduled": What.VOTE,
    "announced": What.ANNOUNCED,
    "announcement": What.ANNOUNCED,
    "announcement assumed": What.ANNOUNCED,
    "upcoming, deadline": What.DEADLINE,
    "deadline met": What.DEADLINE_MET,
    "deadline, met": What.DEADLINE_MET,
    "deadline not met": What.DEADLINE_MISSED,
    "deadline, not met": What.DEADLINE_MISSED,
    "delay announced": What.POSTPONED,
    "delay": What.POSTPONED,
    "voided": What.VOIDED,
    "voided by regime change": What.VOIDED,
    "anulled": What.ANNULLED,
    "annulled": What.ANNULLED,
}
_REIGN_NO_ENTRY = {"regime failure": "a regime's end: no entry of a calendar"}
_REIGN_TAGS = {"vote, early": ("calendar:early",), "announcement assumed": ("quality:assumed",)}
_REIGN_NAMES = {
    "serbia (yugoslavia)": "SRB",
    "st. vincent": "VCT",
    "tajkistan": "TJK",
}
_REIGN_GONE = frozenset(
    {
        "czechoslovakia",
        "democratic republic of vietnam",
        "east germany",
        "german federal republic",
        "republic of vietnam",
        "south yemen",
    }
)


@dataclass
class _Found:
    """The results of the rows that were read so far."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    rejected: list[Rejection] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)


class _Skipped(Exception):
    """Raised for a row that is skipped; its text is the reason."""


def reader_of(table: Table) -> Reader | None:
    """Return the reader for a table with these columns, or None if it is not a calendar."""
    if set(table.columns).issuperset(REQUIRED):
        return _read_own
    return _read_reign if set(table.columns).issuperset(REIGN_REQUIRED) else None


def _read_own(table: Table, places: Places, read_at: datetime) -> ParsedBatch:
    """Read the entries of a file in the layout of this service."""
    wording = Wording()

    def of(line: int, cells: Cells) -> dict[str, Any]:
        kept = wording.pared(line, cells)
        place = placed(places, kept.get("country", ""), kept.get("admin1", ""))
        return row(_own_fact(kept), place, line, read_at)

    batch = _read(table.records, table.notes, of)
    return replace(batch, notes=(*batch.notes, *wording.notes()))


def _read_reign(table: Table, places: Places, read_at: datetime) -> ParsedBatch:
    """Read the entries of REIGN's election list.

    A vote counts as known from the day after its announcement, if the list has one.
    """
    records = list(table.records)
    announced = _announcements(records)

    def of(line: int, cells: Cells) -> dict[str, Any]:
        fact = _reign_fact(cells, announced)
        name = cells["country"].lower()
        if name in _REIGN_GONE:
            raise _Skipped("a state that no longer exists")
        place = placed(places, _REIGN_NAMES.get(name, cells["country"]))
        return row(fact, place, line, read_at)

    return _read(records, table.notes, of)


def _read(
    records: Iterable[Record], notes: list[str], of: Callable[[int, Cells], dict[str, Any]]
) -> ParsedBatch:
    found = _Found()
    for record in records:
        try:
            if record.fault is not None:
                raise RecordRejected(record.fault)
            found.rows.append(of(record.line, record.cells))
        except _Skipped as reason:
            found.skipped[str(reason)] += 1
        except RecordRejected as error:
            found.rejected.append(Rejection(record.line, f"{error}."))
    return batch_of(found.rows, found.rejected, found.skipped, tuple(notes))


def batch_of(
    rows: list[dict[str, Any]],
    rejected: list[Rejection],
    skipped: Counter[str],
    notes: tuple[str, ...] = (),
) -> ParsedBatch:
    """Build the batch of the rows of one file.

    It has no coverage: if a calendar lists no postponement, there may still have been one.
    """
    kept, against, again = without_contradictions(rows)
    if again:
        skipped = skipped + Counter({"the same entry again": again})
    said = [Rejection(item["line"], "it contradicts an entry above it.") for item in against]
    return ParsedBatch(
        events=event_frame(kept),
        rejected=tuple(sorted([*rejected, *said], key=lambda item: item.line or 0)),
        skipped=skipped,
        notes=notes,
    )


def _own_fact(cells: Cells) -> Fact:
    for column in REQUIRED:
        cell.required(cells, column)
    day = cell.day(cells, "date")
    assert day is not None  # it is required
    announced_on = cell.day(cells, "announced_on")
    return Fact(
        id=cell.identifier(cells),
        what=cell.choice(cells, "what", What, None),
        topic=cell.choice(cells, "topic", Topic, None),
        first_day=day,
        last_day=day,
        known_at=None if announced_on is None else midnight(announced_on),
        summary=cells.get("summary") or None,
        deleted=cell.flag(cells, "deleted"),
    )


def _reign_fact(cells: Cells, announced: Mapping[str, date]) -> Fact:
    word = cells["event"].lower()
    if word in _REIGN_NO_ENTRY:
        raise _Skipped(_REIGN_NO_ENTRY[word])
    if word not in _REIGN_WHAT:
        raise RecordRejected(f"event {shown(cells['event'])} is not a word of REIGN")
    number, sequence = cell.identifier(cells, "elecnum"), cell.required(cells, "sequence")
    first_day, last_day = _reign_days(cells)
    told = announced.get(number)
    is_told = _REIGN_WHAT[word] is What.VOTE and told is not None and told <= last_day
    return Fact(
        id=f"reign-{number}-{sequence}",
        what=_REIGN_WHAT[word],
        topic=Topic.REFERENDUM if cells.get("type") == "R" else Topic.ELECTION,
        first_day=first_day,
        last_day=last_day,
        known_at=known_after(told) if is_told and told else None,
        is_estimated=True,
        precision=DatePrecision.DAY if first_day == last_day else DatePrecision.MONTH,
        tags=_REIGN_TAGS.get(word, ()),
    )


def _announcements(records: Iterable[Record]) -> dict[str, date]:
    """Return the last day of the announcement of each election."""
    found = {}
    for record in records:
        word = record.cells.get("event", "").lower()
        if record.fault is None and _REIGN_WHAT.get(word) is What.ANNOUNCED:
            try:
                found[record.cells["elecnum"]] = _reign_days(record.cells)[1]
            except RecordRejected:
                continue  # the error is reported when the row itself is read
    return found


def _reign_days(cells: Cells) -> tuple[date, date]:
    """Return the first and last day, which are those of the month if the day is not known."""
    parts = [cell.count(cells, f"elec_{part}") for part in ("year", "month", "day")]
    year, month, day = parts
    if year is None or month is None:
        raise RecordRejected("its year or month is empty")
    try:
        if day is not None:
            return date(year, month, day), date(year, month, day)
        return date(year, month, 1), date(year, month, monthrange(year, month)[1])
    except ValueError:
        raise RecordRejected("its year, month and day are not a day of the calendar") from None
