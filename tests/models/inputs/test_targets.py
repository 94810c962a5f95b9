from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from ewarn.domain.target import Target
from ewarn.domain.time import WEEK
from ewarn.errors import ModelError
from ewarn.frames.panel import Calendar, Panel
from models.inputs.targets import (
    VERSIONS,
    bar,
    eligible,
    is_known_quiet,
    kinds_read,
    labels,
    severity_weights,
    target_series,
    was_quiet,
)

PanelOf = Callable[..., Panel]
MM = "mass-mobilization"
FORCE, ESCALATION = Target.FORCE, Target.ESCALATION


def test_a_lethal_event_weighs_ten_though_it_is_also_force(panel_of: PanelOf) -> None:
    panel = panel_of(1, force=[1], lethal=[1])
    assert target_series(panel, MM, ESCALATION).tolist() == [[10]]


def test_a_peaceful_march_adds_nothing(panel_of: PanelOf) -> None:
    panel = panel_of(2, protest=[50, 9], riot=[3, 3])
    assert target_series(panel, MM, ESCALATION).sum() == 0
    assert target_series(panel, MM, FORCE).sum() == 0


def test_force_falls_back_on_all_force_where_a_source_never_says_who_died(
    panel_of: PanelOf,
) -> None:
    panel = panel_of(1, source="gdelt", force=[3])
    assert target_series(panel, "gdelt", FORCE).tolist() == [[3]]
    assert severity_weights("gdelt", FORCE) == {"force": 1}
    assert "force:lethal" not in kinds_read("gdelt", ESCALATION)
    assert kinds_read(MM, FORCE) == kinds_read(MM, ESCALATION)


def test_killings_fall_back_on_all_attacks_where_a_source_never_says_who_killed() -> None:
    assert severity_weights("ucdp", Target.KILLINGS) == {"attack:state": 1}
    assert severity_weights("gdelt", Target.KILLINGS) == {"attack": 1}
    assert "attack" in kinds_read("gdelt", Target.KILLINGS)


def test_weights_of_every_harm(panel_of: PanelOf) -> None:
    panel = panel_of(1, source="chronicle", attack=[1], restriction=[1], arrest=[1], force=[1])
    assert target_series(panel, "chronicle", ESCALATION).tolist() == [[5 + 2 + 2 + 3]]


def test_what_nobody_watched_is_not_known_to_be_quiet(panel_of: PanelOf) -> None:
    lethal = np.zeros((60, 3), dtype=int)
    lethal[-20, 2] = 1
    panel = panel_of(60, regions=("AAA", "BBB", "CCC"), lethal=lethal, force=lethal)
    panel.observed[-4:, 0] = False
    panel.observed[-5:, 1] = False
    assert was_quiet(panel, MM).tolist() == [True, True, False]
    assert is_known_quiet(panel, MM).tolist() == [True, False, False]
    assert is_known_quiet(panel_of(0), MM).tolist() == [False]


@pytest.mark.parametrize(
    ("arrests", "expected"),
    [
        ([0] * 104, 6.0),  # a quiet place: the floor
        ([1] * 104, 2 * 4 * 2.0),  # steady: twice the mean of eight weeks times four
        ([5] * 90 + [0] * 14, 40.0),  # calm now, but most stretches had forty points
        ([5] * 12 + [0] * 92, 20.0),  # of 101 sums the eleventh from above
        ([5] * 8 + [0] * 96, 6.0),  # eight of 101 sums are no tenth
        ([0] * 96 + [1] * 8, 16.0),  # rising: twice the new level
        ([0] * 7, 6.0),
        ([2, 0], 2 * 4 * 2.0),  # two weeks of history: their mean
        ([], 6.0),
    ],
)
def test_bar_of_an_escalation(panel_of: PanelOf, arrests: list[int], expected: float) -> None:
    panel = panel_of(len(arrests), arrest=arrests)
    assert bar(panel, MM, ESCALATION, 4).tolist() == [expected]


