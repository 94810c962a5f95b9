"""Conversion of HAPI's monthly counts to events.

A count says that n events happened in an area within a month. It becomes n events of that month,
which differ only by a number in their id. The ledger then adds up to the count, the events are
counted only in windows that contain the whole month, and a count that is revised from 5 to 3
deletes two events. Their deaths are unknown, because HAPI gives only the total of all n events.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any

from ewarn.domain.crosswalk import HAPI
from ewarn.domain.event import DatePrecision, LocationPrecision
from ewarn.domain.source import Coverage, Payload, Rejection
from ewarn.domain.time import DAY, whole_weeks
from ewarn.errors import RecordRejected
from ewarn.files.values import shown
from ewarn.frames.events import ParsedBatch, event_frame
from ewarn.ports import Places
from ingest.exchange.format import Row
from ingest.shared import csv_cells as cell
from ingest.shared.csv_cells import Cells, Skipped
from ingest.shared.json_records import cells_of, read_json

SOURCE = "hapi"
# No country has so many events of one kind in one area and month, so a higher count is an error.
MOST_EVENTS = 20_000
MOST_OF_ALL = 500_000  # in the world in one month: about 30,000 are usual

NONE_COUNTED = "a count of zero"
OVERLAPS = "political violence, which holds civilian targeting"
COARSER = "a country's total beside its districts"
OTHER_MONTH = "another month"

_FIELDS = (
    "location_code",
    "admin_level",
    "admin1_name",
    "provider_admin1_name",
    "admin2_code",
    "admin2_name",
    "provider_admin2_name",
    "event_type",
    "events",
    "reference_period_start",
)
_POLITICAL_VIOLENCE = "political_violence"

Counted = tuple[int, Cells]  # a record's number and its cells


def month_after(month: date) -> date:
    """Return the first day of the next month."""
    return (month.replace(day=28) + 4 * DAY).replace(day=1)


def months_before(month: date, number: int) -> date:
    """Return the first day of the month that is a number of months earlier."""
    index = month.year * 12 + month.month - 1 - number
    return date(index // 12, index % 12 + 1, 1)


def read_month(payload: Payload, places: Places) -> ParsedBatch:
    """Read every count of the month of a payload, with records numbered from 1.

    Raises:
        RecordRejected: If the payload is not a list of HAPI's answers, has no month, or counts more
            events than there can be.
    """
    records, notes = _records(payload.body)
    month, known_at = _month_of(payload)
    rejected: list[Rejection] = []
    skipped: Counter[str] = Counter()
    counted: list[Counted] = []
    for line, record in enumerate(records, start=1):
        try:
            counted.append((line, _cells(record, month)))
        except Skipped as reason:
            skipped[str(reason)] += 1
        except RecordRejected as error:
            rejected.append(Rejection(line, f"{error}."))
    rows: list[Row] = []
    for line, cells in _finest(_once(counted, rejected, skipped), skipped):
        try:
            rows += _events(line, cells, month, known_at, places)
        except Skipped as reason:
            skipped[str(reason)] += 1
        except RecordRejected as error:
            rejected.append(Rejection(line, f"{error}."))
        if len(rows) > MOST_OF_ALL:
            raise RecordRejected(
                f"It counts more than {MOST_OF_ALL} events of {month:%Y-%m}: that is not so."
            )
    countries = {country for _, cells in counted if (country := _alpha_3(cells, places))}
    return ParsedBatch(
        events=event_frame(rows),
        rejected=tuple(sorted(rejected, key=lambda item: item.line or 0)),
        skipped=skipped,
        notes=notes,
        coverage=_coverage(payload, countries),
        fields=tuple(sorted({n for row in records if isinstance(row, dict) for n in row})),
    )


def _records(body: bytes) -> tuple[list[Any], tuple[str, ...]]:
    """Return the rows of all pages (or of a single page) and remarks on them."""
    document, notes = read_json(body)
    pages = document if isinstance(document, list) else [document]
    listed = [page.get("data") if isinstance(page, dict) else None for page in pages]
    records: list[Any] = []
    for rows in listed:
        if not isinstance(rows, list):
            raise RecordRejected("It holds no list called `data`: it is not an answer of HAPI.")
        records += rows
    return records, notes


def _month_of(payload: Payload) -> tuple[date, datetime]:
    """Return the month of a payload, and when it was known."""
    if len(payload.whole) != 1:
        raise RecordRejected("It does not say which month it holds.")
    (span,) = payload.whole
    return span.first_day, span.known_at


def _cells(record: object, month: date) -> Cells:
    if not isinstance(record, dict):
        raise RecordRejected("it is not a record")
    cells = cells_of(record, _FIELDS)
    started = {"reference_period_start": cells["reference_period_start"][: len("YYYY-MM-DD")]}
    cell.required(started, "reference_period_start")
    if cell.day(started, "reference_period_start") != month:
        raise Skipped(OTHER_MONTH)
    type_ = cell.required(cells, "event_type")
    if type_ == _POLITICAL_VIOLENCE:
        raise Skipped(OVERLAPS)
    if type_ not in HAPI:
        raise RecordRejected(f"event_type {shown(type_)} is not one of HAPI's three")
    if cells["admin_level"] not in ("0", "1", "2"):
        raise RecordRejected(f"admin_level {shown(cells['admin_level'])} is not 0 to 2")
    cell.required(cells, "location_code")
    return cells


def _once(
    counted: Iterable[Counted], rejected: list[Rejection], skipped: Counter[str]
) -> Iterator[Counted]:
    """Yield the count of each area once; different counts of one area and kind are all refused."""
    areas: dict[str, list[Counted]] = {}
    for line, cells in counted:
        areas.setdefault(f"{_area(cells)} {cells['event_type']}", []).append((line, cells))
    for area, same in areas.items():
        if len({cells["events"] for _, cells in same}) == 1:
            yield same[0]
            if len(same) > 1:
                skipped["the same row again"] += len(same) - 1
            continue
        rejected += [
            Rejection(line, f"{shown(area)} is counted {len(same)} times, not alike.")
            for line, _ in same
        ]


def _finest(counted: Iterable[Counted], skipped: Counter[str]) -> Iterator[Counted]:
    """Yield the rows of the finest level of each country and kind, because levels overlap."""
    rows = list(counted)
    finest: dict[tuple[str, str], int] = {}
    for _, cells in rows:
        key = (cells["location_code"], cells["event_type"])
        finest[key] = max(finest.get(key, 0), int(cells["admin_level"]))
    for line, cells in rows:
        if int(cells["admin_level"]) == finest[cells["location_code"], cells["event_type"]]:
            yield line, cells
        else:
            skipped[COARSER] += 1


def _events(
    line: int, cells: Cells, month: date, known_at: datetime, places: Places
) -> Iterator[Row]:
    """Return as many rows of the event frame as were counted.

    Raises:
        Skipped: If the count is zero.
        RecordRejected: If it is wrong.
    """
    cell.required(cells, "events")
    number = cell.count(cells, "events")
    assert number is not None  # it is not empty
    if number == 0:
        raise Skipped(NONE_COUNTED)
    if number > MOST_EVENTS:
        raise RecordRejected(f"events {number} are more than {MOST_EVENTS} in one month and area")
    common = _place(cells, places) | {
        "source": SOURCE,
        "kind": HAPI[cells["event_type"]].value,
        "occurred_on": month,
        "ended_on": month_after(month) - DAY,
        "date_precision": DatePrecision.MONTH.value,
        "known_at": known_at,
        "known_at_estimated": False,
        "tags": "",
        "deleted": False,
        "line": line,
    }
    stem = f"{_area(cells)}-{month:%Y-%m}-{cells['event_type']}"
    cell.identifier({"source_event_id": f"{stem}-{number}"})
    return (common | {"source_event_id": f"{stem}-{index}"} for index in range(1, number + 1))


def _area(cells: Cells) -> str:
    """Return the names of the smallest area of a row, joined, or the code of a district."""
    if cells["admin_level"] == "0":
        return cells["location_code"]
    names = [cells["location_code"], _first(cells, "admin1_name", "provider_admin1_name")]
    if cells["admin_level"] == "2":
        names.append(_first(cells, "admin2_code", "admin2_name", "provider_admin2_name"))
    return "-".join(names)


def _first(cells: Cells, *names: str) -> str:
    return next((cells[name] for name in names if cells[name]), "")


def _place(cells: Cells, places: Places) -> Row:
    """Return the place of a row, by the name of the subdivision or of the district.

    The district helps if the gazetteer's subdivisions are finer than OCHA's (the provinces of
    Burkina Faso). HAPI's codes are not used: they are OCHA's, and the same letters and digits mean
    other places in FIPS 10-4.
    """
    country = _alpha_3(cells, places)
    if country is None:
        raise RecordRejected(
            f"location_code {shown(cells['location_code'])} is not a country of ISO 3166"
        )
    names = (
        _first(cells, "admin1_name", "provider_admin1_name"),
        _first(cells, "admin2_name", "provider_admin2_name"),
    )
    found = (places.named(name, country) for name in names if name)
    region = next((region for region in found if region is not None), None)
    precision = LocationPrecision.COUNTRY if region is None else LocationPrecision.ADMIN1
    return {
        "country": country,
        "region": country if region is None else region.id,
        "location_precision": precision.value,
    }


def _alpha_3(cells: Cells, places: Places) -> str | None:
    code = cells["location_code"]
    country = places.country_named(code) if len(code) == len("TGO") else None
    return country.id if country is not None and country.id == code else None


def _coverage(payload: Payload, countries: Iterable[str]) -> tuple[Coverage, ...]:
    """Return the coverage of the countries that were counted, also with zero.

    It has the whole weeks from the first month that was read together with this one, up to the end
    of this one.
    """
    first, last = payload.first_day, payload.last_day
    weeks = whole_weeks(first, last) if first and last else None
    return (
        tuple(Coverage(SOURCE, country, *weeks) for country in sorted(countries)) if weeks else ()
    )
