"""Which weeks a file speaks for: a wrong date must not make weeks count that nobody watched."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from ewarn.domain.source import Coverage
from ewarn.domain.time import week_of

LONGEST_CALM = timedelta(weeks=26)  # without a row, before nobody counts as having watched
# Days of one or two weeks at either end that stand this far from the others may be typed wrong.
STRAY_AFTER = timedelta(weeks=8)
_STRAYS = 2  # weeks at most
_RECORD = 5  # days at least of what tells how far apart they usually are, or is a record by itself
# A few days by themselves, far from where the file has most, are no record of the time between.
FEW_APART = timedelta(weeks=2)
_GAPS_NAMED = 5  # of a source


def coverage_of(
    rows: Iterable[Mapping[str, Any]], read_on: date
) -> tuple[tuple[Coverage, ...], list[str]]:
    """An archive speaks for its whole period in each of its countries, source by source; not for
    gaps of half a year, nor up to a day that stands alone. Remarks name what is left out.
    """
    days: dict[str, dict[date, int]] = defaultdict(dict)
    countries: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        for day in (row["occurred_on"], row["ended_on"]):
            if not row["deleted"] and day <= read_on:
                days[row["source"]].setdefault(day, row["line"])
                countries[row["source"]].add(row["country"])
    covered: list[Coverage] = []
    notes: list[str] = []
    for source in sorted(days):
        found = periods(sorted(days[source]))
        notes += _gaps(source, found, days[source])
        covered += [
            Coverage(source, country, week_of(first), week_of(last))
            for country in sorted(countries[source])
            for first, last in found
        ]
    return tuple(covered), notes


def periods(days: Sequence[date]) -> list[tuple[date, date]]:
    """First and last day of each stretch of sorted days that was watched throughout.

    Where the file has most of its days tells how far apart they usually are. Elsewhere days that
    stand much further apart do not speak for the time between them, however many there are.
    """
    stretches = _parted(days, LONGEST_CALM)
    bulk = max(stretches, key=len, default=[])
    found = []
    for stretch in stretches:
        if stretch is bulk or len(bulk) < _RECORD:
            found += _without_strays(stretch)
            continue
        least = STRAY_AFTER if len(stretch) >= _RECORD else FEW_APART
        for part in _parted(stretch, max(least, 2 * _usual_gap(bulk))):
            found += _without_strays(part)
    return found


def _parted(days: Sequence[date], gap: timedelta) -> list[Sequence[date]]:
    """The days in stretches with no gap longer than `gap`."""
    found: list[Sequence[date]] = []
    begin = 0
    for end in range(1, len(days) + 1):
        if end == len(days) or days[end] - days[end - 1] > gap:
            found.append(days[begin:end])
            begin = end
    return found


def _usual_gap(days: Sequence[date]) -> timedelta:
    """The gap that three of four gaps do not pass: a few slips do not move it."""
    gaps = sorted(later - earlier for earlier, later in pairwise(days))
    return gaps[3 * len(gaps) // 4] if gaps else timedelta()


def _without_strays(days: Sequence[date]) -> list[tuple[date, date]]:
    apart = []
    while (split := _end_apart(days)) is not None:
        strays, days = split
        apart.append((strays[0], strays[-1]))
    return sorted([*apart, (days[0], days[-1])])


def _end_apart(days: Sequence[date]) -> tuple[Sequence[date], Sequence[date]] | None:
    """Days of one or two weeks at either end that stand alone, and the others, of as many weeks at
    least; None where none do.
    """
    weeks = sorted({week_of(day) for day in days})
    for number in range(1, min(_STRAYS, len(weeks) // 2) + 1):
        early = sum(day < weeks[number] for day in days)
        late = sum(day < weeks[-number] for day in days)
        for strays, others in ((days[:early], days[early:]), (days[late:], days[:late])):
            gap = max(others[0] - strays[-1], strays[0] - others[-1])
            if gap > STRAY_AFTER and gap > 2 * _usual_gap(others):
                return strays, others
    return None


def _gaps(source: str, found: Sequence[tuple[date, date]], lines: Mapping[date, int]) -> list[str]:
    gaps = [(before[1], after[0]) for before, after in pairwise(found)]
    notes = [
        f"{source} has nothing between {last} (line {lines[last]}) and {first} (line "
        f"{lines[first]}): the weeks between count as not watched; check both days."
        for last, first in gaps[:_GAPS_NAMED]
    ]
    if len(gaps) > _GAPS_NAMED:
        notes.append(f"{source} has {len(gaps) - _GAPS_NAMED} more such gaps.")
    return notes
