"""Tests that intervals cover as often as they claim, in war as in peace."""

import numpy as np
import numpy.typing as npt
import pytest

from ewarn.errors import InputError
from models.fatalities.conformal import BinConditional, coverage

Floats = npt.NDArray[np.float64]


def _invented(rows: int, seed: int) -> tuple[Floats, Floats]:
    """Mostly peace, some war; the forecast is surer of peace than of war."""
    random = np.random.default_rng(seed)
    level = np.where(random.random(rows) < 0.8, 0.0, random.gamma(2.0, 2.0, rows))
    outcomes = random.poisson(np.expm1(np.minimum(level, 8.0))).astype(float)
    points = np.maximum(np.log1p(outcomes) + random.normal(0, 0.05 + 0.2 * level), 0)
    return points, outcomes


def test_coverage_holds_in_every_bin() -> None:
    intervals = BinConditional().fit(*_invented(20_000, 1))
    points, outcomes = _invented(20_000, 2)
    found = coverage(*intervals.interval(points), outcomes)
    assert [item.first for item in found] == [0, 1, 10, 100, 1000]
    for item in found:
        # The calibration sample varies too, and the hull may cover more.
        assert item.share >= 0.9 - 4 * item.error, item


def test_one_radius_for_all_fails_in_war() -> None:
    """What the bins are for: a single bin covers on the whole and not where it matters."""
    single = BinConditional(edges=()).fit(*_invented(20_000, 1))
    points, outcomes = _invented(20_000, 2)
    found = coverage(*single.interval(points), outcomes)
    assert found[0].share > 0.95
    assert found[2].share < 0.85


def test_bounds_are_counts_within_the_radius_of_their_bin() -> None:
    intervals = BinConditional(level=0.5, edges=(1, 10))
    points = np.log1p(np.array([0.0, 0.0, 4.0, 4.0, 50.0, 50.0]))
    intervals.fit(points, np.array([0.0, 0.0, 4.0, 5.0, 50.0, 99.0]))
    assert intervals.radius_ == pytest.approx([0.0, np.log(6 / 5), np.log(100 / 51)])
    low, high = intervals.interval(np.log1p(np.array([0.0, 4.0, 8.0])))
    assert low.tolist() == [0, 4, 7]
    assert high.tolist() == [0, 5, 16]


def test_a_bin_without_rows_is_allowed_whole() -> None:
    intervals = BinConditional(edges=(1,)).fit(np.zeros(50), np.zeros(50))
    low, high = intervals.interval(np.array([0.0]))
    assert (low.tolist(), high.tolist()) == ([0.0], [np.inf])


def test_what_is_unknown_is_refused() -> None:
    with pytest.raises(InputError, match="leave out rows without forecast"):
        BinConditional().fit(np.array([np.nan]), np.array([1.0]))
