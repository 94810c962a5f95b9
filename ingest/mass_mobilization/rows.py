"""Parser of the rows of the publisher's file of Mass Mobilization.

How a row is converted:

- One row is one protest: kind `riot` if `protesterviolence` is 1, else `protest`, with the id of
  the row. Rows with `protest` 0 are years of a country without a protest: they are skipped, and
  count as observed.
- If a state response is `arrests`, the row is an `arrest` too (`<id>-arrest`). If one is
  `beatings`, `shootings` or `killings`, it is a `force` too (`<id>-force`), with at least one
  death if there were killings and at least none otherwise.
- All events of a row have its days, precise to the day, its place, its participants and its tags.
  Each response and demand is a tag; other words in those columns are counted in a remark.
- Participants come from `participants_category` only, because `participants` is free text.
- It counts as known on the day after it ended. This is an estimate, because the file does not
  state the day.
- Names of protesters, sources and notes are not read.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from ewarn.domain.crosswalk import MASS_MOBILIZATION
from ewarn.domain.event import DatePrecision, LocationPrecision
from ewarn.domain.kinds import EventKind
from ewarn.domain.region import Region
from ewarn.domain.source import Coverage, Rejection
from ewarn.domain.time import DAY, WEEK, known_after, week_of
from ewarn.errors import RecordRejected
from ewarn.files.tables import read_table
from ewarn.files.values import shown
from ewarn.frames.events import ParsedBatch, event_frame
from ewarn.ports import Places
from ingest.shared import csv_cells as cell
from ingest.shared.csv_cells import Cells
from ingest.shared.decompress import unpacked

NAME = "mass-mobilization"
FIRST_DAY, LAST_DAY = date(1990, 1, 1), date(2020, 12, 31)
NO_PROTEST = "a year without protest"

RESPONSES = {
    "accomodation": "accommodation",  # the spelling of the file
    "accommodation": "accommodation",
    "arrests": "arrest",
    "beatings": "beating",
    "crowd dispersal": "dispersal",
    "ignore": "ignore",
    "killings": "killing",
    "shootings": "shooting",
}
DEMANDS = {
    "labor wage dispute": "labor_wage_dispute",
    "land farm issue": "land_farm_issue",
    "police brutality": "police_brutality",
    "political behavior, process": "political_behavior_process",
    "price increases, tax policy": "price_increases_tax_policy",
    "removal of politician": "removal_of_politician",
    "social restrictions": "social_restrictions",
}
# Names of countries in the file that no list of names has.
COUNTRIES = {
    "Bosnia": "BIH",
    "Germany East": "DDR",
    "Germany West": "DEU",
    "United Arab Emirate": "ARE",
}

_RESPONSE_COLUMNS = tuple(f"stateresponse{n}" for n in range(1, 8))
_DEMAND_COLUMNS = tuple(f"protesterdemand{n}" for n in range(1, 5))
_REQUIRED = (
    *("id", "country", "year", "protest", "protesterviolence", "location"),
    *("startday", "startmonth", "startyear", "endday", "endmonth", "endyear"),
    *("participants_category", *_DEMAND_COLUMNS, *_RESPONSE_COLUMNS),
)
_LONGEST_PLACE = 200  # characters
_MISSING = ("", ".", "NA")
_ID = re.compile(r"([0-9]{1,12})(?:\.0*)?")

Row = dict[str, Any]


def read_rows(body: bytes, places: Places) -> ParsedBatch:
    """Read the events of the file, plain or gzip.

    Raises:
        RecordRejected: If it is another file.
    """
    table = read_table(unpacked(body), (_REQUIRED,))
    missing = [name for name in _REQUIRED if name not in table.columns]
    if missing:
        raise RecordRejected(
            f"The file lacks the columns {', '.join(missing)}: it is no original file of Mass "
            "Mobilization; see whether it was published in another form."
        )
    reading = _Reading(places)
    for record in table.records:
        try:
            if record.fault is not None:
                raise RecordRejected(record.fault)
            reading.read(record.line, record.cells)
        except RecordRejected as error:
            reading.rejected.append(Rejection(record.line, f"{error}."))
    return ParsedBatch(
        events=event_frame(reading.rows),
        rejected=tuple(reading.rejected),
        skipped=reading.skipped,
        notes=reading.notes(),
        coverage=reading.coverage(),
        fields=table.columns,
    )


@dataclass
class _Reading:
    """The results of the rows that were read so far."""

    places: Places
    rows: list[Row] = field(default_factory=list)
    rejected: list[Rejection] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)
    _lines: dict[str, int] = field(default_factory=dict)
    _years: set[tuple[str, int]] = field(default_factory=set)
    _unknown: Counter[str] = field(default_factory=Counter)

    def read(self, line: int, cells: Cells) -> None:
        """Read one row.

        Raises:
            RecordRejected: If it is wrong.
        """
        given = {name: "" if value in _MISSING else value for name, value in cells.items()}
        country = _country(given, self.places)
        year = _number(given, "year")
        if not FIRST_DAY.year <= year <= LAST_DAY.year:
            raise RecordRejected(f"year {year} is not from {FIRST_DAY.year} to {LAST_DAY.year}")
        if _flag(given, "protest"):
            self._add(line, given, country)
        else:
            self.skipped[NO_PROTEST] += 1
        self._years.add((country.id, year))

    def _add(self, line: int, cells: Cells, country: Region) -> None:
        id_ = _identifier(cells)
        if id_ in self._lines:
            raise RecordRejected(f"id {id_} is on line {self._lines[id_]} already")
        responses = self._known(cells, _RESPONSE_COLUMNS, RESPONSES)
        demands = self._known(cells, _DEMAND_COLUMNS, DEMANDS)
        tags = {f"response:{RESPONSES[word]}" for word in responses}
        tags |= {f"demand:{DEMANDS[word]}" for word in demands}
        row = _shared(cells, country, self.places) | {"line": line, "tags": ";".join(sorted(tags))}
        protest = EventKind.RIOT if _flag(cells, "protesterviolence") else EventKind.PROTEST
        self.rows.append(row | {"source_event_id": id_, "kind": protest.value})
        kinds = {MASS_MOBILIZATION[word] for word in responses if word in MASS_MOBILIZATION}
        for kind in sorted(kinds):
            deaths = int("killings" in responses) if kind is EventKind.FORCE else None
            self.rows.append(
                row
                | {
                    "source_event_id": f"{id_}-{kind.value}",
                    "kind": kind.value,
                    "fatalities_low": deaths,
                }
            )
        self._lines[id_] = line

    def _known(
        self, cells: Cells, columns: tuple[str, ...], scheme: Mapping[str, str]
    ) -> list[str]:
        """Return the words of some columns that a scheme has; others are only counted."""
        given = [cells[column].lower() for column in columns if cells[column]]
        self._unknown.update(columns[0][:-1] for word in given if word not in scheme)
        return [word for word in given if word in scheme]

    def notes(self) -> tuple[str, ...]:
        """Return a remark for each column with words that its scheme does not have."""
        return tuple(
            f"{number} words in {column} are not in its codebook and were left out."
            for column, number in sorted(self._unknown.items())
        )

    def coverage(self) -> tuple[Coverage, ...]:
        """Return the coverage: whole weeks of each country's years, up to the last protest."""
        last = max((row["occurred_on"] for row in self.rows), default=None)
        if last is None:
            return ()
        found = []
        for country, first_year, last_year in _runs(self._years):
            first = week_of(date(first_year, 1, 1) + WEEK - DAY)
            final = week_of(min(date(last_year, 12, 31), last) + DAY) - WEEK
            if first <= final:
                found.append(Coverage(NAME, country, first, final))
        return tuple(found)


