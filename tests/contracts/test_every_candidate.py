"""Tests that hold for every candidate of a back-test.

scikit-learn's own checks of estimators do not apply: a candidate gets `Inputs`, counts by kind and
window, and not a matrix X. Its parts that take X and y are scikit-learn's own.
"""

from dataclasses import fields, replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from ewarn.domain.region import Level
from ewarn.domain.target import Target
from ewarn.errors import ModelError
from ewarn.frames.panel import Panel
from models.inputs.inputs import Inputs
from models.inputs.targets import KINDS
from models.judging.backtest.candidates import BASELINES, PLAIN, SERVED, answers, fitted, usual
from models.judging.measures.rules import RULES, alarms_at, hdx_over
from models.training.rows import ModelQuestion, Outcomes, Rows, joined, labelled, unlabelled

MANY = 1000  # outcomes
SOURCE = "mass-mobilization"
REGIONS = tuple(f"C{number:02d}" for number in range(12))


def past(weeks: int = 330, seed: int = 2, rate: float = 0.02) -> Panel:
    """Counts of twelve countries, the rate growing from one to the next."""
    random = np.random.default_rng(seed)
    shape = (weeks, len(REGIONS), 5)
    counts = random.poisson(rate * np.arange(1, 13)[:, None], shape).astype(np.int32)
    counts[..., 4] = np.minimum(counts[..., 4], counts[..., 3])
    signals = tuple(f"{SOURCE}:{kind}" for kind in KINDS[:5])
    return Panel(date(2008, 1, 7), REGIONS, signals, {}, counts, np.ones(shape, dtype=np.bool_))


def question(target: Target = Target.FORCE) -> ModelQuestion:
    return ModelQuestion(SOURCE, target, Level.COUNTRY, 4, {}, {})


def rows_of(panel: Panel, last: int = 300, target: Target = Target.FORCE) -> Rows:
    """Rows of every fourth week, labels by the panel."""
    asked = question(target)
    outcomes = Outcomes.of(panel, asked)
    weeks = range(60, last, 4)
    return joined(
        [labelled(unlabelled(panel.until(panel.week(w)), asked), outcomes) for w in weeks]
    )


@pytest.fixture(scope="module")
def learned() -> Rows:
    return rows_of(past())


@pytest.fixture(scope="module")
def ahead() -> Inputs:
    panel = past()
    return unlabelled(panel.until(panel.week(320)), question()).inputs


@pytest.fixture(scope="module")
def told(learned: Rows, ahead: Inputs) -> dict[str, np.ndarray]:
    return answers(fitted(usual(question(), MANY), learned), ahead)


def test_the_baselines_and_the_ensemble_with_its_members_are_there(
    told: dict[str, np.ndarray],
) -> None:
    assert set(BASELINES) | {SERVED, "contagion", "escalation", "boosting", "pooling"} <= set(told)
    for name, column in told.items():
        assert column.shape == (len(REGIONS),), name
        assert ((column >= 0) & (column <= 1)).all(), name


def test_what_comes_after_the_origin_changes_nothing(
    told: dict[str, np.ndarray],
) -> None:
    panel = past()
    panel.counts[320:] = 77
    changed = rows_of(panel)
    again = answers(
        fitted(usual(question(), MANY), changed),
        unlabelled(panel.until(panel.week(320)), question()).inputs,
    )
    for name, column in told.items():
        assert np.array_equal(again[name], column), name


def test_it_learns_the_same_twice(
    learned: Rows, ahead: Inputs, told: dict[str, np.ndarray]
) -> None:
    again = answers(fitted(usual(question(), MANY), learned), ahead)
    assert all(np.array_equal(again[name], column) for name, column in told.items())


def test_the_order_of_what_is_asked_does_not_matter(
    learned: Rows, ahead: Inputs, told: dict[str, np.ndarray]
) -> None:
    order = np.random.default_rng(3).permutation(len(REGIONS))
    shuffled = answers(fitted(usual(question(), MANY), learned), ahead.take(order))
    for name, column in told.items():
        assert np.array_equal(shuffled[name], column[order]), name


def test_the_order_of_what_is_learned_does_not_matter(
    learned: Rows, ahead: Inputs, told: dict[str, np.ndarray]
) -> None:
    order = np.random.default_rng(4).permutation(len(learned.label))
    shuffled = answers(fitted(usual(question(), MANY), learned.take(order)), ahead)
    for name, column in told.items():  # sums round differently, and a search may stop elsewhere
        assert shuffled[name] == pytest.approx(column, rel=1e-2, abs=1e-4), name


