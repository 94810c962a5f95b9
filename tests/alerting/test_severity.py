"""Tests of the level of a score without a probability."""

import pytest

from ewarn.alerting.severity import severity
from ewarn.domain.target import Band
from tests.scores import score


def test_a_probability_has_its_band() -> None:
    assert severity(score(0.25, observed=9, false_discovery=1e-9)) is Band.HIGH


@pytest.mark.parametrize(
    ("observed", "share", "level"),
    [
        (6, 0.001, Band.CRITICAL),
        (5, 0.001, Band.HIGH),
        (6, 0.0011, Band.HIGH),
        (4, 0.01, Band.HIGH),
        (4, 0.011, Band.ELEVATED),
        (60, 0.5, Band.ELEVATED),
        (60, None, Band.ELEVATED),
        (3, 0.1, Band.ELEVATED),
        (3, 0.11, Band.GUARDED),
        (1, 0.9, Band.LOW),
        (0, 0.9, Band.LOW),
        (1, None, Band.UNCALIBRATED),
    ],
)
def test_a_detector_s_level_is_by_surprise_and_excess(
    observed: int, share: float | None, level: Band
) -> None:
    found = severity(score(None, observed=observed, upper=3.0, false_discovery=share))
    assert found is level


def test_what_nobody_looked_at_or_nothing_bounds_has_no_level() -> None:
    assert severity(score(None, observed=None, false_discovery=None)) is Band.UNCALIBRATED
    assert severity(score(None, observed=9, upper=None, expected=None)) is Band.UNCALIBRATED
