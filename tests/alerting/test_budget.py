"""Tests of rules with a budget: the threshold that it gives, and what a threshold costs."""

from typing import Any

import pytest

from ewarn.alerting.budget import rate_at, threshold_within
from ewarn.errors import UsageError


def rows_of(*pairs: tuple[float, float]) -> list[dict[str, Any]]:
    return [{"threshold": at, "false_per_country_year": rate} for at, rate in pairs]


# At the lowest threshold alarms stay open for years, so there are few of them.
ALARMS = rows_of((0.01, 0.3), (0.05, 0.5), (0.1, 0.4), (0.2, 0.1), (0.4, 0.02))


@pytest.mark.parametrize(
    ("allowed", "threshold"),
    [(0.5, 0.01), (0.45, 0.1), (0.4, 0.1), (0.39, 0.2), (0.3, 0.2), (0.1, 0.2), (0.02, 0.4)],
)
def test_all_thresholds_from_the_answer_on_are_within_the_budget(
    allowed: float, threshold: float
) -> None:
    assert threshold_within(ALARMS, allowed) == threshold
    assert threshold_within(ALARMS[::-1], allowed) == threshold


def test_between_two_tested_thresholds_the_upper_one_is_taken() -> None:
    halfway = (0.1 + 0.4) / 2
    assert threshold_within(ALARMS, halfway) == 0.2


def test_a_budget_that_was_not_tested_is_refused_on_either_side() -> None:
    with pytest.raises(UsageError, match=r"threshold, 0\.4, cost 0\.02 .* allow more"):
        threshold_within(ALARMS, 0.01)
    with pytest.raises(UsageError, match=r"cost more than 0\.5 .* below 0\.01 would cost"):
        threshold_within(ALARMS, 0.51)
    with pytest.raises(UsageError, match="no rolling test"):
        threshold_within([], 0.1)


@pytest.mark.parametrize(
    ("threshold", "rate"),
    [(0.005, None), (0.01, 0.5), (0.05, 0.5), (0.15, 0.4), (0.2, 0.1), (0.9, 0.02)],
)
def test_a_threshold_is_taken_to_cost_what_the_tested_one_below_it_did(
    threshold: float, rate: float | None
) -> None:
    assert rate_at(ALARMS, threshold) == rate


def test_what_a_threshold_is_taken_to_cost_allows_that_threshold_or_a_lower_one() -> None:
    for threshold in (0.05, 0.07, 0.1, 0.2, 0.3):
        rate = rate_at(ALARMS, threshold)
        assert rate is not None
        assert threshold_within(ALARMS, rate) <= threshold