def test_the_bar_forgets_what_is_older_than_two_years(panel_of: PanelOf) -> None:
    long_ago = panel_of(208, arrest=[9] * 104 + [0] * 104)
    assert bar(long_ago, MM, ESCALATION, 4).tolist() == [6.0]


@pytest.mark.parametrize(
    ("ahead", "followed"),
    [([3, 0, 0, 0], True), ([0, 0, 0, 3], True), ([2, 0, 0, 0], False), ([0, 0, 0, 0, 9], False)],
)
def test_an_escalation_is_the_bar_reached_within_the_horizon(
    panel_of: PanelOf, ahead: list[int], followed: bool
) -> None:
    past, future = [0] * 20, (ahead + [0] * 5)[:5]
    final = panel_of(25, arrest=past + future)
    origin = final.week(20)
    bars = bar(final.until(origin), MM, ESCALATION, 4)
    assert labels(final, origin, ["TGO"], bars, MM, ESCALATION, 4).tolist() == [followed]


def test_an_outcome_that_is_not_over_is_refused(panel_of: PanelOf) -> None:
    final = panel_of(10, lethal=[1] * 10)
    for origin in (final.week(7), final.first_week - WEEK):
        with pytest.raises(ModelError, match="no full outcome"):
            labels(final, origin, ["TGO"], np.ones(1), MM, FORCE, 4)
    assert labels(final, final.week(6), ["TGO"], np.ones(1), MM, FORCE, 4).all()


def test_every_target_has_a_version_and_none_counts_assembly(panel_of: PanelOf) -> None:
    assert set(VERSIONS) == set(Target)
    for target in Target:
        assert not {"protest", "riot"} & set(severity_weights(MM, target)), target


def test_an_onset_is_asked_where_nobody_was_killed_for_half_a_year(panel_of: PanelOf) -> None:
    lethal = np.zeros((60, 4), dtype=int)
    lethal[-26, 0] = lethal[-27, 1] = lethal[-1, 2] = 1
    panel = panel_of(60, regions=("AAA", "BBB", "CCC", "DDD"), lethal=lethal, force=lethal)
    assert eligible(panel, MM, Target.ONSET).tolist() == [False, True, False, True]
    assert was_quiet(panel_of(0), MM).tolist() == [True]
    assert eligible(panel, MM, FORCE).all()
    assert bar(panel, MM, Target.ONSET, 4).tolist() == [1.0] * 4


@pytest.mark.parametrize(
    ("arrests", "expected"),
    [
        ([0] * 104, 1.0),  # one arrest is a step up where there was none
        ([1] * 104, 8.0),  # steady: the 95% quantile of a Poisson of 4
        ([1] * 7, 8.0),
        ([], 1.0),
        ([5, 5], 1.0),  # no sum of four weeks yet
    ],
)
def test_bar_of_a_wave_of_arrests(panel_of: PanelOf, arrests: list[int], expected: float) -> None:
    assert bar(panel_of(len(arrests), arrest=arrests), MM, Target.ARRESTS, 4).tolist() == [expected]


def test_the_bar_of_arrests_is_the_quantile_of_a_negative_binomial(panel_of: PanelOf) -> None:
    random = np.random.default_rng(4)
    series = random.negative_binomial(0.2, 0.1, 300)
    sums = np.convolve(series[-104:], np.ones(4), "valid")
    size = sums.mean() ** 2 / (sums.var() - sums.mean())
    many = random.negative_binomial(size, sums.mean() / sums.var(), 400_000)
    found = bar(panel_of(300, arrest=series), MM, Target.ARRESTS, 4)[0]
    assert found == pytest.approx(np.quantile(many, 0.95), abs=1)


def test_an_election_is_asked_nowhere_without_a_calendar(panel_of: PanelOf) -> None:
    panel = panel_of(5, regions=("AAA", "BBB"))
    assert not eligible(panel, MM, Target.ELECTION).any()
    near = Calendar(np.array([0]), np.array([6]), np.array([True]))
    assert eligible(replace(panel, calendar=near), MM, Target.ELECTION).tolist() == [True, False]
    assert kinds_read(MM, Target.ELECTION) == ("election",)