@pytest.mark.parametrize("field", [f.name for f in fields(Inputs) if f.name != "votes"])
def test_nan_is_refused_by_name(learned: Rows, ahead: Inputs, field: str) -> None:
    value = getattr(ahead, field)
    if not (isinstance(value, np.ndarray) and value.dtype.kind == "f"):
        return
    broken = value.copy()
    broken.flat[0] = np.nan
    candidates = usual(question(), MANY)[:2]
    with pytest.raises(ModelError, match=f"'{field}' of the inputs holds NaN"):
        answers(candidates, with_field(ahead, field, broken))
    long = getattr(learned.inputs, field).copy()
    long.flat[0] = np.nan
    if long.shape[:1] == learned.label.shape:
        with pytest.raises(ModelError, match=f"'{field}' of the inputs holds NaN"):
            fitted(candidates, replace(learned, inputs=with_field(learned.inputs, field, long)))


def with_field(inputs: Inputs, field: str, value: Any) -> Inputs:
    """The same inputs with another array."""
    return replace(inputs, **{field: value})


@pytest.mark.parametrize(("outcomes", "fitted_too"), [(99, False), (100, True)])
def test_elections_have_naive_baselines_only_below_a_hundred_outcomes(
    outcomes: int, fitted_too: bool
) -> None:
    names = {candidate.name for candidate in usual(question(Target.ELECTION), outcomes)}
    assert names >= {"zero", "base-rate", "last-poisson", "conflictology-12", "seasonal"}
    assert ({PLAIN, SERVED} <= names) == fitted_too
    assert {PLAIN, SERVED} <= {candidate.name for candidate in usual(question(), 1)}


def test_one_outcome_only_is_refused_in_one_sentence(learned: Rows) -> None:
    with pytest.raises(ModelError, match="hold 0 positive outcomes: both"):
        fitted(usual(question(), MANY), replace(learned, label=np.zeros_like(learned.label)))


@pytest.mark.parametrize("value", [0, 10**9])
def test_silence_and_floods_are_answered(learned: Rows, value: int) -> None:
    panel = past()
    panel.counts[:] = value
    found = answers(fitted(usual(question(), MANY), learned), unlabelled(panel, question()).inputs)
    assert all(np.isfinite(column).all() for column in found.values())


@pytest.mark.parametrize("weeks", [0, 1, 3, 60])
def test_a_short_past_is_answered(learned: Rows, weeks: int) -> None:
    panel = past(weeks)
    found = answers(fitted(usual(question(), MANY), learned), unlabelled(panel, question()).inputs)
    assert all(column.shape == (len(REGIONS),) for column in found.values())
    for alarm in alarms_at(panel, SOURCE).values():
        assert not alarm.any() or weeks > 9


def test_a_region_that_appears_midway_is_asked_from_then_on() -> None:
    asked = replace(question(), began={"C03": date(2010, 1, 1)}, ended={"C04": date(2010, 1, 1)})
    panel = past()
    before = unlabelled(panel.until(panel.week(90)), asked).region.tolist()
    after = unlabelled(panel.until(panel.week(120)), asked).region.tolist()
    assert (3 in before, 3 in after, 4 in before, 4 in after) == (False, True, True, False)


def test_weights_say_how_many_rows_a_row_stands_for(learned: Rows, ahead: Inputs) -> None:
    twice = replace(learned, weight=np.where(learned.label > 0, 2.0, 1.0))
    doubled = joined([learned, learned.take(np.flatnonzero(learned.label > 0))])
    for one, other in zip(usual(question(), MANY)[:6], usual(question(), MANY)[:6], strict=True):
        said = one.fit_rows(twice).columns(ahead)[one.name]
        assert said == pytest.approx(other.fit_rows(doubled).columns(ahead)[one.name], rel=1e-2)


def test_the_rules_of_hdx_over_many_origins_are_those_at_each() -> None:
    panel = past(190, rate=0.02)
    origins = [panel.week(week) for week in range(20, 190, 7)]
    over = hdx_over(panel, SOURCE, origins)
    assert set(over) == {name for name in RULES if name.startswith("hdx")}
    for name, alarms in over.items():
        each = [alarms_at(panel.until(origin), SOURCE)[name].tolist() for origin in origins]
        assert alarms.tolist() == each
    assert over["hdx-high, floor 1"].any()


def test_every_rule_watches_events_and_says_nothing_of_calm() -> None:
    panel = past(rate=0.0)
    assert set(alarms_at(panel, SOURCE)) == set(RULES)
    assert not any(alarm.any() for alarm in alarms_at(panel, SOURCE).values())
    panel.counts[-1, 2, [3, 4]] = 1
    alarms = alarms_at(panel, SOURCE)
    assert alarms["hdx-high, floor 1"].tolist() == [region == 2 for region in range(12)]
    assert alarms["hdx-high of all events"].tolist() == alarms["hdx-high, floor 1"].tolist()
    assert not alarms["hdx-high"].any()
    assert alarms["ears-c2"][2]
    panel.counts[-1, 2, [3, 4]] = 100
    assert alarms_at(panel, SOURCE)["hdx-medium"].sum() == 1
    panel.counts[-40, 2, [3, 4]] = 200
    assert not alarms_at(panel, SOURCE)["hdx-medium"].any()
