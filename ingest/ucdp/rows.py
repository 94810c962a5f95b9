"""Parser of the events of a vintage of UCDP GED, from its CSV or equally from pages of its API.

Sides, conflicts, headlines and descriptions are not read, because they name groups and people. For
those who killed civilians it is stored whether they were forces of a state, but not which state.
Source: UCDP GED Codebook 25.1.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import chain, islice
from typing import Any, TypeVar

import orjson

from ewarn.domain.crosswalk import UCDP
from ewarn.domain.event import DatePrecision, LocationPrecision
from ewarn.domain.kinds import BEST_DEATHS, BY_STATE_TAG, EventKind
from ewarn.domain.region import Region
from ewarn.domain.source import Rejection
from ewarn.errors import RecordRejected
from ewarn.files.records import read_lines
from ewarn.files.values import shown
from ewarn.frames.events import ParsedBatch, event_frame
from ewarn.ports import Places
from ingest.shared import csv_cells as cell
from ingest.shared.csv_cells import Cells
from ingest.shared.decompress import lines_of, text_of
from ingest.shared.positions import Position, Positions

NAME = "ucdp"
TOO_OLD = "before the first year that is read"
BATCH = 5_000  # rows

# The columns of GED, for candidate files without a header.
COLUMNS = (
    *("id", "relid", "year", "active_year", "code_status", "type_of_violence"),
    *("conflict_dset_id", "conflict_new_id", "conflict_name"),
    *("dyad_dset_id", "dyad_new_id", "dyad_name", "side_a_dset_id", "side_a_new_id", "side_a"),
    *("side_b_dset_id", "side_b_new_id", "side_b", "number_of_sources", "source_article"),
    *("source_office", "source_date", "source_headline", "source_original"),
    *("where_prec", "where_coordinates", "where_description", "adm_1", "adm_2"),
    *("latitude", "longitude", "geom_wkt", "priogrid_gid", "country", "country_id", "region"),
    *("event_clarity", "date_prec", "date_start", "date_end"),
    *("deaths_a", "deaths_b", "deaths_civilians", "deaths_unknown"),
    *("best", "high", "low", "gwnoa", "gwnob"),
)
_READ = (
    *("id", "type_of_violence", "where_prec", "where_coordinates", "adm_1", "latitude"),
    *("longitude", "country", "date_prec", "date_start", "date_end", "best", "high", "low"),
    "gwnoa",
)

# The day itself; 2 to 6 days; a week; up to a month; up to a year, for which there is no precision.
_DATE_PRECISION = {
    "1": DatePrecision.DAY,
    "2": DatePrecision.WEEK,
    "3": DatePrecision.WEEK,
    "4": DatePrecision.MONTH,
    "5": DatePrecision.MONTH,
}
# The place; within 25 km of it; a second-level and a first-level division; a line or a vague area;
# the country; international waters or air.
_PLACE_PRECISION = {
    "1": LocationPrecision.PLACE,
    "2": LocationPrecision.PLACE,
    "3": LocationPrecision.ADMIN1,
    "4": LocationPrecision.ADMIN1,
    "5": LocationPrecision.COUNTRY,
    "6": LocationPrecision.COUNTRY,
    "7": LocationPrecision.COUNTRY,
}
# Names of countries in GED that no list of names has. Most others only have a second name in
# parentheses: "DR Congo (Zaire)".
_COUNTRIES = {"Macedonia, FYR": "MKD"}
_SECOND_NAME = re.compile(r"(.*?) \((.*)\)")
_ID = re.compile(r"([0-9]{1,12})(?:\.0*)?")
# Gleditsch and Ward's number of a state, or of several; empty if side A is not a state.
_STATES = re.compile(r"[1-9][0-9]*(?:\.0*)?(?:[,; ]+[1-9][0-9]*(?:\.0*)?)*")

Code = TypeVar("Code")
Row = dict[str, Any]
Record = tuple[int, Cells, str | None]


def read_vintage(
    body: bytes, places: Places, known_at: datetime, first_day: date
) -> Iterator[ParsedBatch]:
    """Yield the batches of a vintage that became known at `known_at`.

    The line of a record is that of the CSV, or its number in the pages.

    Args:
        body: CSV, plain or zipped, or JSON lines with one API page each, plain or gzip.
        first_day: Earlier events are skipped.

    Raises:
        RecordRejected: If the vintage has no events, is cut off, or is another file.
    """
    lines = lines_of(body)
    first = next(lines, b"")
    lines = chain([first], lines)
    is_json = first.lstrip().startswith(b"{")
    fields, records = _from_pages(lines) if is_json else _from_csv(first, lines)
    reading = _Reading(places, known_at, first_day)
    empty = True
    while chunk := list(islice(records, BATCH)):
        empty = False
        yield reading.batch(chunk, fields)
    if empty:
        raise RecordRejected("It holds no event at all: see whether the release came whole.")


def _from_csv(first: bytes, lines: Iterable[bytes]) -> tuple[tuple[str, ...], Iterator[Record]]:
    headless = text_of(first).split(",")[0].strip('"').isdigit()
    last = first

    def texts() -> Iterator[str]:
        nonlocal last
        for last in lines:
            yield text_of(last)

    def whole() -> Iterator[Record]:
        for record in records:
            if record.fault is not None and not last.endswith(b"\n"):
                raise RecordRejected(
                    f"It breaks off on line {record.line}, within a row: it did not come whole."
                )
            yield record.line, record.cells, record.fault

    header, records = read_lines(texts(), COLUMNS if headless else None)
    _check(header)
    return header, whole()


def _from_pages(lines: Iterable[bytes]) -> tuple[tuple[str, ...], Iterator[Record]]:
    records = _results(lines)
    first = next(records, None)
    if first is None:
        return (), iter(())
    fields = tuple(first)
    _check(fields)
    cells = (_texts(record) for record in chain([first], records))
    return fields, ((number, found, None) for number, found in enumerate(cells, start=1))


def _results(lines: Iterable[bytes]) -> Iterator[Mapping[str, Any]]:
    for line in lines:
        try:
            page = orjson.loads(line)["Result"]
        except (orjson.JSONDecodeError, KeyError, TypeError) as error:
            raise RecordRejected(f"A page is not an answer of UCDP's API ({error}).") from error
        if not isinstance(page, list) or not all(isinstance(item, dict) for item in page):
            raise RecordRejected("A page of UCDP's API holds no list of events.")
        yield from page


def _texts(record: Mapping[str, Any]) -> dict[str, str]:
    return {
        name: "" if value is None else str(value).strip()
        for name, value in record.items()
        if name in _READ
    }


def _check(fields: tuple[str, ...]) -> None:
    missing = [name for name in _READ if name not in fields]
    if missing:
        raise RecordRejected(
            f"It lacks the columns {', '.join(missing)}: it is not a release of UCDP GED in the "
            "known format."
        )


@dataclass
class _Reading:
    """The state of reading a vintage; each country and position is looked up only once."""

    places: Places
    known_at: datetime
    first_day: date
    _ids: set[str] = field(default_factory=set)
    _countries: dict[str, Region] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._positions = Positions(self.places)

    def batch(self, records: Iterable[Record], fields: tuple[str, ...]) -> ParsedBatch:
        """Return the events of some records."""
        rows: list[Row] = []
        rejected: list[Rejection] = []
        skipped: Counter[str] = Counter()
        for line, cells, fault in records:
            try:
                if fault is not None:
                    raise RecordRejected(fault)
                days = _days(cells)
                is_old = days["occurred_on"] < self.first_day
                row = {} if is_old else self._event(line, cells) | days
            except RecordRejected as error:
                rejected.append(Rejection(line, f"{error}."))
                continue
            if is_old:
                skipped[TOO_OLD] += 1
            else:
                rows.append(row | {"line": line})
        notes = self._positions.notes()
        return ParsedBatch(event_frame(rows), tuple(rejected), skipped, notes, fields=fields)

    def _event(self, line: int, cells: Cells) -> Row:
        low, high = _deaths(cells)
        kind = _coded(cells, "type_of_violence", UCDP)
        return self._identified(cells) | {
            "source": NAME,
            "kind": kind.value,
            "known_at": self.known_at,
            "known_at_estimated": True,
            **self._placed(line, cells),
            "fatalities_low": low,
            "fatalities_high": high,
            "tags": ";".join(_tags(cells, kind, low)),
            "deleted": False,
        }

    def _identified(self, cells: Cells) -> Row:
        match = _ID.fullmatch(cells.get("id", ""))
        if match is None:
            raise RecordRejected(f"id {shown(cells.get('id', ''))} is not a number")
        if match[1] in self._ids:
            raise RecordRejected(f"id {match[1]} is in this release already")
        self._ids.add(match[1])
        return {"source_event_id": match[1]}

    def _placed(self, line: int, cells: Cells) -> Row:
        """Return the place of an event, by position, or else by the name of the subdivision."""
        stated = _coded(cells, "where_prec", _PLACE_PRECISION)
        country = self._country(cell.required(cells, "country"))
        position = cell.position(cells)
        region = country
        if stated is not LocationPrecision.COUNTRY:
            region = self._region(line, country, cells.get("adm_1", ""), position)
        if region is country:  # the middle of a country is not the place of the event
            stated, position = LocationPrecision.COUNTRY, None
        return {
            "country": country.id,
            "region": region.id,
            "place": cells.get("where_coordinates") or None,
            "latitude": position and position[0],
            "longitude": position and position[1],
            "location_precision": stated.value,
        }

    def _country(self, name: str) -> Region:
        if name not in self._countries:
            both = _SECOND_NAME.fullmatch(name)
            names = [_COUNTRIES.get(name, name), *(both.groups() if both else ())]
            found = next(filter(None, map(self.places.country_named, names)), None)
            if found is None:
                raise RecordRejected(f"country {shown(name)} is not a known country")
            self._countries[name] = found
        return self._countries[name]

    def _region(self, line: int, country: Region, name: str, position: Position | None) -> Region:
        if position is None:
            found = self.places.named(name, country.id) if name else None
        else:
            found = self._positions.region(line, country.id, name, position)
        return found or country


def _coded(cells: Cells, column: str, codes: Mapping[str, Code]) -> Code:
    code = cells.get(column, "").removesuffix(".0")
    if code not in codes:
        raise RecordRejected(f"{column} {shown(code)} is not one of {', '.join(codes)}")
    return codes[code]


def _tags(cells: Cells, kind: EventKind, low: int | None) -> list[str]:
    """Return tags: that a state killed civilians, and the best estimate of deaths if not `low`."""
    tags = [BY_STATE_TAG] if kind is EventKind.ATTACK and _is_state(cells) else []
    best = cell.count(cells, "best")
    return tags if best is None or best == low else [*tags, f"{BEST_DEATHS}{best}"]


def _is_state(cells: Cells) -> bool:
    """Return whether side A, which is the killing side in one-sided violence, is a state."""
    return _STATES.fullmatch(cells.get("gwnoa", "")) is not None


def _days(cells: Cells) -> Row:
    """Parse the days, written `2010-05-13T00:00:00` or `2010-05-13 00:00:00.000`."""
    first, last = _day(cells, "date_start"), _day(cells, "date_end")
    if last < first:
        raise RecordRejected(f"it ends on {last}, before it starts on {first}")
    precision = _coded(cells, "date_prec", _DATE_PRECISION)
    return {"occurred_on": first, "ended_on": last, "date_precision": precision.value}


def _day(cells: Cells, column: str) -> date:
    found = cell.day({column: cell.required(cells, column)[:10]}, column)
    if found is None:
        raise RecordRejected(f"{column} is empty")
    return found


def _deaths(cells: Cells) -> tuple[int | None, int | None]:
    """Return the lowest and highest number of deaths; the best estimate is always between them."""
    found = [cell.count(cells, column) for column in ("low", "best", "high")]
    given = [number for number in found if number is not None]
    return (min(given), max(given)) if given else (None, None)
