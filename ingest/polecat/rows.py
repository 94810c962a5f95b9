"""Parser of the rows of a POLECAT file.

The format is tab-separated with a header; `None` is an empty cell, and `;` separates several
values. Many stories report the same event: rows with the same day, country, place, kind and codes
of both sides are one event, known since the first story that reports it. Names of persons, titles,
articles and other parts of stories are not read. A file is read twice, so that a year of it need
not fit into memory: first to find the first story of each event, then to create events from these.
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
OLD_NEWS = timedelta(days=30)  # a later story, such as on an anniversary, is not a new event

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
    """The facts of one row: which event it reports, and when it was published."""

    event: str
    kind: EventKind
    occurred_on: date
    published_on: date


@dataclass
class _First:
    """The first story of each event, with the refused rows and the counts of skipped ones."""

    stories: dict[str, tuple[date, int]] = field(default_factory=dict)
    rejected: list[Rejection] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)
    first_day: date | None = None
    last_day: date | None = None

    def see(self, line: int, cells: Cells) -> None:
        """Read one row."""
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
        """Return the coverage: the weeks whose last day is among the days of the stories.

        A file continues where the one before it ended, so the two together cover the week between.
        """
        if self.first_day is None or self.last_day is None:
            return ()
        first, last = week_of(self.first_day), week_of(self.last_day + DAY) - WEEK
        return (Coverage(NAME, "*", first, last),) if first <= last else ()


def read_rows(body: bytes, places: Places) -> Iterator[ParsedBatch]:
    """Yield the batches of a file, plain, zip or gzip.

    Raises:
        RecordRejected: If it is another file.
    """
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
    """Yield the line and the needed cells of every row, None if the number of cells is wrong."""
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
    """Parse the story of a row.

    Raises:
        Skipped: If the row is valid but not used.
        RecordRejected: If it is wrong.
    """
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
    """Converter of rows to events, which looks up each country and position only once."""

    places: Places
    _countries: dict[str, Region | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._positions = Positions(self.places)

    def batch(self, rows: list[tuple[int, dict[str, str]]]) -> ParsedBatch:
        """Return the events of some first stories."""
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
        """Return the place of an event, by position, else by the province, else the country."""
        country = self._country(cells["Country"])
        stated = _precision(cells)
        position, region = None, country
        if stated is not LocationPrecision.COUNTRY:
            position = cell.position({n.lower(): cells[n] for n in ("Latitude", "Longitude")})
            region = self._region(line, country, cells["Province"], position) or country
        if region is country:  # the middle of a country is not the place of the event
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
            raise RecordRejected(f"country {shown(code)} is not a known country")
        return found

    def _region(
        self, line: int, country: Region, province: str, position: Position | None
    ) -> Region | None:
        if position is None:
            return self.places.named(province, country.id) if province else None
        return self._positions.region(line, country.id, province, position)


def _precision(cells: Mapping[str, str]) -> LocationPrecision:
    """Return the precision of the GeoNames feature: country or larger, division, or place."""
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
