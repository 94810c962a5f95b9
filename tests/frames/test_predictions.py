"""Tests of how quiet regions are compared with each other."""

import numpy as np
import pytest

from ewarn.frames.predictions import LEAST_QUIET, mean_of_quiet, relative_risk

QUIET = np.array([True] * LEAST_QUIET + [False])
PROBABILITY = np.array([0.01] * (LEAST_QUIET - 1) + [0.01 + 0.01 * LEAST_QUIET, 0.9])


def test_the_mean_is_of_quiet_regions_that_have_a_probability() -> None:
    assert mean_of_quiet(PROBABILITY, QUIET) == pytest.approx(0.02)
    more, calm = np.append(PROBABILITY, np.nan), np.append(QUIET, True)
    assert mean_of_quiet(more, calm) == pytest.approx(0.02)


def test_no_mean_is_taken_of_few_regions() -> None:
    assert np.isnan(mean_of_quiet(PROBABILITY[1:], QUIET[1:]))
    assert np.isnan(mean_of_quiet(np.append(PROBABILITY[1:], np.nan), np.append(QUIET[1:], True)))


def test_quiet_regions_alone_are_compared() -> None:
    found = relative_risk(PROBABILITY, QUIET, 0.02)
    assert found[:-1] == pytest.approx([0.5] * (LEAST_QUIET - 1) + [25.5])
    assert np.isnan(found[-1])


@pytest.mark.parametrize("mean", [np.nan, 0.0])
def test_without_a_mean_nothing_is_compared(mean: float) -> None:
    assert np.isnan(relative_risk(PROBABILITY, QUIET, mean)).all()
