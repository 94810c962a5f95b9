import numpy as np
import pytest
from scipy.special import logsumexp
from scipy.stats import nbinom

from ewarn.errors import ModelError
from models.research.surge import BEGAN, SHARES, SIZES, UNSURE_DISPERSION, UNSURE_MEAN, surge


def likelihood(count: int, mean: float, spread: float) -> float:
    return float(nbinom.logpmf(count, mean / (spread - 1), 1 / spread))


def test_two_weeks_by_hand() -> None:
    counts, expected, spread = np.array([[9], [7]]), np.full((2, 1), 4.0), np.full((2, 1), 1.5)
    mean = 4.0 + UNSURE_MEAN
    phi = 1.5 * UNSURE_DISPERSION

    def ratio(count: int, deviations: float) -> float:
        more = deviations * np.sqrt(phi * mean)
        return likelihood(count, mean + more, phi) - likelihood(count, mean, phi)

    ways = []
    for size in SIZES:
        ways.append(np.log(BEGAN[0]) + ratio(7, size * SHARES[0]))
        before = ratio(9, size * SHARES[0])
        ways.append(np.log(BEGAN[1]) + before + ratio(7, size * SHARES[1]))
    by_hand = logsumexp(ways) - np.log(len(SIZES))
    assert surge(counts, expected, spread)[1, 0] == pytest.approx(by_hand)


def test_two_raised_weeks_tell_more_than_one() -> None:
    counts = np.array([[4, 4], [4, 9], [9, 9]])
    found = surge(counts, np.full((3, 2), 4.0), np.full((3, 2), 1.5))
    assert found[2, 1] > found[2, 0] > 0 > found[0, 0]


def test_more_events_are_always_more_evidence() -> None:
    counts = np.array([[4, 10, 100, 10**4, 10**9]])
    found = surge(counts, np.full((1, 5), 4.0), np.full((1, 5), 1.5))
    assert (np.diff(found) > 0).all()


def test_a_missing_week_is_evidence_of_nothing() -> None:
    counts, expected, spread = np.array([[9], [0], [9]]), np.full((3, 1), 4.0), np.ones((3, 1))
    seen = np.array([[True], [False], [True]])
    found = surge(counts, expected, spread, observed=seen)
    assert np.isnan(found[1, 0])
    assert found[2, 0] > surge(counts, expected, spread)[2, 0]
    unknown = np.array([[4.0], [np.nan], [4.0]])
    assert surge(counts, unknown, spread)[2, 0] == found[2, 0]


def test_another_shape_is_refused() -> None:
    with pytest.raises(ModelError, match="for each count"):
        surge(np.zeros((3, 1), dtype=int), np.ones((2, 1)), np.ones((3, 1)))
