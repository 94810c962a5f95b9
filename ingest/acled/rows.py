"""Parser of ACLED's rows: events, and deletions as tombstones.

Numbers come as text and as numbers. Only the fields named here are requested and read: names of
actors, notes and names of media are never fetched.
"""

import re
from calendar import monthrange
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import orjson

from ewarn.domain.crosswalk import ACLED, ACLED_TAGS, ACLED_UNTRACKED, from_acled
from ewarn.domain.event import DatePrecision, LocationPrecision
from ewarn.domain.kinds import EventKind
from ewarn.domain.source import Coverage, Payload, Rejection
from ewarn.domain.time import parse_day, whole_weeks
from ewarn.errors import RecordRejected
from ewarn.files.values import shown
from ewarn.frames.events import ParsedBatch, event_frame
from ewarn.ports import Places
from ingest.exchange.format import NOWHERE, Row, without_conflicts
from ingest.shared import csv_cells as cell
from ingest.shared.csv_cells import Cells, Skipped
from ingest.shared.json_records import cells_of, read_json, whole_number
from ingest.shared.positions import Positions

SOURCE = "acled"
FIELDS = (
    "event_id_cnty",
    "event_date",
    "time_precision",
    "sub_event_type",
    "civilian_targeting",
    "country",
    "admin1",
    "location",
    "latitude",
    "longitude",
    "geo_precision",
    "fatalities",
    "timestamp",
)
_DELETED = ("event_id_cnty", "deleted_timestamp")

NOT_TRACKED = "not a tracked kind"
AT_SEA = "in international waters"

_WATERS = re.compile(r"\b(?:sea|ocean|gulf|strait|bay|channel|waters)\b", re.IGNORECASE)
_DAYS_AROUND = timedelta(days=3)  # before and after the middle of a week, which is ACLED's day
_MOST_AHEAD = timedelta(days=1)  # by which ACLED's clock may be ahead
_LONGEST_NAME = 200  # characters of the name of a place


def read_rows(payload: Payload, places: Places) -> ParsedBatch:
    """Parse every row of a page, numbered from 1.

    Raises:
        RecordRejected: If the payload is not a listing.
    """
    document, notes = read_json(payload.body)
    listed = document.get("data") if isinstance(document, dict) else None
    if not isinstance(listed, list):
        raise RecordRejected("It holds no list called `data`: it is not a listing of ACLED.")
    positions = Positions(places)
    rows: list[Row] = []
    rejected: list[Rejection] = []
    skipped: Counter[str] = Counter()
    for line, record in enumerate(listed, start=1):
        try:
            rows.append(_row(line, record, positions, payload.fetched_at))
        except Skipped as reason:
            skipped[str(reason)] += 1
        except RecordRejected as error:
            rejected.append(Rejection(line, f"{error}."))
    kept, conflicting, doubles = without_conflicts(rows)
    if doubles:
        skipped["the same row again"] = doubles
    return ParsedBatch(
        events=event_frame(kept),
        rejected=tuple(sorted([*rejected, *conflicting], key=lambda r: r.line or 0)),
        skipped=skipped,
        notes=(*notes, *positions.notes()),
        coverage=_coverage(payload.first_day, payload.last_day),
        fields=_fields(listed),
    )


def pared(document: Mapping[str, Any]) -> bytes:
    """Return a listing that may be stored, with only the values that are read.

    The other fields, such as names of actors and notes, keep their field names, which show a change
    of the source, and lose their values.
    """
    read = {*FIELDS, *_DELETED}
    rows = [
        {name: value if name in read else None for name, value in row.items()}
        if isinstance(row, dict)
        else None
        for row in document["data"]
    ]
    return orjson.dumps({"data": rows}, option=orjson.OPT_NON_STR_KEYS)


def newest_stamp(rows: Iterable[Any], now: datetime) -> datetime | None:
    """Return the latest `timestamp` up to `now` (later ones must be wrong), or None."""
    stamps = (whole_number(row.get("timestamp")) for row in rows if isinstance(row, dict))
    past = [stamp for stamp in stamps if stamp is not None and stamp <= now.timestamp()]
    return datetime.fromtimestamp(max(past), UTC) if past else None


def newest_day(rows: Iterable[Any], now: datetime) -> date | None:
    """Return the latest `event_date` up to `now`, or None."""
    days = []
    for row in rows:
        try:
            days.append(parse_day(str(row["event_date"])))
        except (KeyError, TypeError, ValueError):
            continue
    return max((day for day in days if day <= now.date()), default=None)


def _row(line: int, record: object, positions: Positions, fetched_at: datetime) -> Row:
    """Parse one record to a row of the event frame.

    Raises:
        Skipped: If the record is valid but not used.
        RecordRejected: If it is wrong.
    """
    if not isinstance(record, dict):
        raise RecordRejected("it is not a record")
    is_deletion = "deleted_timestamp" in record
    cells = cells_of(record, _DELETED if is_deletion else FIELDS)
    id_ = cell.identifier({"source_event_id": cell.required(cells, "event_id_cnty")})
    try:
        rest = _tombstone(cells) if is_deletion else _content(line, cells, positions, fetched_at)
    except RecordRejected as error:
        raise RecordRejected(f"{shown(id_)}: {error}") from None
    return {
        "source": SOURCE,
        "source_event_id": id_,
        "deleted": is_deletion,
        "known_at_estimated": False,
        "line": line,
    } | rest


