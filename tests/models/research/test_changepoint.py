import numpy as np
import pytest
from scipy.stats import gamma, nbinom, poisson

from models.research.changepoint import HAZARD, LONGEST, PRIOR_SHAPE, advance, detect, start


def test_a_jump_is_seen_within_four_weeks_and_is_then_no_news() -> None:
    random = np.random.default_rng(2)
    counts = random.poisson(2, (200, 40))
    counts[150:] += random.poisson(6, (50, 40))
    found = detect(counts)
    assert np.median(found[152]) > 0.9
    assert found[100:150].mean() < 0.06
    assert found[170:].mean() < 0.06


def test_a_fall_is_a_change_too() -> None:
    counts = np.random.default_rng(3).poisson(20, (120, 30))
    counts[100:] //= 4
    assert np.median(detect(counts)[102]) > 0.9


def test_restlessness_alone_is_no_change() -> None:
    counts = np.random.default_rng(4).negative_binomial(1, 0.05, (300, 40))
    assert (detect(counts)[52:] > 0.5).mean() < 0.01


def test_two_weeks_by_hand() -> None:
    # First week: prior mean 0.5, so rate 0.5; then a run of one week, or a new one.
    counts = np.array([[3], [1]])
    mean = (0.5 + 3) / 2
    stays = nbinom.pmf(1, PRIOR_SHAPE + 3, 1.5 / 2.5) * (1 - HAZARD)
    rate = PRIOR_SHAPE / mean
    begins = nbinom.pmf(1, PRIOR_SHAPE, rate / (rate + 1)) * HAZARD
    assert detect(counts)[1, 0] == pytest.approx(begins / (begins + stays))


def test_the_predictive_is_the_gamma_mixture_of_poissons() -> None:
    draws = gamma.rvs(2.5, scale=1 / 1.5, size=200_000, random_state=1)
    mixed = poisson.pmf(4, draws).mean()
    assert mixed == pytest.approx(nbinom.pmf(4, 2.5, 1.5 / 2.5), rel=0.02)


def test_the_memory_of_the_longest_run_fades_to_its_length() -> None:
    state = start(1)
    for _ in range(3 * LONGEST):
        state = advance(state, np.array([5]))
    assert state.rate[-1, 0] <= LONGEST + 1e-9
    assert state.shape[-1, 0] / state.rate[-1, 0] == pytest.approx(5, rel=0.01)
    assert np.exp(state.log_weight).sum() == pytest.approx(1)


def test_the_start_of_watching_is_no_change() -> None:
    assert detect(np.full((3, 1), 4))[0, 0] == 0
