"""Tests of slowing on series that slow down, series that do not, and series that are too short."""

from datetime import date

import numpy as np
import numpy.typing as npt
import pytest
from scipy.stats import kendalltau

from ewarn.errors import ModelError
from ewarn.frames.panel import Panel
from models.detectors.slowing import WEEKS, _kendall, slowing_of, trends

SERIES = 150


def _counts(seed: int, *, slows: bool, weeks: int = 120) -> npt.NDArray[np.int64]:
    """Poisson counts about eight a week whose memory stays at 0.2 or rises to 0.95."""
    random = np.random.default_rng(seed)
    memory = np.linspace(0.0, 0.97, weeks) if slows else np.full(weeks, 0.2)
    course = np.zeros((weeks, SERIES))
    for week in range(1, weeks):
        course[week] = memory[week] * course[week - 1] + random.normal(0, 0.25, SERIES)
    return random.poisson(20 * np.exp(course))


def _panel(counts: npt.NDArray[np.int64]) -> Panel:
    """One region with each series as a signal of its own."""
    signals = tuple(f"wire:{index}" for index in range(counts.shape[1]))
    table = counts.astype(np.int32)[:, None, :]
    observed = np.ones(table.shape, dtype=np.bool_)
    return Panel(date(2015, 1, 5), ("TGO",), signals, {}, table, observed)


def test_a_series_that_slows_down_is_told_from_those_that_do_not() -> None:
    slower, steady = (trends(_counts(1, slows=slows)) for slows in (True, False))
    assert slower.memory.mean() > 0.3 > abs(steady.memory.mean()) + 0.15
    assert slower.spread.mean() > 0.2 > abs(steady.spread.mean()) + 0.1
    found = slowing_of(_panel(_counts(1, slows=True)))
    # The sign is weak: of series whose memory rises from 0 to 0.97, four in ten are detected.
    assert np.mean([(item.memory_p or 0) <= 0.1 for item in found]) > 0.3


def test_without_a_trend_p_values_are_even() -> None:
    found = slowing_of(_panel(_counts(2, slows=False)))
    for name in ("spread_p", "memory_p"):
        values = np.array([getattr(item, name) for item in found])
        assert 0.4 < values.mean() < 0.6
        assert 0.04 < (values <= 0.1).mean() < 0.2


def test_a_growing_mean_alone_is_no_growing_spread() -> None:
    random = np.random.default_rng(3)
    counts = random.poisson(np.linspace(5, 60, WEEKS)[:, None] * np.ones(SERIES))
    assert abs(trends(counts).spread.mean()) < 0.15


def test_trends_are_those_of_each_series_alone_to_the_bit() -> None:
    counts = _counts(4, slows=True)
    whole = trends(counts)
    for column in (0, 7):
        alone = trends(counts[:, [column]])
        assert alone.spread[0] == whole.spread[column]
        assert alone.memory[0] == whole.memory[column]


def test_only_the_last_two_years_count() -> None:
    counts = _counts(5, slows=True)
    changed = counts.copy()
    changed[: len(counts) - WEEKS] = 10**9
    assert np.array_equal(trends(counts).spread, trends(changed).spread)


def test_kendalls_tau_is_scipys() -> None:
    values = np.random.default_rng(6).normal(size=(40, 3))
    own = [kendalltau(np.arange(40), column).statistic for column in values.T]
    assert _kendall(values) == pytest.approx(own)


def test_too_little_is_said_to_be_too_little() -> None:
    counts = _counts(7, slows=False)[:, :3]
    assert np.isnan(trends(counts[: WEEKS - 1]).spread).all()
    quiet = counts.copy()
    quiet[:, 1] = 0
    quiet[-29:, 1] = 1
    observed = np.ones(counts.shape, dtype=np.bool_)
    observed[-20:-8, 2] = False
    found = trends(quiet, observed=observed)
    assert np.isnan(found.spread).tolist() == [False, True, True]
    assert slowing_of(_panel(quiet))[1].memory_p is None


def test_a_week_that_was_not_observed_tells_nothing() -> None:
    counts = _counts(8, slows=False)
    observed = np.ones(counts.shape, dtype=np.bool_)
    observed[-30:-24] = False
    other = counts.copy()
    other[-30:-24] = 500
    one, two = (trends(each, observed=observed) for each in (counts, other))
    assert np.array_equal(one.spread, two.spread)
    assert np.array_equal(one.memory, two.memory)


def test_huge_and_level_counts_are_answered_and_nan_is_refused() -> None:
    assert np.isfinite(trends(np.full((WEEKS, 2), 10**9)).spread).all()
    with pytest.raises(ModelError, match="slowing was given nan"):
        trends(np.full((WEEKS, 1), np.nan))
