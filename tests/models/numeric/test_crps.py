"""Tests of scores of distributions against the definition by brute force."""

import numpy as np
import pytest

from models.fatalities.crps_stacking import score_of_pool
from models.numeric.crps import crps, levels, quantiles, spread
from models.numeric.simplex import best_weights

RANDOM = np.random.default_rng(4)


def test_the_score_is_its_definition() -> None:
    atoms = RANDOM.integers(0, 9, (20, 7)).astype(float)
    weights = RANDOM.dirichlet(np.ones(7), 20)
    outcomes = RANDOM.integers(0, 12, 20).astype(float)
    pairs = np.abs(atoms[:, :, None] - atoms[:, None, :])
    expected = (weights * np.abs(atoms - outcomes[:, None])).sum(axis=1)
    expected -= np.einsum("ri,rij,rj->r", weights, pairs, weights) / 2
    assert crps(atoms, outcomes, weights) == pytest.approx(expected)


def test_a_point_scores_its_absolute_error_and_a_sure_hit_nothing() -> None:
    assert crps(np.array([[3.0], [7.0]]), np.array([5.0, 7.0])).tolist() == [2.0, 0.0]


def test_the_spread_is_the_mean_distance_of_pairs() -> None:
    atoms = RANDOM.normal(size=(5, 6))
    pairs = np.abs(atoms[:, :, None] - atoms[:, None, :]).mean(axis=(1, 2))
    assert spread(atoms) == pytest.approx(pairs)


def test_quantiles_are_the_least_atoms_that_reach_a_level() -> None:
    atoms = np.array([[3.0, 1.0, 2.0], [5.0, 5.0, 0.0]])
    weights = np.array([[0.2, 0.5, 0.3], [0.25, 0.25, 0.5]])
    found = quantiles(atoms, weights, np.array([0.5, 0.51, 0.8, 0.81]))
    assert found.tolist() == [[1, 2, 2, 3], [0, 5, 5, 5]]


def test_equal_masses_keep_what_they_stand_for() -> None:
    draws = RANDOM.gamma(2.0, 3.0, (1, 4000))
    kept = quantiles(draws, np.full((1, 4000), 1 / 4000), levels(200))
    outcome = np.array([4.0])
    assert crps(kept, outcome) == pytest.approx(crps(draws, outcome), rel=1e-3)


def test_the_quadratic_form_is_the_score_of_the_pool() -> None:
    members = RANDOM.gamma(1.0, 4.0, (3, 30, 20))
    outcomes = RANDOM.gamma(1.0, 4.0, 30)
    importance = RANDOM.random(30)
    weights = np.array([0.2, 0.5, 0.3])
    linear, pairs = score_of_pool(members, outcomes, importance)
    pool = members.transpose(1, 0, 2).reshape(30, 60)
    direct = (crps(pool, outcomes, np.repeat(weights / 20, 20)) * importance).mean()
    assert linear @ weights - weights @ pairs @ weights / 2 == pytest.approx(direct)


def test_stacking_finds_the_member_that_is_right_and_the_penalty_the_prior() -> None:
    outcomes = RANDOM.poisson(5.0, 400).astype(float)
    right = RANDOM.poisson(5.0, (400, 20)).astype(float)
    members = np.stack([right, right + 30, np.zeros_like(right)])
    form = score_of_pool(members, outcomes, np.ones(400))
    prior = np.full(3, 1 / 3)
    assert best_weights(*form, prior, 0.0)[0] > 0.9
    assert best_weights(*form, prior, 1e6) == pytest.approx(prior, abs=1e-3)
