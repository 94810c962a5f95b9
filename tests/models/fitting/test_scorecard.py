"""Tests of outcomes by the definition of each target, and of figures of invented scores."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import poisson

from ewarn.domain.fit import Purpose
from ewarn.domain.region import Level
from ewarn.domain.target import Target
from ewarn.frames.panel import Panel
from models.fitting.scorecard import Scorecard, reliability, scores_of

PanelOf = Callable[..., Panel]
FORCE = Purpose("mass-mobilization", Target.FORCE, Level.COUNTRY, 4)
REGIONS = ("TGO", "BEN", "GHA")


def test_a_week_nobody_saw_leaves_no_outcome_whatever_was_seen_beside_it(panel_of: PanelOf) -> None:
    known = panel_of(20, regions=REGIONS)
    lethal = np.zeros((4, 3))
    lethal[1, 1:] = 1
    ahead = panel_of(4, regions=REGIONS, lethal=lethal, force=lethal)
    judge = Scorecard()
    assert judge.outcomes(known, ahead, REGIONS, FORCE) == [False, True, True]
    ahead.observed[2, :2] = False
    assert judge.outcomes(known, ahead, REGIONS, FORCE) == [None, None, True]
    assert judge.outcomes(known, ahead, ("GHA", "TGO"), FORCE) == [True, None]


def test_the_bar_of_an_escalation_is_the_one_that_was_known(panel_of: PanelOf) -> None:
    purpose = replace(FORCE, target=Target.ESCALATION)
    ahead = panel_of(4, regions=REGIONS, arrest=[[2, 2, 2]] * 4)  # sixteen points each
    calm = panel_of(104, regions=REGIONS)
    used_to_it = panel_of(104, regions=REGIONS, arrest=[[0, 4, 0]] * 104)
    assert Scorecard().outcomes(calm, ahead, REGIONS, purpose) == [True] * 3
    assert Scorecard().outcomes(used_to_it, ahead, REGIONS, purpose) == [True, False, True]


@pytest.mark.parametrize("count", [0, 1, 7, 120])
def test_the_interval_is_that_of_a_poisson_expectation(count: int) -> None:
    low, high = Scorecard().interval(count)
    assert poisson.cdf(count, high) == pytest.approx(0.05, abs=2e-3)
    if count:
        assert poisson.sf(count - 1, low) == pytest.approx(0.05, abs=2e-3)
    else:
        assert low == 0


def test_calibration_in_the_large_and_by_bins() -> None:
    probability = np.array([0.001, 0.03, 0.03, 0.3, 1.0])
    outcome = np.array([0.0, 0.0, 1.0, 0.0, 1.0])
    found = Scorecard().figures(probability, outcome)
    assert found["calibration_in_the_large"] == pytest.approx(probability.mean() - 0.4)
    assert found["brier"] == pytest.approx(((probability - outcome) ** 2).mean())
    assert (found["rows"], found["positives"], found["base_rate"]) == (5, 2, 0.4)
    bins = [(each["from"], each["scores"], each["share"]) for each in found["reliability"]]
    assert bins == [(0.0, 1, 0.0), (0.02, 2, 0.5), (0.2, 1, 0.0), (0.8, 1, 1.0)]
    assert reliability(probability, outcome)[3]["mean_probability"] == 1.0


def test_what_has_no_meaning_is_none_and_not_a_number() -> None:
    found = scores_of(np.full(4, 0.1), np.zeros(4))
    assert found["auc"] is found["brier_skill"] is None
    assert found["rows"] == 4
