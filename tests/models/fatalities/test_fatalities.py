"""Tests of the forecast of monthly deaths, on invented series and on UCDP's up to 2014."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.fatalities import (
    CRPS,
    HALF,
    LAST,
    LOG_CRPS,
    OURS,
    SQUARED,
    YEAR,
    ZERO,
    read_months,
    rolling,
    rows_of,
)
from ewarn.errors import InputError
from ewarn.frames.country_months import CountryMonths, MonthlyForecast
from models.fatalities.fatalities import SERVED, STEPS, Fatalities
from models.fatalities.fatality_baselines import conflictology, half_last, last_poisson, zero

MONTHS = 48


def _invented(months: int = MONTHS, countries: int = 12) -> CountryMonths:
    """Wars that swell and ebb, and quiet countries; one that appears in its third year."""
    random = np.random.default_rng(7)
    level = np.exp(np.cumsum(random.normal(0, 0.4, (months, countries)), axis=0))
    level *= np.logspace(-2, 3, countries)
    counts = random.poisson(np.minimum(level, 1e6)).astype(float)
    counts[:24, 3] = np.nan
    return CountryMonths(
        tuple(f"C{index:02}" for index in range(countries)),
        tuple(f"{2010 + month // 12}{month % 12 + 1:02}" for month in range(months)),
        counts,
    )


@pytest.fixture(scope="module")
def fitted() -> Fatalities:
    return Fatalities(trees=4).fit(_invented())


def _same(one: MonthlyForecast, other: MonthlyForecast) -> bool:
    return np.array_equal(one.quantiles, other.quantiles, equal_nan=True) and np.array_equal(
        one.point, other.point, equal_nan=True
    )


def test_an_answer_is_a_distribution_for_each_step(fitted: Fatalities) -> None:
    answer = fitted.predict(_invented())
    assert answer.quantiles.shape == (STEPS, 12, SERVED)
    assert (np.diff(answer.quantiles, axis=2) >= 0).all()
    assert (answer.quantiles >= 0).all()
    assert np.isfinite(answer.point).all()
    assert fitted.weights_.sum(axis=2) == pytest.approx(np.ones((STEPS, 6)))


def test_what_comes_after_the_origin_changes_nothing() -> None:
    months = _invented()
    later = months.counts.copy()
    later[40:] = later[40:] * 13 + 5
    changed = replace(months, counts=later)
    one, other = (Fatalities(trees=4).fit(each.until(40)) for each in (months, changed))
    assert _same(one.predict(months.until(40)), other.predict(changed.until(40)))


def test_the_order_of_countries_changes_nothing(fitted: Fatalities) -> None:
    months = _invented()
    turned = months.of(months.countries[::-1])
    other = Fatalities(trees=4).fit(turned).predict(turned)
    one = fitted.predict(months)
    assert np.array_equal(one.quantiles, other.quantiles[:, ::-1])
    assert np.array_equal(one.point, other.point[:, ::-1])


def test_one_country_is_answered_as_among_many(fitted: Fatalities) -> None:
    months = _invented()
    alone = fitted.predict(months.of(["C07"]))
    assert np.array_equal(alone.quantiles[:, 0], fitted.predict(months).quantiles[:, 7])


@pytest.mark.parametrize("value", [0.0, 1e9])
def test_empty_and_huge_histories_are_answered(fitted: Fatalities, value: float) -> None:
    months = _invented()
    counts = np.full_like(months.counts, value)
    answer = fitted.predict(replace(months, counts=counts))
    assert np.isfinite(answer.quantiles).all()
    middle = answer.quantiles[:, :, SERVED // 2]
    assert (middle <= 2 * value).all()
    assert (middle >= value / 2).all()


def test_a_short_history_is_answered_and_none_is_unknown(fitted: Fatalities) -> None:
    months = _invented()
    counts = months.counts[-3:].copy()
    counts[:, 0] = np.nan
    answer = fitted.predict(CountryMonths(months.countries, months.names[-3:], counts))
    assert np.isnan(answer.quantiles[:, 0]).all()
    assert np.isnan(answer.point[:, 0]).all()
    assert np.isfinite(answer.quantiles[:, 1:]).all()


def test_a_month_that_was_not_observed_is_no_zero(fitted: Fatalities) -> None:
    months = _invented()
    gap, calm = months.counts.copy(), months.counts.copy()
    gap[-1, 11], calm[-1, 11] = np.nan, 0.0
    with_gap = fitted.predict(replace(months, counts=gap)).point[0, 11]
    as_calm = fitted.predict(replace(months, counts=calm)).point[0, 11]
    assert with_gap > as_calm + 1


def test_no_count_and_too_little_to_learn_from_are_refused() -> None:
    months = _invented()
    wrong = months.counts.copy()
    wrong[5, 2] = -1
    with pytest.raises(InputError, match=r"C02 in 201006: -1\.0 is not a count"):
        replace(months, counts=wrong)
    with pytest.raises(InputError, match="give at least 24 months of 5 countries"):
        Fatalities().fit(months.until(20))


def test_the_plain_forecasts_say_what_their_names_say() -> None:
    counts = np.array([[0.0, 5.0], [2.0, 5.0], [4.0, np.nan]])
    months = CountryMonths(("A", "B"), ("1", "2", "3"), counts)
    assert zero(months).tolist() == [[0.0], [0.0]]
    assert last_poisson(months).mean(axis=1) == pytest.approx([4.0, 5.0], abs=0.02)
    drawn = conflictology(months, 1)
    assert sorted(set(drawn[0])) == [0.0, 2.0, 4.0]
    assert set(drawn[1]) == {5.0}
    assert np.array_equal(drawn, conflictology(months, 1))
    logs = np.log1p([0, 2, 4])
    assert half_last(months) == pytest.approx([(logs[2] + logs.mean()) / 2, np.log(6)])


def test_it_beats_the_plain_ones_on_years_it_was_developed_on(
    shared_data: Callable[[str], Path],
) -> None:
    """Origins December 2013 to November 2014: no claim of skill, the alarm if it breaks."""
    months = read_months(shared_data("ucdp_country_month.csv.gz")).until(60)
    scored = rolling(months, "201401", trees=10)
    for score in (CRPS, LOG_CRPS):
        ours = scored.pooled(score, OURS)
        assert ours < min(scored.pooled(score, rival) for rival in (YEAR, LAST, ZERO))
    assert scored.pooled(SQUARED, OURS) < scored.pooled(SQUARED, HALF)
    mean, low, high = scored.difference(LOG_CRPS, YEAR)
    assert low < mean < high < 0
    assert len(rows_of(scored)) == 5 * (STEPS + 1)
