"""Rows of a GDELT 2.0 export file as events.

61 tab-separated columns, no header, no quoting. Each row becomes an event, or is skipped for a
reason that is counted, or rejected by line. Names of actors are not read; actor codes only tell
two rows of one story from two events.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from ewarn.domain.crosswalk import from_cameo
from ewarn.domain.event import DatePrecision, LocationPrecision
from ewarn.domain.kinds import EventKind
from ewarn.domain.region import Level, Region
from ewarn.domain.source import Rejection
from ewarn.errors import RecordRejected
from ewarn.frames.events import ParsedBatch, event_frame
from ewarn.ports import Places
from ingest.cells import Skipped

COLUMNS = 61
FIRST_YEAR, LAST_YEAR = 1979, 2100  # GDELT begins in 1979
OLD_NEWS = timedelta(days=30)  # a story of an anniversary is not news of the event

NOT_TRACKED = "not a tracked kind"
OLD = "old news"
NO_PLACE = "no place"
DUPLICATE = "duplicate story"

# Positions of the columns read (Event Codebook 2.0).
ID, DAY, ACTOR_1, ACTOR_2, CODE, ROOT, MENTIONS = 0, 1, 5, 15, 26, 28, 31
GEO_TYPE, GEO_NAME, GEO_COUNTRY, GEO_ADM1, LATITUDE, LONGITUDE, FEATURE = 51, 52, 53, 54, 56, 57, 58
ADDED, URL = 59, 60

_PRECISION = {
    "1": LocationPrecision.COUNTRY,
    "2": LocationPrecision.ADMIN1,  # state of the USA
    "3": LocationPrecision.PLACE,  # city of the USA
    "4": LocationPrecision.PLACE,  # city elsewhere
    "5": LocationPrecision.ADMIN1,  # first-level division elsewhere
}

Row = dict[str, Any]
Story = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """An event as one row tells it; of a story's rows the one with most mentions stands."""

    row: Row
    mentions: int


def read_rows(body: bytes, places: Places) -> ParsedBatch:
    """Events of an unpacked export file (UTF-8)."""
    stories: dict[Story, Told] = {}
    skipped: Counter[str] = Counter()
    rejected: list[Rejection] = []
    lines = body.decode("utf-8", errors="replace").split("\n")
    for line, ended in enumerate(lines, start=1):
        text = ended.rstrip("\r")
        if not text:
            continue
        cells = text.split("\t")
        try:
            told = Told(_event(line, cells, places), _mentions(cells))
        except Skipped as reason:
            skipped[str(reason)] += 1
        except RecordRejected as error:
            rejected.append(Rejection(line, f"{error}."))
        else:
            _keep_best(stories, _story(cells), told, skipped)
    events = sorted((told.row for told in stories.values()), key=lambda row: int(row["line"]))
    return ParsedBatch(event_frame(events), tuple(rejected), skipped)


def host_of(address: str) -> str | None:
    """Host of a web address: the rest of it can hold names of people."""
    try:
        return urlsplit(address).hostname
    except ValueError:
        return None


def _event(line: int, cells: list[str], places: Places) -> Row:
    """One row of the event frame; raises Skipped, or RecordRejected with the reason."""
    if len(cells) != COLUMNS:
        raise RecordRejected(f"it has {len(cells)} cells where a GDELT 2.0 row has {COLUMNS}")
    kind = from_cameo(cells[CODE])
    if kind is None:
        raise Skipped(NOT_TRACKED)
    if not (cells[ID].isascii() and cells[ID].isdigit() and len(cells[ID]) <= 20):
        raise RecordRejected(f"GLOBALEVENTID {cells[ID][:60]!r} is not a number")
    added = _moment(cells[ADDED])
    occurred_on = _day(cells[DAY])
    if occurred_on > added.date():
        raise RecordRejected(
            f"SQLDATE {occurred_on} lies after the day it was added, {added.date()}"
        )
    if added.date() - occurred_on > OLD_NEWS:
        raise Skipped(OLD)
    return _identified(line, cells, kind, occurred_on, added) | _placed(cells, places)


