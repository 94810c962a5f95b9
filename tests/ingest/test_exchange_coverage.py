"""Stretches of days that a file speaks for."""

from datetime import date, timedelta

import pytest

from ingest.exchange_coverage import periods

MONDAY = date(2026, 1, 5)


def days(*weeks: float) -> list[date]:
    return [MONDAY + timedelta(days=round(7 * week)) for week in weeks]


def stretches(*weeks: float) -> list[tuple[int, int]]:
    """Periods in whole weeks after the first Monday."""
    return [
        ((first - MONDAY).days // 7, (last - MONDAY).days // 7)
        for first, last in periods(days(*weeks))
    ]


@pytest.mark.parametrize(
    ("weeks", "found"),
    [
        ((0,), [(0, 0)]),
        ((0, 26), [(0, 26)]),
        ((0, 27), [(0, 0), (27, 27)]),  # half a year without a row
        ((0, 1, 2, 3, 4, 13), [(0, 4), (13, 13)]),  # a day that stands alone, late or early
        ((0, 9, 10, 11, 12, 13), [(0, 0), (9, 13)]),
        ((0, 1, 10, 11, 12, 13, 14), [(0, 1), (10, 14)]),  # two of them
        ((0, 9, 10, 11, 12, 13, 14, 15, 24), [(0, 0), (9, 15), (24, 24)]),  # one at each end
        ((0, 1, 2, 10, 11, 12, 13, 14), [(0, 14)]),  # three days are no slip
        ((0, 9, 14, 19, 24, 29), [(0, 29)]),  # a quiet country: calm is usual there
        ((0, 9, 10), [(0, 10)]),  # too few to say
        # Three slips, one after the other: late, early, and in another year.
        ((*range(12), 22, 35, 50), [(0, 11), (22, 22), (35, 35), (50, 50)]),
        ((-39, -24, -11, *range(12)), [(-39, -39), (-24, -24), (-11, -11), (0, 11)]),
        ((*range(12), 100, 110, 120), [(0, 11), (100, 100), (110, 110), (120, 120)]),
        ((*range(12), 100, 103, 106), [(0, 11), (100, 100), (103, 103), (106, 106)]),
        ((*range(12), *range(100, 190, 10)), [(0, 11), *((n, n) for n in range(100, 190, 10))]),
        ((*range(12), 100, 101, 102), [(0, 11), (100, 102)]),  # dense, so watched
        ((*range(12), 100, 104, 107, 110, 115), [(0, 11), (100, 115)]),  # so is this
        ((*range(0, 100, 10), 150, 165, 180), [(0, 90), (150, 180)]),  # calm is usual there
    ],
)
def test_periods(weeks: tuple[float, ...], found: list[tuple[int, int]]) -> None:
    assert stretches(*weeks) == found
