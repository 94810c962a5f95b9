"""Parser of the rows of a GDELT export file.

Each row becomes an event, or is skipped for a reason that is counted, or is rejected with its line.
Distinct values (codes, days, places) are parsed only once. Names of actors are not read. Actor
codes distinguish two stories from two reports of one story, and help to decide whether a story is
what it is coded as (`ingest.gdelt.stories`).
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from functools import lru_cache, partial
from hashlib import blake2b
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ewarn.domain.crosswalk import from_cameo
from ewarn.domain.event import DatePrecision
from ewarn.domain.kinds import EventKind
from ewarn.domain.source import Rejection
from ewarn.frames.events import ParsedBatch, checked_frame, empty_event_frame
from ewarn.ports import Places
from ingest.gdelt.editions import VERSION_2, Edition
from ingest.gdelt.lines import Block, Stream, read_blocks
from ingest.gdelt.places import KEY, spots_of
from ingest.gdelt.stories import judged

FIRST_YEAR, LAST_YEAR = 1979, 2100  # GDELT begins in 1979
BEGIN = np.datetime64(f"{FIRST_YEAR}-01-01")
OLD_NEWS = np.timedelta64(30, "D")  # a later story, such as on an anniversary, is not a new event

NOT_TRACKED = "not a tracked kind"
OLD = "old news"
NO_PLACE = "no place"
DUPLICATE = "duplicate story"
NOT_RELEVANT = "not relevant"

# Names separated by dots, with letters of any script, as in internationalised domain names.
_HOST = re.compile(r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_](?:[\w-]{0,61}[^\W_])?")
_LONGEST_HOST = 253

_KINDS = tuple(EventKind)
_STORY = ("day", "geo_country", "geo_adm1", "feature", "geo_name", "actor_1", "actor_2")

Array = np.ndarray[Any, np.dtype[Any]]
# For each story, the rank of the report that is used (mentions, minus its id), and its position.
Tellings = dict[str, tuple[tuple[int, int], int]]


def read_rows(
    stream: Stream, places: Places, edition: Edition = VERSION_2, feed: str = ""
) -> Iterator[ParsedBatch]:
    """Yield the events of an unpacked export file in batches that fit into memory, at least one.

    Args:
        feed: The name of the feed, which distinguishes machine-translated news from the other.
    """
    told: set[str] = set()
    is_empty = True
    for block in read_blocks(stream, edition):
        is_empty = False
        yield _Reader(block, places, edition, feed).batch(told)
    if is_empty:
        yield ParsedBatch(empty_event_frame())


def host_of(address: str) -> str | None:
    """Return the host of a web address, because the rest of it can hold names of people.

    Return None if it is not a valid host name, because then it may hold such names too.
    """
    try:
        host = urlsplit(address).hostname or ""
    except ValueError:
        return None
    return host if len(host) <= _LONGEST_HOST and _HOST.fullmatch(host) else None


# The faults of a row. The last one found is reported, so a row of no tracked kind has no other.
_FINE, _NOWHERE, _OLD, _AHEAD, _NO_DAY, _NO_MOMENT, _NO_ID, _IRRELEVANT, _UNTRACKED = range(9)
_SKIPPED = {
    _UNTRACKED: NOT_TRACKED,
    _OLD: OLD,
    _NOWHERE: NO_PLACE,
    _IRRELEVANT: NOT_RELEVANT,
}


class _Reader:
    """A reader of the events in one block of rows."""

    def __init__(self, block: Block, places: Places, edition: Edition, feed: str) -> None:
        self._block = block
        self._edition = edition
        self._feed = feed
        table = block.table
        self._kind = _mapped(table["code"], _kind_at, np.int8)
        self._day = _mapped(table["day"], _day, "datetime64[D]")
        added = partial(_moment, edition.is_daily)
        self._added = _mapped(table["added"], added, "datetime64[s]")
        keys, self._place = _distinct(pc.binary_join_element_wise(*(table[n] for n in KEY), b"\t"))
        self._spots = spots_of(places).of(keys)  # type: ignore[arg-type]  # hashed by identity

    def batch(self, told: set[str]) -> ParsedBatch:
        """Return the events of stories that are not in `told`, and add these stories to it."""
        fault = self._faults()
        verdict = judged(self._block.table, self._kind, fault == _FINE)
        coded, self._kind = self._kind, verdict.kind
        fault[self._wrong_ids()] = _NO_ID
        volume = self._volume(fault == _FINE)
        fault[(fault == _FINE) & ~verdict.counts] = _IRRELEVANT
        fault[self._kind < 0] = _UNTRACKED
        skipped = Counter({reason: int((fault == code).sum()) for code, reason in _SKIPPED.items()})
        rows = np.flatnonzero(fault == _FINE)
        stories = self._told(rows, told, np.where(coded < 0, self._kind, coded))
        skipped[DUPLICATE] = len(rows) - len(stories)
        return ParsedBatch(
            self._frame(rows, stories),
            self._block.rejected + self._rejected(fault),
            +skipped,
            self._notes(rows),
            volume=volume,
        )

    def _notes(self, rows: Array) -> tuple[str, ...]:
        """Return a remark on codes of subdivisions that the position contradicts, or ()."""
        contradicted = np.array([spot is not None and spot.is_contradicted for spot in self._spots])
        number = int(contradicted[self._place[rows]].sum()) if len(rows) else 0
        what = "of tracked kinds: the ADM1 code is not that of the place of the position"
        return (f"{number} rows {what}; placed by position.",) if number else ()

    def _faults(self) -> Array:
        fault = np.full(len(self._kind), _FINE, np.int8)
        nowhere = np.array([spot is None for spot in self._spots], bool)
        fault[nowhere[self._place]] = _NOWHERE
        added = self._added.astype("datetime64[D]")
        if self._edition.is_live:
            fault[added - self._day > OLD_NEWS] = _OLD
        else:
            fault[self._day < BEGIN] = _OLD
        fault[self._day > added] = _AHEAD
        fault[np.isnat(self._day)] = _NO_DAY
        fault[np.isnat(added)] = _NO_MOMENT
        return fault

    def _wrong_ids(self) -> Array:
        """Return the rows of tracked kinds whose id is not a number."""
        tracked = np.flatnonzero(self._kind >= 0)
        ids = self._block.table["id"].take(tracked).to_pylist()
        return tracked[[not (text.isdigit() and len(text) <= 20) for text in ids]]

    def _volume(self, sound: Array) -> Counter[tuple[str, date]]:
        """Count the rows of all kinds without faults, by region and day."""
        days = self._day[sound].astype(np.int64)
        pairs, numbers = np.unique(self._place[sound] + (days << 32), return_counts=True)
        volume: Counter[tuple[str, date]] = Counter()
        for pair, number in zip(pairs.tolist(), numbers.tolist(), strict=True):
            spot = self._spots[pair & 0xFFFFFFFF]
            if spot is not None:  # always true, because a row without a place has a fault
                volume[spot.region, _day_after_1970(pair >> 32)] += number
        return volume

    def _rejected(self, fault: Array) -> tuple[Rejection, ...]:
        wrong = np.flatnonzero(np.isin(fault, (_AHEAD, _NO_DAY, _NO_MOMENT, _NO_ID)))
        return tuple(
            Rejection(int(self._block.lines[row]), f"{self._reason(int(row), int(fault[row]))}.")
            for row in wrong
        )

    def _reason(self, row: int, fault: int) -> str:
        def cell(name: str) -> str:
            text = self._block.table[name][row].as_py().decode("utf-8", "replace")
            return repr(text[:60])

        if fault == _NO_ID:
            return f"GLOBALEVENTID {cell('id')} is not a number"
        if fault == _NO_DAY:
            return f"SQLDATE {cell('day')} is not a day written YYYYMMDD"
        if fault == _NO_MOMENT:
            form = "a day written YYYYMMDD"
            if not self._edition.is_daily:
                form = "a moment written YYYYMMDDHHMMSS"
            return f"DATEADDED {cell('added')} is not {form}"
        day, added = self._day[row], self._added[row].astype("datetime64[D]")
        return f"SQLDATE {day} is after the day it was added, {added}"

    def _told(self, rows: Array, told: set[str], coded: Array) -> Tellings:
        """Return the report that is used for each new story: most mentions, then the smallest id.

        Reports belong to one story if they have the same kind by code, even if the words of one
        give it another kind.
        """
        cells = self._cells(rows)
        kinds = [_KINDS[at].value.encode() for at in coded[rows].tolist()]
        stories: Tellings = {}
        parts = (*(cells[name] for name in _STORY), kinds, cells["mentions"], cells["id"])
        for at, (day, country, adm1, feature, name, one, two, kind, told_by, id_) in enumerate(
            zip(*parts, strict=True)
        ):
            place = feature or name
            story = _story(self._feed, day, country, adm1, place, kind, one, two)
            if story in told:
                continue
            rank = (_number(told_by), -int(id_))
            if story not in stories or rank > stories[story][0]:
                stories[story] = (rank, at)
        told.update(stories)
        return stories

    def _cells(self, rows: Array) -> dict[str, list[bytes]]:
        names = {*_STORY, "mentions", "id"}
        return {name: self._block.table[name].take(rows).to_pylist() for name in names}

    def _frame(self, rows: Array, stories: Tellings) -> pd.DataFrame:
        """Return the event frame of the reports that are used, in the order of their lines."""
        kept = sorted((at, story, rank) for story, (rank, at) in stories.items())
        rows = rows[[at for at, _, _ in kept]]
        if not len(rows):
            return empty_event_frame()
        table = self._block.table
        number = len(rows)
        spots = [self._spots[at] for at in self._place[rows].tolist()]
        country, region, latitude, longitude, precision, _ = zip(*filter(None, spots), strict=True)
        days = self._day[rows].astype("datetime64[us]")
        hosts = table["url"].take(rows).to_pylist() if "url" in table.column_names else []
        return checked_frame(
            {
                "source": ["gdelt"] * number,
                "source_event_id": [story for _, story, _ in kept],
                "kind": [_KINDS[at].value for at in self._kind[rows].tolist()],
                "occurred_on": days,
                "ended_on": days,
                "date_precision": [DatePrecision.DAY.value] * number,
                "known_at": self._known_at(rows),
                "known_at_estimated": np.full(number, self._edition.is_daily),
                "country": list(country),
                "region": list(region),
                "place": [_text(name) for name in table["geo_name"].take(rows).to_pylist()],
                "latitude": np.array(latitude, float),
                "longitude": np.array(longitude, float),
                "location_precision": list(precision),
                "tags": [f"gdelt-id:{-id_};mentions:{told}" for _, _, (told, id_) in kept],
                "deleted": np.zeros(number, bool),
                "line": pd.array(self._block.lines[rows], dtype="Int64"),
            }
            | ({"source_url": [host_of(_text(url) or "") for url in hosts]} if hosts else {})
        )

    def _known_at(self, rows: Array) -> pd.DatetimeIndex:
        """Return when rows were known.

        This is DATEADDED; in a file of days the end of that day; in a file of history the end of
        the day of the event.
        """
        moments = self._added[rows]
        if self._edition.is_daily:
            from_day = moments if self._edition.is_live else self._day[rows]
            moments = from_day.astype("datetime64[D]") + np.timedelta64(1, "D")
        return pd.DatetimeIndex(moments.astype("datetime64[us]")).tz_localize("UTC")


def _story(feed: str, *parts: bytes) -> str:
    """Return the id of a story: a hash of day, place, kind by code, actor codes and the feed."""
    return blake2b(b"\t".join((feed.encode(), *parts)), digest_size=12).hexdigest()


def _distinct(column: pa.ChunkedArray) -> tuple[list[bytes], Array]:
    """Return the distinct values of a column, and the position of each row's value in them."""
    encoded = column.combine_chunks().dictionary_encode()
    return encoded.dictionary.to_pylist(), encoded.indices.to_numpy().astype(np.int64)


