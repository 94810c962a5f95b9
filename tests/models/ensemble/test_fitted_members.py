"""Tests of what contagion and boosting learn from rows of a known process."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from ewarn.domain.target import Target
from ewarn.frames.panel import Panel
from ewarn.frames.predictions import FloatArray
from models.ensemble.boosting import LEAF, Boosting
from models.ensemble.contagion import EXCITERS, Contagion, exciters
from models.ensemble.escalation import Escalation
from models.inputs.features import FEATURES, features, filled, typical
from models.inputs.inputs import Inputs, inputs_at_origin

PanelOf = Callable[..., Panel]
NUMBER = 4000


@pytest.fixture
def rows(panel_of: PanelOf) -> Inputs:
    """Regions whose pasts differ."""
    regions = tuple(f"R{i}" for i in range(NUMBER))
    panel = panel_of(120, regions=regions)
    random = np.random.default_rng(5)
    rates = random.gamma(0.3, 0.2, (NUMBER, len(panel.signals)))
    panel.counts[:] = random.poisson(rates, panel.counts.shape)
    return inputs_at_origin(panel, regions, "mass-mobilization", Target.FORCE, 4)


def happened(chance: FloatArray) -> FloatArray:
    return (np.random.default_rng(6).random(NUMBER) < chance).astype(float)


def test_contagion_finds_what_brought_outcomes_about(rows: Inputs) -> None:
    place = EXCITERS.index("arrest, half-life 16 weeks")
    expected = 0.02 + 0.3 * exciters(rows)[:, place]
    label = happened(1 - np.exp(-expected))
    member = Contagion().fit(rows, label, np.ones(NUMBER))
    arrests = [i for i, name in enumerate(EXCITERS) if name.startswith("arrest, ")]
    assert member.coefficients_[arrests].sum() == pytest.approx(0.3, abs=0.08)
    assert np.delete(member.coefficients_, arrests).sum() < 0.1
    assert (member.coefficients_ >= 0).all()
    assert member.probability(rows).mean() == pytest.approx(label.mean(), abs=0.005)


def test_a_bar_twice_as_high_is_reached_half_as_often(rows: Inputs) -> None:
    member = Contagion().fit(rows, happened(np.full(NUMBER, 0.2)), np.ones(NUMBER))
    once, twice = (member.probability(replace(rows, bar=rows.bar * times)) for times in (1, 2))
    assert twice == pytest.approx(1 - np.sqrt(1 - once))


def test_contagion_weighs_rows(rows: Inputs) -> None:
    label = happened(np.full(NUMBER, 0.2))
    twice = Contagion().fit(rows, label, np.where(label > 0, 2.0, 1.0))
    mean = 2 * label.mean() / (1 + label.mean())
    weighted = np.average(twice.probability(rows), weights=np.where(label > 0, 2.0, 1.0))
    assert weighted == pytest.approx(mean, abs=0.01)


def test_boosting_learns_a_threshold_and_is_kept_as_numbers(rows: Inputs) -> None:
    much = rows.since("riot") < 2
    label = happened(np.where(much, 0.5, 0.02))
    member = Boosting().fit(rows, label, np.ones(NUMBER))
    found = member.probability(rows)
    assert found[much].mean() == pytest.approx(0.5, abs=0.05)
    assert found[~much].mean() == pytest.approx(0.02, abs=0.01)
    assert set(member.trees_[:, 0, 0]) != {LEAF}
    again = Boosting()
    again.start_, again.trees_, again.typical_ = member.start_, member.trees_, member.typical_
    assert np.array_equal(again.probability(rows), found)


def test_what_is_unknown_is_taken_for_typical(rows: Inputs) -> None:
    votes = np.full((NUMBER, 3), np.nan)
    votes[: NUMBER // 2] = 3.0
    vectors = features(replace(rows, votes=votes))
    assert np.isnan(vectors).any()
    whole = filled(vectors, typical(vectors))
    assert not np.isnan(whole).any()
    known = features(replace(rows, votes=np.full((NUMBER, 3), 3.0)))
    assert whole == pytest.approx(known)


def test_what_hardly_varied_decides_nothing(rows: Inputs) -> None:
    vectors = features(rows)
    steady = FEATURES.index("restriction, half-life 520 weeks")
    vectors[:, steady] = -4 + 1e-4 * np.arange(NUMBER) / NUMBER
    label = happened(np.linspace(0.05, 0.3, NUMBER))
    member = Escalation(strength=1.0).fit_features(vectors, label, np.ones(NUMBER))
    assert abs(member.coefficients_[steady]) * 0.1 < 1
