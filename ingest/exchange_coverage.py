"""Which weeks a file speaks for: a wrong date must not make weeks count that nobody watched."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from ewarn.domain.source import Coverage
from ewarn.domain.time import week_of

LONGEST_CALM = timedelta(weeks=26)  # without a row, before nobody counts as having watched
# One or two days at either end that stand this far from the others may be typed wrong.
STRAY_AFTER = timedelta(weeks=8)
_STRAYS, _OTHERS = 2, 5  # days: at most, and at least
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
    """First and last day of each stretch of sorted days that was watched throughout."""
    found: list[tuple[date, date]] = []
    begin = 0
    for end in range(1, len(days) + 1):
        if end == len(days) or days[end] - days[end - 1] > LONGEST_CALM:
            found += _without_strays(days[begin:end])
            begin = end
    return found


def _without_strays(days: Sequence[date]) -> list[tuple[date, date]]:
    for number in range(1, _STRAYS + 1):
        for strays, others in (
            (days[:number], days[number:]),
            (days[-number:], days[:-number]),
        ):
            if len(others) < _OTHERS:
                continue
            # A slip at the other end is not what is usual, where enough days stand in between.
            inner = days[_STRAYS:-_STRAYS]
            usual_of = inner if len(inner) >= _OTHERS else others
            usual = max(later - earlier for earlier, later in pairwise(usual_of))
            gap = max(others[0] - strays[-1], strays[0] - others[-1])
            if gap > max(STRAY_AFTER, 2 * usual):
                return sorted([*_without_strays(others), (strays[0], strays[-1])])
    return [(days[0], days[-1])]


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
