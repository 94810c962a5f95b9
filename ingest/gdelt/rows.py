"""Rows of a GDELT export file as events.

Each row becomes an event, or is skipped for a reason that is counted, or rejected by line. What
can be told of distinct values (codes, days, places) is told of each once. Names of actors are not
read; actor codes tell two tellings of one story from two stories, and help to judge whether a story
is what it is coded as (`gdelt_stories`).
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
OLD_NEWS = np.timedelta64(30, "D")  # a story of an anniversary is not news of the event

NOT_TRACKED = "not a tracked kind"
OLD = "old news"
NO_PLACE = "no place"
DUPLICATE = "duplicate story"
NOT_RELEVANT = "not relevant"

# Names parted by dots; letters of any script, as in internationalised names.
_HOST = re.compile(r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_](?:[\w-]{0,61}[^\W_])?")
_LONGEST_HOST = 253

_KINDS = tuple(EventKind)
_STORY = ("day", "geo_country", "geo_adm1", "feature", "geo_name", "actor_1", "actor_2")

Array = np.ndarray[Any, np.dtype[Any]]
# Of each story the rank of the telling that stands (mentions, minus its id), and its place.
Tellings = dict[str, tuple[tuple[int, int], int]]


def read_rows(
    stream: Stream, places: Places, edition: Edition = VERSION_2, feed: str = ""
) -> Iterator[ParsedBatch]:
    """Events of an unpacked export file, in batches that fit memory; at least one.

    `feed` tells the files of machine-translated news from the others.
    """
    told: set[str] = set()
    is_empty = True
    for block in read_blocks(stream, edition):
        is_empty = False
        yield _Reader(block, places, edition, feed).batch(told)
    if is_empty:
        yield ParsedBatch(empty_event_frame())


def host_of(address: str) -> str | None:
    """Host of a web address: the rest of it can hold names of people. None where it is no name of
    a host, which may hold them too.
    """
    try:
        host = urlsplit(address).hostname or ""
    except ValueError:
        return None
    return host if len(host) <= _LONGEST_HOST and _HOST.fullmatch(host) else None


# What may be wrong with a row, the last one found being told: of a row that is of no tracked kind
# nothing else is said.
_FINE, _NOWHERE, _OLD, _AHEAD, _NO_DAY, _NO_MOMENT, _NO_ID, _IRRELEVANT, _UNTRACKED = range(9)
_SKIPPED = {
    _UNTRACKED: NOT_TRACKED,
    _OLD: OLD,
    _NOWHERE: NO_PLACE,
    _IRRELEVANT: NOT_RELEVANT,
}


class _Reader:
    """One block of rows on its way to events."""

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
        """Events of stories that are not among those `told`, which grow by them."""
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
        """A remark on codes of subdivisions that the position contradicts."""
        contradicted = np.array([spot is not None and spot.is_contradicted for spot in self._spots])
        number = int(contradicted[self._place[rows]].sum()) if len(rows) else 0
        what = "of tracked kinds: the ADM1 code is not that of where the position lies"
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
        """Rows of tracked kinds whose id is no number."""
        tracked = np.flatnonzero(self._kind >= 0)
        ids = self._block.table["id"].take(tracked).to_pylist()
        return tracked[[not (text.isdigit() and len(text) <= 20) for text in ids]]

    def _volume(self, sound: Array) -> Counter[tuple[str, date]]:
        """Sound rows of all kinds by region and day."""
        days = self._day[sound].astype(np.int64)
        pairs, numbers = np.unique(self._place[sound] + (days << 32), return_counts=True)
        volume: Counter[tuple[str, date]] = Counter()
        for pair, number in zip(pairs.tolist(), numbers.tolist(), strict=True):
            spot = self._spots[pair & 0xFFFFFFFF]
            if spot is not None:  # what lies nowhere is not sound
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
        return f"SQLDATE {day} lies after the day it was added, {added}"

    def _told(self, rows: Array, told: set[str], coded: Array) -> Tellings:
        """The telling that stands of each story: most mentions, then the smallest id. Its kind by
        the code makes it one story, also where the words of one telling make it another kind.
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
        """The event frame of the tellings that stand, in the order of their lines."""
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
        """DATEADDED; of a file of days the end of that day; of a history the day after."""
        moments = self._added[rows]
        if self._edition.is_daily:
            from_day = moments if self._edition.is_live else self._day[rows]
            moments = from_day.astype("datetime64[D]") + np.timedelta64(1, "D")
        return pd.DatetimeIndex(moments.astype("datetime64[us]")).tz_localize("UTC")


def _story(feed: str, *parts: bytes) -> str:
    """What makes two rows tellings of one story: day, place, kind by the code, actor codes, and the
    feed."""
    return blake2b(b"\t".join((feed.encode(), *parts)), digest_size=12).hexdigest()


def _distinct(column: pa.ChunkedArray) -> tuple[list[bytes], Array]:
    """The distinct values of a column, and for each row which one it has."""
    encoded = column.combine_chunks().dictionary_encode()
    return encoded.dictionary.to_pylist(), encoded.indices.to_numpy().astype(np.int64)


def _mapped(column: pa.ChunkedArray, meaning: Callable[[str], object], dtype: Any) -> Array:
    """What each row's value means, told once of each distinct value."""
    values, at = _distinct(column)
    return np.array([meaning(text.decode("ascii", "replace")) for text in values], dtype)[at]


def _kind_at(code: str) -> int:
    kind = from_cameo(code)
    return -1 if kind is None else _KINDS.index(kind)


@lru_cache(maxsize=4096)
def _day(digits: str) -> date | None:
    """A day written YYYYMMDD, None for anything else."""
    if not (len(digits) == 8 and digits.isascii() and digits.isdigit()):
        return None
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None


@lru_cache(maxsize=4096)
def _moment(is_daily: bool, digits: str) -> datetime | None:
    """A moment of DATEADDED, naive UTC as numpy wants it; None for anything else."""
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
