import numpy as np
import pytest

from benchmarks.noufaily import RATES, _detected
from benchmarks.outbreaks import CURRENT, LEVELS, PAST, SCENARIOS, WEEKS, simulate


def test_there_are_twenty_eight_scenarios_and_a_seed_makes_them_the_same() -> None:
    made, again = simulate(7, 2), simulate(7, 2)
    assert len(SCENARIOS) == 28
    assert made.counts.shape == (WEEKS, 56)
    assert np.array_equal(made.counts, again.counts)


def test_the_current_outbreak_lies_in_the_last_weeks_only() -> None:
    made = simulate(8, 4)
    assert not made.cases[: CURRENT.start].any()
    assert made.cases.sum(axis=0).astype(bool).mean() > 0.8


def test_baselines_have_the_mean_and_the_dispersion_they_should() -> None:
    made = simulate(9, 60)
    early = made.clean[: PAST.start]
    for index, (level, trend, season) in enumerate(SCENARIOS):
        if trend or season:
            continue
        counts = early[:, made.scenario == index]
        assert counts.mean() == pytest.approx(np.exp(level.theta), rel=0.1)
        assert counts.var() / counts.mean() == pytest.approx(level.phi, rel=0.1)
    assert len(LEVELS) == 7


def test_the_size_of_an_outbreak_is_k_standard_deviations() -> None:
    made = simulate(10, 400)
    still = made.scenario == 24  # level 5, without trend or season
    expected = made.k[still] * np.sqrt(1.2 * np.exp(5))
    assert made.cases[:, still].sum() == pytest.approx(expected.sum(), rel=0.1)


@pytest.mark.parametrize("rate", RATES)
def test_false_positive_rates_are_what_was_asked_even_with_ties(rate: float) -> None:
    made = simulate(11, 5)
    coarse = np.minimum(made.clean[CURRENT.start :], 3).astype(np.float64)
    hit, false = _detected(coarse, coarse + made.cases[CURRENT.start :], made, rate)
    assert false == pytest.approx(rate)
    assert 0 <= np.nanmin(hit) <= np.nanmax(hit) <= 1
