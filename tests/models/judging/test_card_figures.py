import numpy as np
import pytest

from models.judging.measures.alarm_costs import alarm_costs
from models.judging.measures.skill import skill


def test_climatology_has_no_skill_and_truth_has_all() -> None:
    label = np.array([1.0, 0, 0, 0] * 25)
    assert skill(np.full(100, 0.25), label).brier_skill == pytest.approx(0)
    assert skill(np.full(100, 0.25), label).auc == pytest.approx(0.5)
    knowing = skill(0.5 * label + np.linspace(0.1, 0.4, 100), label)
    assert (knowing.auc, knowing.average_precision) == pytest.approx((1, 1))
    assert knowing.brier_skill > 0.5


def test_honest_probabilities_have_slope_one_and_bold_ones_less() -> None:
    random = np.random.default_rng(1)
    logit = random.normal(-1, 1, 20_000)
    label = (random.random(20_000) < 1 / (1 + np.exp(-logit))).astype(float)
    assert skill(1 / (1 + np.exp(-logit)), label).calibration_slope == pytest.approx(1, abs=0.05)
    assert skill(1 / (1 + np.exp(-2 * logit)), label).calibration_slope == pytest.approx(
        0.5, abs=0.05
    )


def test_one_outcome_only_has_no_rank() -> None:
    found = skill(np.full(5, 0.1), np.zeros(5))
    assert np.isnan(found.auc)
    assert np.isnan(found.brier_skill)


def test_an_alarm_is_false_only_if_nothing_followed() -> None:
    probability = np.zeros((60, 2))
    label = np.zeros((60, 2))
    probability[10:13] = 0.5  # both regions alarm; only the first sees the outcome
    label[12, 0] = 1
    cost, none = alarm_costs(probability, label, [0.4, 0.6], countries=2)
    assert (cost.alarms, cost.false_alarms) == (2, 1)
    assert cost.false_per_country_year == pytest.approx(1 / (2 * 60 / (365.25 / 7)))
    assert (none.alarms, none.false_alarms) == (0, 0)
    assert np.isnan(none.precision)


def test_weeks_that_nobody_watched_neither_age_nor_close_nor_judge_an_alarm() -> None:
    probability, label = np.full((60, 1), 0.01), np.zeros((60, 1))
    probability[10] = 0.9
    probability[11:], label[10:] = np.nan, np.nan  # silence from the alarm on
    (cost,) = alarm_costs(probability, label, [0.5], countries=1)
    assert (cost.alarms, cost.false_alarms) == (0, 0)
    assert np.isnan(cost.precision)
    probability[30:], label[30:] = 0.01, 0
    (cost,) = alarm_costs(probability, label, [0.5], countries=1)
    assert (cost.alarms, cost.false_alarms) == (1, 1), "it closed once it was watched again"
    label[35] = 1
    (cost,) = alarm_costs(probability, label, [0.5], countries=1)
    assert (cost.alarms, cost.false_alarms) == (1, 0)


def test_an_outcome_foreseen_as_an_alarm_closes_comes_too_late() -> None:
    probability, label = np.zeros((40, 1)), np.zeros((40, 1))
    probability[10] = 0.5  # closes with the eighth week below
    label[18] = 1
    (cost,) = alarm_costs(probability, label, [0.4], countries=1)
    assert (cost.alarms, cost.false_alarms) == (1, 1)
    label[17] = 1
    (cost,) = alarm_costs(probability, label, [0.4], countries=1)
    assert (cost.alarms, cost.false_alarms) == (1, 0)


def test_an_outcome_after_thirteen_weeks_does_not_save_an_alarm() -> None:
    probability, label = np.full((40, 1), 0.5), np.zeros((40, 1))
    label[20] = 1
    (cost,) = alarm_costs(probability, label, [0.4], countries=1)
    assert (cost.alarms, cost.false_alarms) == (1, 1)


def test_onset_recall_counts_the_first_warning_week_after_half_a_year() -> None:
    probability, label = np.zeros((80, 1)), np.zeros((80, 1))
    label[[30, 31, 70]] = 1
    probability[[31, 70]] = 0.5
    (cost,) = alarm_costs(probability, label, [0.4], countries=1)
    assert cost.recall == pytest.approx(2 / 3)
    assert cost.onset_recall == pytest.approx(1 / 2)
