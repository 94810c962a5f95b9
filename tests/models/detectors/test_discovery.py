import numpy as np
import pytest
from scipy.stats import false_discovery_control

from ewarn.errors import ModelError
from models.detectors.discovery import adjusted


def test_adjusted_p_values_are_benjamini_and_hochberg_s() -> None:
    found = adjusted(np.array([0.04, 0.01, 0.03, 0.9]))  # by hand: p times 4 over its rank
    assert found == pytest.approx([0.16 / 3, 0.04, 0.16 / 3, 0.9])


def test_regions_without_a_p_value_do_not_count() -> None:
    p_values = np.array([0.01, np.nan, 0.04, np.nan, 0.03])
    found = adjusted(p_values)
    assert np.isnan(found[[1, 3]]).all()
    assert found[[0, 2, 4]] == pytest.approx(false_discovery_control(p_values[[0, 2, 4]]))
    assert np.isnan(adjusted(np.full(3, np.nan))).all()
    assert len(adjusted(np.zeros(0))) == 0


def test_the_share_of_mistaken_alarms_is_what_was_promised() -> None:
    random = np.random.default_rng(9)
    truly = random.random((400, 200)) < 0.1
    p_values = np.where(
        truly, random.uniform(size=(400, 200)) ** 12, random.uniform(size=(400, 200))
    )
    alarm = np.stack([adjusted(week) for week in p_values]) <= 0.2
    mistaken = (alarm & ~truly).sum(axis=1) / np.maximum(alarm.sum(axis=1), 1)
    assert 0.15 < mistaken.mean() < 0.2


def test_p_values_outside_their_range_are_refused() -> None:
    with pytest.raises(ModelError, match="between 0 and 1"):
        adjusted(np.array([0.5, 1.2]))


def test_weights_share_one_budget_unequally() -> None:
    p_values = np.array([0.01, 0.01, 0.5, np.nan])
    weight = np.array([3.0, 0.5, 0.5, 9.0])
    found = adjusted(p_values, weight)
    # By hand: the weights are 2.25 and 0.375 times their mean, which divides the p-values.
    assert found[:2] == pytest.approx([0.01 / 2.25 * 3, 0.01 / 0.375 * 3 / 2])
    assert found[2] == 1.0
    assert np.isnan(found[3])
    assert adjusted(p_values, np.full(4, 7.0))[:3] == pytest.approx(adjusted(p_values)[:3])
