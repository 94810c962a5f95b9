from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, roc_auc_score

from models.judging.measures.bootstrap import Draws, estimate
from models.judging.measures.metrics import LabelledRows, compared
from models.judging.measures.ranking import Ranking

COUNTRIES = 6


def sample(seed: int, rows: int = 300, ties: int = 12) -> LabelledRows:
    random = np.random.default_rng(seed)
    probability = random.integers(1, ties, rows) / (ties + 1)
    label = (random.random(rows) < probability**2).astype(float)
    return LabelledRows(probability, label, random.integers(0, COUNTRIES, rows), COUNTRIES)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), ties=st.sampled_from([2, 5, 10**6]))
def test_weighted_ranks_are_those_of_rows_repeated(seed: int, ties: int) -> None:
    judged = sample(seed, 80, ties)
    draws = Draws.of(COUNTRIES, seed=seed, draws=4).with_all
    ranking = Ranking.of(judged.probability, judged.label, judged.country, COUNTRIES)
    auc, precision = ranking.auc(draws), ranking.average_precision(draws)
    for draw, weights in enumerate(draws):
        rows = np.repeat(np.arange(80), weights[judged.country].astype(int))
        label, score = judged.label[rows], judged.probability[rows]
        if not 0 < label.sum() < len(label):
            assert np.isnan(auc[draw])
            continue
        assert auc[draw] == pytest.approx(roc_auc_score(label, score))
        assert precision[draw] == pytest.approx(average_precision_score(label, score))


def test_every_figure_of_a_draw_is_that_of_its_rows() -> None:
    judged = sample(1)
    draws = Draws.of(COUNTRIES, seed=2, draws=3).weights
    many = judged.figures(draws)
    for draw, weights in enumerate(draws):
        rows = np.repeat(np.arange(300), weights[judged.country].astype(int))
        label, said = judged.label[rows], judged.probability[rows]
        base = label.mean()
        brier = ((said - label) ** 2).mean()
        expected = {
            "rows": len(rows),
            "base_rate": base,
            "mean_over_base": said.mean() / base,
            "brier": brier,
            "brier_skill": 1 - brier / (base * (1 - base)),
            "log_score": np.where(label > 0, np.log(said), np.log1p(-said)).mean(),
        }
        for name, value in expected.items():
            assert many[name][draw] == pytest.approx(value), name
        line = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000)
        line.fit(np.log(said / (1 - said))[:, None], label)
        assert many["calibration_slope"][draw] == pytest.approx(line.coef_[0, 0], abs=1e-3)
        assert many["calibration_intercept"][draw] == pytest.approx(line.intercept_[0], abs=1e-3)


def test_the_parts_of_the_brier_score_add_up_where_bins_hold_equal_probabilities() -> None:
    found = sample(4, ties=3).figures(np.ones((1, COUNTRIES)))
    parts = found["reliability"] - found["resolution"] + found["uncertainty"]
    assert parts == pytest.approx(found["brier"])


def test_bins_are_fine_where_probabilities_are_high() -> None:
    rows = [bin_["rows"] for bin_ in sample(3, rows=2000, ties=10**6).bins()]
    assert len(rows) == 10
    assert rows[0] == pytest.approx(1000, abs=2)
    assert rows == sorted(rows, reverse=True)


def test_a_line_is_found_from_far_away_and_none_where_there_is_none() -> None:
    random = np.random.default_rng(5)
    rare = np.where(random.random(4000) < 0.97, 0.0, 0.4)
    label = (random.random(4000) < 0.02).astype(float)
    country = random.integers(0, COUNTRIES, 4000)
    once = np.ones((1, COUNTRIES))
    slope = LabelledRows(rare, label, country, COUNTRIES).figures(once)["calibration_slope"][0]
    assert slope == pytest.approx(0, abs=0.2)
    for probability, outcome in ((np.full(9, 0.1), np.eye(9)[0]), (rare[:9] + 0.1, np.zeros(9))):
        none = LabelledRows(probability, outcome, np.zeros(9, int), 1).figures(np.ones((1, 1)))
        assert np.isnan(none["calibration_slope"][0])


@pytest.mark.parametrize(
    ("probability", "label"),
    [
        ([0.1, 0.2, 0.3, 0.9], [0, 0, 0, 1]),
        ([0.1, 0.2, 0.3, 0.9], [1, 0, 0, 0]),
        ([1e-6, 1e-6, 1 - 1e-6, 1 - 1e-6], [0, 0, 1, 1]),
        ([0.1, 0.2, 0.2, 0.9], [0, 0, 1, 1]),  # parted but for one value
    ],
)
def test_outcomes_that_a_probability_parts_have_no_line(
    probability: list[float], label: list[float]
) -> None:
    told = LabelledRows(np.array(probability), np.array(label, float), np.arange(4), 4)
    figures = told.figures(np.ones((1, 4)))
    assert np.isnan(figures["calibration_slope"][0])
    assert np.isnan(figures["calibration_intercept"][0])


def test_a_draw_without_a_line_leaves_the_others_theirs() -> None:
    judged = sample(1)
    spoilt = np.where(judged.country == 0, judged.probability > 0.5, judged.label).astype(float)
    draws = np.eye(COUNTRIES)[[0]]
    both = np.concatenate([draws, np.ones((1, COUNTRIES))])
    slopes = replace(judged, label=spoilt).figures(both)["calibration_slope"]
    assert np.isnan(slopes[0])
    assert slopes[1] == replace(judged, label=spoilt).figures(both[1:])["calibration_slope"][0]


def test_a_line_is_found_however_steep() -> None:
    said = np.repeat([0.200, 0.201], 1000)
    label = np.tile(np.arange(1000), 2) < np.repeat([100, 300], 1000)
    judged = LabelledRows(said, label.astype(float), np.zeros(2000, int), 1)
    slope = judged.figures(np.ones((1, 1)))["calibration_slope"][0]
    between = np.log(0.201 / 0.799) - np.log(0.2 / 0.8)
    assert slope == pytest.approx((np.log(3 / 7) - np.log(1 / 9)) / between)


def test_draws_are_those_of_the_seed_and_hold_each_country_as_often_as_it_comes() -> None:
    one, other = Draws.of(30, seed=7), Draws.of(30, seed=7)
    assert np.array_equal(one.weights, other.weights)
    assert not np.array_equal(one.weights, Draws.of(30, seed=8).weights)
    assert (one.weights.sum(axis=1) == 30).all()
    assert one.weights.mean() == pytest.approx(1)


def test_differences_are_paired() -> None:
    judged = sample(9)
    draws = Draws.of(COUNTRIES, seed=1).with_all
    figures = judged.figures(draws)
    same = compared(figures, figures)
    for name, found in same.items():
        assert estimate(found) == {
            key: pytest.approx(1.0 if name.endswith("ratio") else 0.0)
            for key in ("value", "low", "high")
        }
    noisier = LabelledRows(judged.probability[::-1], judged.label, judged.country, COUNTRIES)
    gain = estimate(compared(figures, noisier.figures(draws))["auc_difference"])
    low, value, high = gain["low"], gain["value"], gain["high"]
    assert low is not None
    assert value is not None
    assert high is not None
    assert 0 < low < value < high


def test_what_does_not_exist_is_none_and_not_zero() -> None:
    assert estimate(np.array([np.nan, np.nan])) == {"value": None, "low": None, "high": None}
    assert estimate(np.array([np.nan, 1.0, 1.0]))["value"] is None
