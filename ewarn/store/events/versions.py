"""How versions of one event succeed each other, and how each changes the counts. Pure functions.

The version in force at a knowledge time is the one with the greatest `known_at` up to that time,
and among those the one with the greatest `recorded_at`. A version that arrives late is placed by
its `known_at`, and the ledger is corrected from there on. Rows recorded before never change.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from functools import lru_cache
from typing import Any, NamedTuple

from ewarn.domain.event import DatePrecision, counted_weeks
from ewarn.domain.kinds import EventKind, signals_of

# Entries of the caches of weeks and signals: a long recount must not fill the memory.
_REMEMBERED = 10_000


class Cell(NamedTuple):
    """Where one event adds one to the counts: its region, its weeks (Mondays) and a signal."""

    region: str
    week: date
    last_week: date
    signal: str


# A change of one cell from `known_at` on: the fields of a cell, then `known_at`. It is a plain
# tuple, because there are as many as events, and the garbage collector need not track those.
Delta = tuple[str, date, date, str, datetime]


@dataclass(frozen=True, slots=True)
class Version:
    """The part of an event version that the ledger needs. A tombstone has no cells."""

    known_at: datetime
    content_hash: str
    cells: tuple[Cell, ...]


class Counting:
    """The rule for where versions count. It caches the weeks and signals of equal inputs."""

    # The columns of a version that it needs, in this order.
    FIELDS = (
        "deleted",
        "region",
        "occurred_on",
        "ended_on",
        "date_precision",
        "source",
        "kind",
        "fatalities_low",
        "tags",
    )

    def __init__(self) -> None:
        self._weeks = lru_cache(maxsize=_REMEMBERED)(_weeks)
        self._signals = lru_cache(maxsize=_REMEMBERED)(_signals)

    def cells(self, columns: Sequence[Sequence[Any]]) -> Iterator[tuple[Cell, ...]]:
        """Yield the cells of each version; a tombstone has none.

        Args:
            columns: One sequence of values for each of `FIELDS`.
        """
        deleted, regions, occurred_on, ended_on, precision, *others = columns
        weeks = map(self._weeks, occurred_on, ended_on, precision)
        signals = map(self._signals, *others)
        for gone, region, (first, last), names in zip(
            deleted, regions, weeks, signals, strict=True
        ):
            yield () if gone else tuple([Cell(region, first, last, name) for name in names])


def _weeks(occurred_on: date, ended_on: date, precision: str) -> tuple[date, date]:
    return counted_weeks(occurred_on, ended_on, DatePrecision(precision))


def _signals(source: str, kind: str, fatalities_low: int | None, tags: str) -> tuple[str, ...]:
    return signals_of(source, EventKind(kind), fatalities_low, tags.split(";") if tags else ())


class Placed(Enum):
    """What became of a version."""

    KNOWN = "stored already"
    RESTATED = "the same content again, later"
    CHANGED = "another content of a known event"
    FIRST = "the first version of its event"


@dataclass(slots=True)
class Timeline:
    """The versions of one event, ordered by `known_at` and then by arrival."""

    versions: list[Version] = field(default_factory=list)

    def place(self, new: Version, ledger: Counter[Delta]) -> Placed:
        """Insert a version at its place, and add its changes to `ledger`."""
        position = bisect_right(self.versions, new.known_at, key=lambda version: version.known_at)
        before = self.versions[position - 1] if position else None
        if before is not None and before.content_hash == new.content_hash:
            if before.known_at == new.known_at:
                return Placed.KNOWN
            # The same content was reported again later. It is stored, because a late version may
            # still be placed between the two. It changes no count and is not a new version.
            self.versions.insert(position, new)
            return Placed.RESTATED
        replaced = before.cells if before is not None else ()
        _move(ledger, new.known_at, taken=replaced, given=new.cells)
        if position < len(self.versions):
            # The next version was recorded as a change from `before`; now it follows `new`.
            _move(ledger, self.versions[position].known_at, taken=new.cells, given=replaced)
        self.versions.insert(position, new)
        return Placed.FIRST if len(self.versions) == 1 else Placed.CHANGED


def _move(
    ledger: Counter[Delta], known_at: datetime, *, taken: Sequence[Cell], given: Sequence[Cell]
) -> None:
    for cell in taken:
        ledger[*cell, known_at] -= 1
    for cell in given:
        ledger[*cell, known_at] += 1


def count(timelines: Iterable[Timeline], as_of: datetime) -> Counter[Cell]:
    """Recount from scratch the versions in force at `as_of`, to verify the ledger."""
    cells: Counter[Cell] = Counter()
    for timeline in timelines:
        position = bisect_right(timeline.versions, as_of, key=lambda version: version.known_at)
        if position:
            cells.update(timeline.versions[position - 1].cells)
    return cells
