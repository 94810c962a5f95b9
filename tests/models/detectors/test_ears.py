import numpy as np
import pytest

from models.detectors.ears import ears

# Weeks 1-7: mean 3, deviation of n - 1: sqrt((4+1+0+1+4+0+0)/6) = 1.290994.
WEEKS = np.array([[1], [2], [3], [4], [5], [3], [3], [8], [4], [7]], dtype=float)


def test_c1_looks_at_the_seven_weeks_right_before() -> None:
    found = ears(WEEKS, "C1")
    assert found.expected[7, 0] == 3
    assert found.upper[7, 0] == pytest.approx(3 + 3 * 1.290994, abs=1e-5)
    assert found.exceeded[7, 0]
    assert np.isnan(found.upper[6, 0])
    assert not found.exceeded[6, 0]


def test_c2_leaves_two_weeks_between() -> None:
    found = ears(WEEKS, "C2")
    assert np.isnan(found.upper[8, 0])
    assert found.expected[9, 0] == 3
    assert found.upper[9, 0] == pytest.approx(6.872983, abs=1e-5)
    assert found.exceeded[9, 0]


def test_c3_adds_up_three_weeks() -> None:
    series = np.array([[1.0, 2, 3, 4, 5, 3, 3, 3, 3, 6, 5.9, 5.6]]).T
    mean = np.array([series[t - 9 : t - 2].mean() for t in (9, 10, 11)])
    deviation = np.array([series[t - 9 : t - 2].std(ddof=1) for t in (9, 10, 11)])
    statistic = (series[9:12, 0] - mean) / deviation
    excess = np.maximum(statistic - 1, 0)
    found = ears(series, "C3")
    assert found.upper[11, 0] == pytest.approx(mean[2] + deviation[2] * (3 - excess[0] - excess[1]))
    assert found.exceeded[11, 0] == (excess.sum() > 2)


def test_a_missing_week_gives_no_bound_rather_than_a_zero() -> None:
    series = WEEKS.copy()
    series[3] = np.nan
    assert np.isnan(ears(series, "C1").upper[7, 0])
    assert not ears(series, "C1").exceeded.any()


@pytest.mark.parametrize("rule", ["C1", "C2", "C3"])
def test_a_flat_baseline_allows_what_it_knows(rule: str) -> None:
    found = ears(np.full((14, 2), 4.0), rule)  # type: ignore[arg-type]
    assert not found.exceeded.any()
    assert (found.upper[9:] == 4).all()
