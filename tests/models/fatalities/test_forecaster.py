"""Tests of the served forecast of monthly deaths: intervals, scores beside plain ones, its card."""

import numpy as np
import pytest

from ewarn.frames.country_months import CountryMonths
from models.fatalities.fatalities import STEPS
from models.fatalities.forecaster import CALIBRATED_ON, FatalityForecaster
from tests.models.fatalities.test_fatalities import _invented


@pytest.fixture(scope="module")
def forecaster() -> FatalityForecaster:
    return FatalityForecaster(trees=2)


def test_intervals_are_learned_from_the_last_origins_where_enough_is_known(
    forecaster: FatalityForecaster,
) -> None:
    short = forecaster.forecast(_invented(forecaster.least_months + CALIBRATED_ON - 1))
    assert short.low is short.high is None
    months = _invented()
    made = forecaster.forecast(months)
    assert made.low is not None
    assert made.high is not None
    middle = np.expm1(made.point)
    assert (made.low <= middle + 1).all()
    assert (made.high >= middle - 1).all()
    assert (made.high > made.low).any()


def test_scores_stand_beside_plain_ones_and_know_nothing_of_what_did_not_come(
    forecaster: FatalityForecaster,
) -> None:
    months = _invented(40)
    made = forecaster.forecast(months)
    year = CountryMonths(months.countries, months.names[-12:], months.counts[-12:])
    outcomes = np.full((STEPS, 12), np.nan)
    outcomes[0] = months.counts[-1]
    found = forecaster.scores(year, made, outcomes)
    for scores in found.values():
        for values in scores.values():
            assert np.isfinite(values[0]).all()
            assert np.isnan(values[1:]).all()
    assert (found["no-change"]["log_squared_error"][0] == 0).all()
    assert "coverage" not in found["fatalities"]


def test_the_card_says_what_was_measured_and_where_it_is_weak(
    forecaster: FatalityForecaster,
) -> None:
    card = forecaster.card()
    assert card["model"] == "fatalities@1"
    assert card["development"]["command"] == "python -m benchmarks.run fatalities"
    assert len(card["weaknesses"]) >= 4
