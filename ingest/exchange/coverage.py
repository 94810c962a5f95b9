"""The weeks that a file covers: a wrong date must not make unobserved weeks count as observed."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from ewarn.domain.source import Coverage
from ewarn.domain.time import week_of

LONGEST_CALM = timedelta(weeks=26)  # a longer time without a row counts as unobserved
# Days of one or two weeks at either end that are so far from the others may be typing errors.
STRAY_AFTER = timedelta(weeks=8)
_STRAYS = 2  # the most weeks of such days
_RECORD = 5  # the fewest days that show the usual gap, or that count as a record by themselves
# A few isolated days, far from the main part of a file, do not cover a longer time between them.
FEW_APART = timedelta(weeks=2)
_GAPS_NAMED = 5  # gaps of a source that remarks name


def coverage_of(
    rows: Iterable[Mapping[str, Any]], read_on: date
) -> tuple[tuple[Coverage, ...], list[str]]:
    """Return the coverage of rows, and remarks on the gaps that it leaves out.

    A file covers its whole period in each of its countries, source by source. It does not cover
    gaps of half a year, nor the time up to an isolated day.
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
    """Return the first and last day of each period that was observed throughout.

    The usual gap between days is that of the period with most days. In other periods, days that are
    much further apart do not cover the time between them, however many they are.

    Args:
        days: The days with rows, sorted.
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
    """Split the days into stretches without a gap longer than `gap`."""
    found: list[Sequence[date]] = []
    begin = 0
    for end in range(1, len(days) + 1):
        if end == len(days) or days[end] - days[end - 1] > gap:
            found.append(days[begin:end])
            begin = end
    return found


def _usual_gap(days: Sequence[date]) -> timedelta:
    """Return the upper quartile of the gaps, which a few wrong days do not change."""
    gaps = sorted(later - earlier for earlier, later in pairwise(days))
    return gaps[3 * len(gaps) // 4] if gaps else timedelta()


def _without_strays(days: Sequence[date]) -> list[tuple[date, date]]:
    apart = []
    while (split := _end_apart(days)) is not None:
        strays, days = split
        apart.append((strays[0], strays[-1]))
    return sorted([*apart, (days[0], days[-1])])


def _end_apart(days: Sequence[date]) -> tuple[Sequence[date], Sequence[date]] | None:
    """Return isolated days of one or two weeks at either end, and the other days.

    The other days are in at least as many weeks. Return None if no days are isolated.
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
