import numpy as np
import pytest
from scipy.stats import false_discovery_control

from ewarn.errors import ModelError
from models.discovery import adjusted, budget_p, discoveries
from models.farrington import Detection


def test_adjusted_p_values_are_benjamini_and_hochberg_s() -> None:
    p_values = np.random.default_rng(8).uniform(size=(6, 50)) ** 3
    assert adjusted(p_values) == pytest.approx(false_discovery_control(p_values, axis=-1))


def test_regions_without_a_p_value_do_not_count() -> None:
    p_values = np.array([0.01, np.nan, 0.04, np.nan, 0.03])
    found = adjusted(p_values)
    assert np.isnan(found[[1, 3]]).all()
    assert found[[0, 2, 4]] == pytest.approx(false_discovery_control(p_values[[0, 2, 4]]))
    assert discoveries(p_values, 0.035).tolist() == [True, False, False, False, False]
    assert np.isnan(adjusted(np.full(3, np.nan))).all()


def test_the_share_of_mistaken_alarms_is_what_was_promised() -> None:
    random = np.random.default_rng(9)
    truly = random.random((400, 200)) < 0.1
    p_values = np.where(
        truly, random.uniform(size=(400, 200)) ** 12, random.uniform(size=(400, 200))
    )
    alarm = discoveries(p_values, 0.2)
    mistaken = (alarm & ~truly).sum(axis=1) / np.maximum(alarm.sum(axis=1), 1)
    assert 0.15 < mistaken.mean() < 0.2


def test_what_farrington_does_not_hear_the_pool_answers() -> None:
    heard = Detection(
        expected=np.array([[3.0, 0.1]]),
        dispersion=np.array([[1.0, 1.0]]),
        upper=np.array([[8.0, np.nan]]),
        p_value=np.array([[0.5, 0.5]]),
        alarm=np.array([[False, False]]),
    )
    found = budget_p(np.array([[2.0, 1.0]]), heard, np.array([[0.9, 0.07]]))
    assert found[0, 1] == 0.07
    assert 0.5 < found[0, 0] < 0.8


def test_p_values_outside_their_range_are_refused() -> None:
    with pytest.raises(ModelError, match="between 0 and 1"):
        adjusted(np.array([0.5, 1.2]))
