"""Rows of a POLECAT file as events.

Tab-separated with a header; `None` is an empty cell, `;` parts several values. The same event
stands in many stories: rows that agree in day, country, place, kind and the codes of both sides are
one event, known since the first story that tells it. Names of persons, titles, articles and other
parts of stories are not read. A file is gone through twice, so that a year of it need not fit
memory: once to find the first story of each event, once to make events of those.
Source: POLECAT and PLOVER documentation, doi:10.7910/DVN/LMFPIP.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import islice
from typing import Any

from ewarn.domain.crosswalk import from_plover
from ewarn.domain.event import DatePrecision, LocationPrecision
from ewarn.domain.kinds import EventKind
from ewarn.domain.region import Region
from ewarn.domain.source import Coverage, Rejection
from ewarn.domain.time import DAY, WEEK, midnight, week_of
from ewarn.errors import RecordRejected
from ewarn.files.values import shown
from ewarn.frames.events import ParsedBatch, event_frame
from ewarn.ports import Places
from ingest.shared import csv_cells as cell
from ingest.shared.csv_cells import Cells, Skipped
from ingest.shared.decompress import lines_of, text_of
from ingest.shared.positions import Position, Positions

NAME = "polecat"
BATCH = 5_000  # rows
OLD_NEWS = timedelta(days=30)  # a story of an anniversary is not news of the event

NOT_TRACKED = "not a tracked kind"
NO_COUNTRY = "no country"
OLD = "old news"
ANNOUNCED = "dated after its story"
DUPLICATE = "another story of the same event"

ELECTION = "context:election"
_SIDES = (
    *("Actor Country", "Primary Actor Sector"),
    *("Recipient Country", "Primary Recipient Sector"),
)
_READ = (
    *("Event Date", "Event Type", "Event Mode", "Contexts", *_SIDES),
    *("Placename", "City", "Province", "Country", "Latitude", "Longitude"),
    *("GeoNames ID", "Feature Type", "Publication Date"),
)
_MISSING = ("", "None", "NA", "nan")

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Story:
    """What one row tells: of which event, and when it was published."""

    event: str
    kind: EventKind
    occurred_on: date
    published_on: date


@dataclass
class _First:
    """The first story of each event, with counts of the rows that are none."""

    stories: dict[str, tuple[date, int]] = field(default_factory=dict)
    rejected: list[Rejection] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)
    first_day: date | None = None
    last_day: date | None = None

    def see(self, line: int, cells: Cells) -> None:
        """One row."""
        try:
            published_on = _day(cells, "Publication Date")
            self.first_day = min(self.first_day or published_on, published_on)
            self.last_day = max(self.last_day or published_on, published_on)
            story = _story(cells, published_on)
        except Skipped as reason:
            self.skipped[str(reason)] += 1
        except RecordRejected as error:
            self.rejected.append(Rejection(line, f"{error}."))
        else:
            told = (story.published_on, line)
            known = self.stories.get(story.event)
            self.skipped[DUPLICATE] += known is not None
            self.stories[story.event] = told if known is None else min(known, told)

    def coverage(self) -> tuple[Coverage, ...]:
        """Weeks whose last day lies in the days of its stories: a file goes on where the one
        before it ended.
        """
        if self.first_day is None or self.last_day is None:
            return ()
        first, last = week_of(self.first_day), week_of(self.last_day + DAY) - WEEK
        return (Coverage(NAME, "*", first, last),) if first <= last else ()


def read_rows(body: bytes, places: Places) -> Iterator[ParsedBatch]:
    """Batches of a file, plain, zip or gzip; raises RecordRejected where it is another file."""
    header = _header(body)
    first = _First()
    for line, cells in _rows(body, header):
        if cells is None:
            reason = f"it has not {len(header)} cells as the header has."
            first.rejected.append(Rejection(line, reason))
        else:
            first.see(line, cells)
    batch = ParsedBatch(
        event_frame([]),
        tuple(first.rejected),
        +first.skipped,
        coverage=first.coverage(),
        fields=header,
    )
    yield batch
    chosen = {line for _, line in first.stories.values()}
    told = ((line, cells) for line, cells in _rows(body, header) if line in chosen and cells)
    placing = _Placing(places)
    while chunk := list(islice(told, BATCH)):
        yield placing.batch(chunk)


def _header(body: bytes) -> tuple[str, ...]:
    line = next(lines_of(body), b"")
    header = tuple(_bare(name) for name in text_of(line).rstrip("\r\n").split("\t"))
    missing = [name for name in _READ if name not in header]
    if missing:
        raise RecordRejected(
            f"The file lacks the columns {', '.join(missing)}: it is no file of POLECAT as they "
            "were; see whether it was published in another form."
        )
    return header


def _rows(body: bytes, header: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str] | None]]:
    """The cells that are read of every row by its line, None where it has too few or too many."""
    wanted = [(index, name) for index, name in enumerate(header) if name in _READ]
    for line, ended in enumerate(islice(lines_of(body), 1, None), start=2):
        text = text_of(ended).rstrip("\r\n")
        if not text:
            continue
        found = text.split("\t")
        if len(found) != len(header):
            yield line, None
        else:
            yield line, {name: _bare(found[index]) for index, name in wanted}


def _bare(text: str) -> str:
    text = text.strip().strip('"').replace("\0", "").strip()
    return "" if text in _MISSING else text


def _story(cells: Cells, published_on: date) -> Story:
    """What a row tells; raises Skipped, or RecordRejected with the reason."""
    modes = [mode.strip().lower() for mode in cells["Event Mode"].split(";")]
    kind = from_plover(cells["Event Type"].upper(), modes)
    if kind is None:
        raise Skipped(NOT_TRACKED)
    occurred_on = _day(cells, "Event Date")
    if not cells["Country"]:
        raise Skipped(NO_COUNTRY)
    if occurred_on > published_on:
        raise Skipped(ANNOUNCED)
    if published_on - occurred_on > OLD_NEWS:
        raise Skipped(OLD)
    place = cells["GeoNames ID"] or cells["Placename"]
    parts = (str(occurred_on), cells["Country"], place, kind.value, *map(cells.get, _SIDES))
    digest = hashlib.sha256("\t".join(part or "" for part in parts).encode()).hexdigest()
    return Story(digest[:24], kind, occurred_on, published_on)


@dataclass
class _Placing:
    """Makes events; asks the gazetteer once for each way a place is given."""

    places: Places
    _countries: dict[str, Region | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._positions = Positions(self.places)

    def batch(self, rows: list[tuple[int, dict[str, str]]]) -> ParsedBatch:
        """Events of some first stories."""
        events: list[Row] = []
        rejected: list[Rejection] = []
        for line, cells in rows:
            try:
                events.append(self._event(line, cells) | {"line": line})
            except RecordRejected as error:
                rejected.append(Rejection(line, f"{error}."))
        return ParsedBatch(event_frame(events), tuple(rejected), notes=self._positions.notes())

    def _event(self, line: int, cells: Cells) -> Row:
        story = _story(cells, _day(cells, "Publication Date"))
        contexts = {context.strip().lower() for context in cells["Contexts"].split(";")}
        return {
            "source": NAME,
            "source_event_id": story.event,
            "kind": story.kind.value,
            "occurred_on": story.occurred_on,
            "ended_on": story.occurred_on,
            "date_precision": DatePrecision.DAY.value,
            "known_at": midnight(story.published_on),
            "known_at_estimated": False,
            **self._placed(line, cells),
            "tags": ELECTION if "election" in contexts else "",
            "deleted": False,
        }

    def _placed(self, line: int, cells: Cells) -> Row:
        """Where it happened: by position, else by the name of the province, else the country."""
        country = self._country(cells["Country"])
        stated = _precision(cells)
        position, region = None, country
        if stated is not LocationPrecision.COUNTRY:
            position = cell.position({n.lower(): cells[n] for n in ("Latitude", "Longitude")})
            region = self._region(line, country, cells["Province"], position) or country
        if region is country:  # the middle of a country says nothing of where in it
            stated, position = LocationPrecision.COUNTRY, None
        return {
            "country": country.id,
            "region": region.id,
            "place": cells["Placename"] or cells["City"] or None,
            "latitude": position and position[0],
            "longitude": position and position[1],
            "location_precision": stated.value,
        }

    def _country(self, code: str) -> Region:
        if code not in self._countries:
            self._countries[code] = self.places.country_named(code)
        found = self._countries[code]
        if found is None:
            raise RecordRejected(f"country {shown(code)} is no country that is known")
        return found

    def _region(
        self, line: int, country: Region, province: str, position: Position | None
    ) -> Region | None:
        if position is None:
            return self.places.named(province, country.id) if province else None
        return self._positions.region(line, country.id, province, position)


def _precision(cells: Mapping[str, str]) -> LocationPrecision:
    """As fine as its GeoNames feature: a country or larger, a division, else a place."""
    feature = cells["Feature Type"].upper()
    if feature.startswith(("PCL", "CONT", "RGN")):
        return LocationPrecision.COUNTRY
    if feature.startswith("ADM") or (not feature and not cells["City"]):
        named = feature or cells["Province"]
        return LocationPrecision.ADMIN1 if named else LocationPrecision.COUNTRY
    return LocationPrecision.PLACE


def _day(cells: Cells, column: str) -> date:
    found = cell.day({column: cell.required(cells, column)[:10]}, column)
    if found is None:
        raise RecordRejected(f"{column} is empty")
    return found