def _runs(years: set[tuple[str, int]]) -> Iterator[tuple[str, int, int]]:
    """Yield the country, first and last year of each run of years without a gap."""
    for country, year in sorted(years):
        if (country, year - 1) not in years:
            last = year
            while (country, last + 1) in years:
                last += 1
            yield country, year, last


def _shared(cells: Cells, country: Region, places: Places) -> Row:
    """Return the fields that all events of a row have in common."""
    place = cells["location"][:_LONGEST_PLACE].strip()
    region = places.placed(place, country.id).region if place else country
    precision = LocationPrecision.COUNTRY if region.id == country.id else LocationPrecision.ADMIN1
    first, last = _day(cells, "start"), _day(cells, "end")
    if last < first:
        raise RecordRejected(f"it ends on {last}, before it starts on {first}")
    low, high = cell.participants({"participants": cells["participants_category"]})
    return {
        "source": NAME,
        "occurred_on": first,
        "ended_on": last,
        "date_precision": DatePrecision.DAY.value,
        "known_at": known_after(last),
        "known_at_estimated": True,
        "country": country.id,
        "region": region.id,
        "place": place or None,
        "location_precision": precision.value,
        "participants_low": low,
        "participants_high": high,
        "deleted": False,
    }


def _country(cells: Cells, places: Places) -> Region:
    name = cell.required(cells, "country")
    found = places.country_named(COUNTRIES.get(name, name))
    if found is None:
        raise RecordRejected(f"country {shown(name)} is not a known country")
    return found


def _identifier(cells: Cells) -> str:
    match = _ID.fullmatch(cells["id"])
    if match is None:
        raise RecordRejected(f"id {shown(cells['id'])} is not a number of up to 12 digits")
    return match[1]


def _flag(cells: Cells, column: str) -> bool:
    found = cell.count(cells, column)
    if found not in (None, 0, 1):
        raise RecordRejected(f"{column} is {found} where 0 or 1 is expected")
    return found == 1


def _number(cells: Cells, column: str) -> int:
    found = cell.count(cells, column)
    if found is None:
        raise RecordRejected(f"{column} is empty")
    return found


def _day(cells: Cells, which: str) -> date:
    parts = [_number(cells, f"{which}{part}") for part in ("year", "month", "day")]
    try:
        found = date(*parts)
    except ValueError:
        raise RecordRejected(f"its {which} {parts} is no day") from None
    if not FIRST_DAY <= found <= LAST_DAY:
        raise RecordRejected(f"its {which} {found} is not from {FIRST_DAY.year} to {LAST_DAY.year}")
    return found
