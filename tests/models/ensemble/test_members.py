from collections.abc import Callable

import numpy as np
import pytest
from scipy.stats import nbinom, poisson

from ewarn.domain.target import Target
from ewarn.frames.panel import Panel
from models.baselines.base_rate import BaseRate
from models.baselines.conflictology import Conflictology
from models.baselines.last_poisson import LastPoisson
from models.baselines.pooling import Pooling, Prior, bound, tail
from models.ensemble.escalation import Escalation
from models.ensemble.stacking import LogPool, later_folds
from models.inputs.features import FEATURES, features
from models.inputs.inputs import Inputs, inputs_at_origin, stack
from models.numeric.calibration import LEAST, calibration_line
from models.numeric.linear import linear

PanelOf = Callable[..., Panel]
MM = "mass-mobilization"


def force(panel: Panel) -> Inputs:
    return inputs_at_origin(panel, panel.regions, MM, Target.FORCE, 4)


def escalation(panel: Panel) -> Inputs:
    return inputs_at_origin(panel, panel.regions, MM, Target.ESCALATION, 4)


def test_base_rate_is_the_weighted_share(panel_of: PanelOf) -> None:
    rows = stack([force(panel_of(8))] * 3)
    member = BaseRate().fit(rows, np.array([1.0, 0, 0]), np.array([1.0, 1, 8]))
    assert member.probability(rows).tolist() == [0.1] * 3


def test_last_poisson_repeats_the_last_four_weeks(panel_of: PanelOf) -> None:
    lethal = [1] * 10 + [0, 2, 0, 0]
    found = LastPoisson().probability(force(panel_of(14, lethal=lethal)))
    assert found == pytest.approx([1 - np.exp(-2)])
    assert LastPoisson().probability(force(panel_of(14))).tolist() == [0]


def test_last_poisson_counts_an_escalation_in_units_of_its_floor(panel_of: PanelOf) -> None:
    arrests = [0] * 100 + [3, 0, 0, 0]  # six points: one unit; the bar is six: one unit
    found = LastPoisson().probability(escalation(panel_of(104, arrest=arrests)))
    assert found == pytest.approx([poisson.sf(0, 1)])


def test_conflictology_is_the_share_of_past_months(panel_of: PanelOf) -> None:
    lethal = np.zeros(120)
    lethal[[-1, -2, -6, -52, -60]] = 1  # three of the past thirteen blocks
    found = Conflictology().probability(force(panel_of(120, lethal=lethal)))
    assert found == pytest.approx([3 / 13])


def test_conflictology_divides_by_what_was_watched(panel_of: PanelOf) -> None:
    found = Conflictology().probability(force(panel_of(8, lethal=[0] * 7 + [1])))
    assert found == pytest.approx([1 / 2])


def test_predictive_tail_and_bound_are_negative_binomial() -> None:
    shape, rate = np.array([0.7]), np.array([30.0])
    expected = nbinom.sf(1, 0.7, 30 / 34)
    assert tail(shape, rate, 4, np.array([2.0])) == pytest.approx([expected])
    assert bound(shape, rate, 1, 0.99).tolist() == [nbinom.ppf(0.99, 0.7, 30 / 31)]


def test_eight_weeks_of_history_get_a_sane_rate() -> None:
    prior = Prior(mean=0.01, country_shape=0.5, region_shape=0.5)
    none = np.zeros(1)
    shape, rate = prior.posterior(none, none, np.array([8.0]), none)
    assert 0.005 < (shape / rate)[0] < 0.01
    shape, rate = prior.posterior(np.ones(1), np.ones(1), np.array([8.0]), none)
    assert 0.01 < (shape / rate)[0] < 1 / 8


def test_a_silent_region_takes_after_its_country() -> None:
    prior = Prior(mean=0.01, country_shape=0.5, region_shape=0.5)
    exposure, siblings = np.full(2, 8.0), np.full(2, 5.0)
    shape, rate = prior.posterior(np.zeros(2), np.array([0.0, 20.0]), exposure, siblings)
    calm, restless = shape / rate
    assert calm < 0.01 < restless


def test_a_country_is_pulled_to_the_world_by_the_shape_of_countries() -> None:
    prior = Prior(mean=0.01, country_shape=2.0, region_shape=0.5)
    shape, rate = prior.posterior(np.ones(1), np.ones(1), np.full(1, 100.0), np.zeros(1))
    assert (shape[0], rate[0]) == (3.0, 300.0)


