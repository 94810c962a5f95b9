import numpy as np
import pytest
from scipy.stats import nbinom, poisson

from ewarn.errors import ModelError
from models.detectors.ears import ears
from models.research.cusum import BASELINE, LAG, RISE, advance, baseline, detect, start


def test_one_week_adds_the_log_likelihood_ratio() -> None:
    level, spread = np.array([[4.0, 4.0]]), np.array([[1.0, 3.0]])
    found = detect(np.array([[9, 9]]), expected=level, dispersion=spread)
    plain = poisson.logpmf(9, RISE * 4) - poisson.logpmf(9, 4)
    size = 4 / (3 - 1)
    wide = nbinom.logpmf(9, size, size / (size + RISE * 4)) - nbinom.logpmf(
        9, size, size / 8 * 8 / 6
    )
    assert found.cusum[0] == pytest.approx([plain, wide])


def test_the_ratio_is_that_of_the_best_window() -> None:
    counts = np.array([[2], [1], [6], [7]])
    found = detect(counts, expected=np.full((4, 1), 2.0), dispersion=np.full((4, 1), 1.5))
    best = 13 * np.log(13 / 4) - (13 - 4)
    assert found.ratio[3, 0] == pytest.approx(best / 1.5)


def test_a_slow_rise_is_seen_that_no_single_week_shows() -> None:
    random = np.random.default_rng(6)
    counts = random.poisson(10, (200, 100))
    counts[180:] = random.poisson(15, (20, 100))
    found = detect(counts)
    limit = np.quantile(found.ratio[130:180], 0.99)
    assert (found.ratio[190:] > limit).mean() > 0.9
    assert ears(counts.astype(float), "C2").exceeded[190:].mean() < 0.05


def test_the_baseline_leaves_out_the_last_half_year() -> None:
    state = start(1)
    for week in range(BASELINE + LAG):
        state = advance(state, np.array([3 if week < BASELINE else 50]))
    level, _ = baseline(state)
    assert level[0] == pytest.approx(3, rel=0.01)


def test_weeks_without_expectation_are_no_evidence() -> None:
    level = np.array([[4.0], [np.nan], [4.0]])
    counts = np.array([[9], [1_000], [4]])
    with_gap = detect(counts, expected=level, dispersion=np.full((3, 1), 2.0))
    assert with_gap.cusum[1, 0] == with_gap.cusum[0, 0]
    assert with_gap.ratio[1, 0] == with_gap.ratio[0, 0]


def test_half_a_baseline_is_refused() -> None:
    with pytest.raises(ModelError, match="together, or neither"):
        detect(np.zeros((3, 1), dtype=int), expected=np.ones((3, 1)))
