"""Tests of which spans of days a file covers."""

from datetime import date, timedelta

import pytest

from ingest.exchange.coverage import periods

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
        ((0, 8), [(0, 8)]),
        ((0, 9), [(0, 0), (9, 9)]),  # two days are no record of two months
        ((0, 27), [(0, 0), (27, 27)]),  # half a year without a row
        ((0, 1, 2, 3, 4, 13), [(0, 4), (13, 13)]),  # a day that stands alone, late or early
        ((0, 9, 10, 11, 12, 13), [(0, 0), (9, 13)]),
        ((0, 1, 10, 11, 12, 13, 14), [(0, 1), (10, 14)]),  # two of them
        ((0, 9, 10, 11, 12, 13, 14, 15, 24), [(0, 0), (9, 15), (24, 24)]),  # one at each end
        ((0, 1, 2, 10, 11, 12, 13, 14), [(0, 14)]),  # three days are no slip
        ((0, 9, 14, 19, 24, 29), [(0, 29)]),  # a quiet country: calm is usual there
        ((0, 9, 10), [(0, 0), (9, 10)]),
        ((0, 9, 18), [(0, 18)]),  # as far apart as they usually are
        ((0, 12, 24, 36), [(0, 36)]),
        ((0, 1, 2, 3, 21), [(0, 3), (21, 21)]),  # four days and a stray
        ((0, 18, 19, 20, 21), [(0, 0), (18, 21)]),
        ((0, 1, 18, 19), [(0, 1), (18, 19)]),
        ((0, 1, 2, 3, 4, 22.1, 22.3, 22.4), [(0, 4), (22, 22)]),  # several days of one week
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