def _mapped(column: pa.ChunkedArray, meaning: Callable[[str], object], dtype: Any) -> Array:
    """Return the meaning of each row's value, computed once for each distinct value."""
    values, at = _distinct(column)
    return np.array([meaning(text.decode("ascii", "replace")) for text in values], dtype)[at]


def _kind_at(code: str) -> int:
    kind = from_cameo(code)
    return -1 if kind is None else _KINDS.index(kind)


@lru_cache(maxsize=4096)
def _day(digits: str) -> date | None:
    """Return a day written YYYYMMDD, or None for anything else."""
    if not (len(digits) == 8 and digits.isascii() and digits.isdigit()):
        return None
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None


@lru_cache(maxsize=4096)
def _moment(is_daily: bool, digits: str) -> datetime | None:
    """Return the moment of DATEADDED in naive UTC, as numpy needs it, or None if it is wrong."""
    if len(digits) != (8 if is_daily else 14) or not (digits.isascii() and digits.isdigit()):
        return None
    day, rest = _day(digits[:8]), digits[8:] or "000000"
    if day is None or not FIRST_YEAR <= day.year <= LAST_YEAR:
        return None
    try:
        return datetime.combine(day, time(int(rest[:2]), int(rest[2:4]), int(rest[4:])))
    except ValueError:
        return None


@lru_cache(maxsize=4096)
def _day_after_1970(days: int) -> date:
    return date(1970, 1, 1) + timedelta(days=days)


def _number(digits: bytes) -> int:
    return int(digits) if digits.isdigit() and len(digits) < 10 else 0


def _text(cell: bytes) -> str | None:
    return cell.decode("utf-8", "replace") or None