def test_pooling_learns_the_mean_rate(panel_of: PanelOf) -> None:
    regions = tuple(f"R{i}" for i in range(300))
    panel = panel_of(160, regions=regions, rate=0.05)
    rows = force(panel.until(panel.week(156)))
    ahead = panel.series(f"{MM}:force:lethal")[156:].sum(axis=0)
    label = (ahead > 0).astype(float)
    member = Pooling().fit(rows, label, np.ones(300))
    assert member.probability(rows).mean() == pytest.approx(label.mean(), abs=0.03)
    assert member.mean_ == pytest.approx(0.05, rel=0.5)


def test_escalation_scores_with_plain_coefficients(panel_of: PanelOf) -> None:
    regions = tuple(f"R{i}" for i in range(200))
    rows = force(panel_of(160, regions=regions, rate=0.05))
    label = (rows.of("arrest")[:, 1] > 0).astype(float)
    member = Escalation(strength=1.0).fit(rows, label, np.ones(200))
    found = member.probability(rows)
    assert member.coefficients_.shape == (len(FEATURES),)
    assert found[label > 0].min() > found[label == 0].max()


def test_a_row_is_summed_alike_wherever_it_stands() -> None:
    random = np.random.default_rng(3)
    vectors, coefficients = random.normal(size=(101, 49)), random.normal(size=49)
    together = linear(vectors, coefficients)
    assert all(linear(vectors[i : i + 1], coefficients)[0] == together[i] for i in range(101))
    replicated = linear(vectors, np.stack([coefficients] * 3, axis=1))
    assert np.array_equal(replicated, np.stack([together] * 3, axis=1))


def test_a_country_does_not_hear_itself_twice(panel_of: PanelOf) -> None:
    vectors = features(force(panel_of(20, rate=1.0)))[0]
    of_country = [i for i, name in enumerate(FEATURES) if "in the country" in name]
    assert not vectors[of_country].any()


def test_the_calibration_line_says_how_probabilities_were_bent() -> None:
    random = np.random.default_rng(5)
    true = random.normal(-1, 1.5, 40_000)
    label = (random.random(40_000) < 1 / (1 + np.exp(-true))).astype(float)
    bent = 1 / (1 + np.exp(-(2 * true + 1)))
    intercept, slope = calibration_line(bent, label)
    assert slope == pytest.approx(0.5, abs=0.03)
    assert intercept == pytest.approx(-0.5, abs=0.05)
    assert calibration_line(bent, np.zeros(40_000)) == (0.0, 1.0)


def test_no_pooled_probability_is_zero_or_one() -> None:
    pool = LogPool(np.array([1.0])).fit(np.full((3, 1), 0.5), np.array([0.0, 1, 0]), np.ones(3))
    pool.intercept_, pool.weights_ = 0.0, np.ones(1)
    found = 1 / (1 + np.exp(-pool.logit(np.array([[0.0], [1.0]]))))
    assert found == pytest.approx([LEAST, 1 - LEAST])


def test_the_pool_prefers_the_member_that_knows_and_stays_calibrated() -> None:
    random = np.random.default_rng(7)
    truth = random.uniform(0.01, 0.6, 20_000)
    label = (random.random(20_000) < truth).astype(float)
    members = np.stack([truth, random.random(20_000)], axis=1)
    pool = LogPool(np.array([0.5, 0.5])).fit(members, label, np.ones(20_000))
    assert pool.weights_[0] > 0.8
    assert 0 <= pool.weights_[1] < 0.1
    found = 1 / (1 + np.exp(-pool.logit(members)))
    assert found.mean() == pytest.approx(label.mean(), abs=0.01)


def test_a_member_that_is_wrong_is_silenced_and_not_turned_round() -> None:
    random = np.random.default_rng(7)
    truth = random.uniform(0.01, 0.6, 20_000)
    label = (random.random(20_000) < truth).astype(float)
    members = np.stack([truth, 0.61 - truth], axis=1)
    assert LogPool(np.array([0.5, 0.5])).fit(members, label, np.ones(20_000)).weights_[1] == 0


def test_a_pool_with_little_to_learn_from_stays_with_its_prior() -> None:
    random = np.random.default_rng(8)
    members = random.uniform(0.01, 0.1, (200, 2))
    label = (random.random(200) < 0.05).astype(float)
    pool = LogPool(np.array([0.3, 0.7])).fit(members, label, np.ones(200))
    assert pool.weights_ == pytest.approx([0.3, 0.7], abs=0.03)


def test_folds_keep_an_embargo() -> None:
    week = np.repeat(np.arange(0, 100, 4), 2)
    folds = later_folds(week, embargo=4)
    assert len(folds) == 4
    for before, after in folds:
        assert week[before].max() + 4 <= week[after].min()