def _identified(
    line: int, cells: list[str], kind: EventKind, occurred_on: date, added: datetime
) -> Row:
    return {
        "source": "gdelt",
        "source_event_id": cells[ID],
        "kind": kind.value,
        "occurred_on": occurred_on,
        "ended_on": occurred_on,
        "date_precision": DatePrecision.DAY.value,
        "known_at": added,
        "known_at_estimated": False,
        "tags": "",
        "source_url": host_of(cells[URL]),
        "deleted": False,
        "line": line,
    }


def _placed(cells: list[str], places: Places) -> Row:
    """Where it happened: by ADM1 code, else by position, else the country. FIPS 10-4 codes."""
    precision = _PRECISION.get(cells[GEO_TYPE])
    area = places.find_fips(cells[GEO_COUNTRY])
    if precision is None or area is None:
        raise Skipped(NO_PLACE)
    position, region = None, area
    if precision is not LocationPrecision.COUNTRY:
        position = _position(cells)
        region = _subdivision(cells[GEO_ADM1], position, area, places) or area
    return {
        "country": region.country,
        "region": region.id,
        "place": cells[GEO_NAME] or None,
        "latitude": position and position[0],
        "longitude": position and position[1],
        "location_precision": _as_fine_as(region, precision).value,
    }


def _as_fine_as(region: Region, precision: LocationPrecision) -> LocationPrecision:
    """What GDELT states, made to agree with the level of the region that was found."""
    if region.level is Level.COUNTRY:
        return LocationPrecision.COUNTRY
    return LocationPrecision.ADMIN1 if precision is LocationPrecision.COUNTRY else precision


def _subdivision(
    code: str, position: tuple[float, float] | None, area: Region, places: Places
) -> Region | None:
    found = places.find(code) if len(code) > 2 else None
    if found is not None and found.level is Level.ADMIN1 and found.country == area.country:
        return found
    return None if position is None else places.located(*position, area.country)


def _position(cells: list[str]) -> tuple[float, float] | None:
    try:
        latitude, longitude = float(cells[LATITUDE]), float(cells[LONGITUDE])
    except ValueError:
        return None
    sound = -90 <= latitude <= 90 and -180 <= longitude <= 180
    return (latitude, longitude) if sound else None


def _story(cells: list[str]) -> Story:
    """What makes two rows the same story: day, place, root of the event code, actor codes."""
    place = cells[FEATURE] or cells[GEO_NAME]
    return (cells[DAY], cells[GEO_COUNTRY], place, cells[ROOT], cells[ACTOR_1], cells[ACTOR_2])


def _keep_best(stories: dict[Story, Told], story: Story, told: Told, skipped: Counter[str]) -> None:
    known = stories.get(story)
    if known is not None:
        skipped[DUPLICATE] += 1
    if known is None or told.mentions > known.mentions:
        stories[story] = told


def _mentions(cells: list[str]) -> int:
    value = cells[MENTIONS]
    return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else 0


def _day(digits: str) -> date:
    found = _parsed(digits, "%Y%m%d", 8)
    if found is None:
        raise RecordRejected(f"SQLDATE {digits[:60]!r} is not a day written YYYYMMDD")
    return found.date()


def _moment(digits: str) -> datetime:
    found = _parsed(digits, "%Y%m%d%H%M%S", 14)
    if found is None or not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise RecordRejected(f"DATEADDED {digits[:60]!r} is not a moment written YYYYMMDDHHMMSS")
    return found


def _parsed(digits: str, form: str, length: int) -> datetime | None:
    if len(digits) != length or not digits.isdigit():
        return None
    try:
        return datetime.strptime(digits, form).replace(tzinfo=UTC)
    except ValueError:
        return None