def _tombstone(cells: Cells) -> Row:
    """Return the moment of a deletion, and neutral values for the rest, which are never read."""
    known_at = _moment(cells, "deleted_timestamp")
    return {
        "kind": EventKind.PROTEST.value,
        "occurred_on": known_at.date(),
        "ended_on": known_at.date(),
        "date_precision": DatePrecision.DAY.value,
        "known_at": known_at,
        "country": NOWHERE,
        "region": NOWHERE,
        "location_precision": LocationPrecision.COUNTRY.value,
        "tags": "",
    }


def _content(line: int, cells: Cells, positions: Positions, fetched_at: datetime) -> Row:
    kind = _kind(cells)
    known_at = _moment(cells, "timestamp")
    if known_at > fetched_at + _MOST_AHEAD:
        raise RecordRejected(f"timestamp {known_at:%Y-%m-%d} is after the day it was read")
    fatalities = cell.count(cells, "fatalities")
    return (
        _days(cells, known_at)
        | _place(line, cells, positions)
        | {
            "kind": kind.value,
            "known_at": known_at,
            "fatalities_low": fatalities,
            "fatalities_high": fatalities,
            "tags": ACLED_TAGS.get(cells["sub_event_type"], ""),
        }
    )


def _kind(cells: Cells) -> EventKind:
    type_ = cell.required(cells, "sub_event_type")
    if type_ in ACLED_UNTRACKED:
        raise Skipped(NOT_TRACKED)
    # ACLED writes `Civilian targeting` if civilians were the main or only target, else nothing.
    kind = from_acled(type_, targets_civilians=bool(cells["civilian_targeting"]))
    if kind is None:
        raise RecordRejected(
            f"sub_event_type {shown(type_)} is none of the {len(ACLED)} that are known"
        )
    return kind


def _moment(cells: Cells, name: str) -> datetime:
    """Return the moment, in this century, of a cell with seconds since 1970."""
    seconds = whole_number(cell.required(cells, name))
    if seconds is None or not 946_684_800 <= seconds < 4_102_444_800:
        raise RecordRejected(f"{name} {shown(cells[name])} is not a count of seconds since 1970")
    return datetime.fromtimestamp(seconds, UTC)


def _days(cells: Cells, known_at: datetime) -> Row:
    """Return the span of an event: ACLED gives the middle of a week, or any day of a month."""
    cell.required(cells, "event_date")
    named = cell.day(cells, "event_date")
    assert named is not None  # it is not empty
    if named > known_at.date():
        raise RecordRejected(f"event_date {named} is after its timestamp, {known_at.date()}")
    stated = cell.count(cells, "time_precision")
    if stated == 1:
        first, last, precision = named, named, DatePrecision.DAY
    elif stated == 2:
        first, last, precision = named - _DAYS_AROUND, named + _DAYS_AROUND, DatePrecision.WEEK
    elif stated == 3:
        first, last, precision = *_month_of(named), DatePrecision.MONTH
    else:
        raise RecordRejected(f"time_precision {shown(cells['time_precision'])} is not 1 to 3")
    return {"occurred_on": first, "ended_on": last, "date_precision": precision.value}


def _month_of(day: date) -> tuple[date, date]:
    return day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1])


def _place(line: int, cells: Cells, positions: Positions) -> Row:
    """Return the place of a row, by its position or else by the name of the subdivision.

    Only with geo_precision 1 are the town and its position those of the event. With 2 the row has a
    town nearby, with 3 the capital of the subdivision, so neither is stored.
    """
    country = _country(cells, positions.places)
    position = cell.position(cells)
    stated = cell.count(cells, "geo_precision")
    if stated not in (1, 2, 3):
        raise RecordRejected(f"geo_precision {shown(cells['geo_precision'])} is not 1 to 3")
    name, region = cells["admin1"], None
    if position is not None:
        region = positions.region(line, country, name, position)
    elif name:
        region = positions.places.named(name, country)
    if region is None:
        precision = LocationPrecision.COUNTRY
    else:
        precision = LocationPrecision.PLACE if stated == 1 else LocationPrecision.ADMIN1
    is_exact = precision is LocationPrecision.PLACE
    return {
        "country": country,
        "region": country if region is None else region.id,
        "place": cells["location"][:_LONGEST_NAME] or None if is_exact else None,
        "latitude": position[0] if position and is_exact else None,
        "longitude": position[1] if position and is_exact else None,
        "location_precision": precision.value,
    }


def _country(cells: Cells, places: Places) -> str:
    """Return the alpha-3 code of a row's country.

    Since 2026 ACLED writes the name of a sea for events in international waters.
    """
    name = cell.required(cells, "country")
    country = places.country_named(name)
    if country is not None:
        return country.id
    if _WATERS.search(name):
        raise Skipped(AT_SEA)
    raise RecordRejected(f"country {shown(name)} is not a country of ISO 3166")


def _coverage(first_day: date | None, last_day: date | None) -> tuple[Coverage, ...]:
    """Return the coverage of the whole weeks between two days."""
    weeks = whole_weeks(first_day, last_day) if first_day and last_day else None
    return (Coverage(SOURCE, "*", *weeks),) if weeks else ()


def _fields(listed: Iterable[Any]) -> tuple[str, ...]:
    """Return the field names of events, or () for deletions, whose fields are not compared."""
    names = {name for row in listed if isinstance(row, dict) for name in row}
    return () if "deleted_timestamp" in names else tuple(sorted(names))
