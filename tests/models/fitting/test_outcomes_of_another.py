"""Tests of fits on the signals of one source and the outcomes of another that ended."""

from dataclasses import replace
from datetime import date, datetime
from functools import partial

import numpy as np
import pytest

from benchmarks.outcomes import PURPOSE, Later, later, said_later, task_of
from ewarn.domain.fit import LEAST_POSITIVES, Purpose
from ewarn.domain.region import Level
from ewarn.domain.target import Basis, Target
from ewarn.domain.time import WEEK, midnight
from ewarn.frames.panel import Panel
from models.ensemble.ensemble import Ensemble
from models.ensemble.kind import ENSEMBLE, ensemble_for
from models.fitting.challenge import Challenge, verdict
from models.fitting.promotion_test import training_set_of
from models.inputs.inputs import NEAR, RATES, inputs_at_origin
from models.judging.backtest.candidates import BASELINES
from models.research.simulated_world import (
    FIRST_WEEK,
    MACHINE,
    PEOPLE,
    PEOPLE_ENDED,
    SimulatedWorld,
    simulated_world,
)
from models.training.alarm_shares import AlarmShares
from models.training.rows import ModelQuestion, unlabelled

ASKED = ModelQuestion(MACHINE, Target.FORCE, Level.COUNTRY, 4, {}, {}, PEOPLE)


@pytest.fixture(scope="module")
def world() -> SimulatedWorld:
    return simulated_world(21, regions=70, weeks=400)


def challenge(replicates: int) -> Challenge:
    """The trial of the ensemble with so many replicates for its intervals."""
    unfitted = partial(ensemble_for, replicates=replicates)
    return Challenge({ENSEMBLE.name: replace(ENSEMBLE, unfitted=unfitted)})


@pytest.fixture(scope="module")
def found(world: SimulatedWorld) -> Later:
    return later(world, challenge(4))


def at(world: SimulatedWorld, day: date) -> Panel:
    return world.history().as_known(midnight(day))


def test_it_beats_the_detector_and_the_base_rate_on_years_of_which_nobody_told(
    found: Later,
) -> None:
    assert found.trial.wins, found.trial.reason
    assert found.gain(found.detector) > 0.005
    assert found.gain(found.base_rate) > 0.01
    assert 0.75 < found.model.calibration_slope < 1.3, "one small world; the benchmark has many"


def test_shuffled_outcomes_earn_nothing(world: SimulatedWorld) -> None:
    mixed = world.shuffled(1)
    assert mixed.people["delta"].sum() == len(world.people)
    trial = challenge(1).challenge(mixed.history(), task_of(mixed), None)
    assert not trial.wins


def test_a_world_is_the_same_for_a_seed_and_its_truth_is_not_what_people_told(
    world: SimulatedWorld,
) -> None:
    again = simulated_world(21, regions=70, weeks=400)
    assert (again.lethal == world.lethal).all()
    assert again.machine.equals(world.machine)
    told = (PEOPLE_ENDED - FIRST_WEEK).days // 7
    assert 0.9 < world.people["delta"].sum() / world.lethal[:told].sum() < 1
    assert pd_max(world) < PEOPLE_ENDED
    rows = world.machine.groupby("week")["delta"].sum()
    assert rows.iloc[-52:].mean() > 2 * rows.iloc[:52].mean(), "the machine reports ever more"


def pd_max(world: SimulatedWorld) -> date:
    last: datetime = world.people["week"].max()
    return last.date()


def test_what_came_after_the_outcomes_ended_is_no_zero(world: SimulatedWorld) -> None:
    history, task = world.history(), replace(task_of(world), labels_before=world.end - 26 * WEEK)
    rows = training_set_of(history, task, history.final(), []).known_at_the_end()
    last = FIRST_WEEK + (int(rows.week.max()) - int(rows.week.min()) + 26) * WEEK
    assert last + 4 * WEEK <= PEOPLE_ENDED
    assert rows.label.sum() > 50


def test_who_is_quiet_is_known_while_people_tell_of_it_and_not_after(
    world: SimulatedWorld,
) -> None:
    before = unlabelled(at(world, PEOPLE_ENDED), ASKED).quiet
    told = (PEOPLE_ENDED - FIRST_WEEK).days // 7
    killed = world.people[world.people["week"] >= np.datetime64(PEOPLE_ENDED - 26 * WEEK)]
    assert before.sum() == 70 - killed["region"].nunique()
    assert 0 < before.sum() < 70
    assert told > 26
    assert not unlabelled(at(world, PEOPLE_ENDED + 30 * WEEK), ASKED).quiet.any()


def test_what_is_served_rests_on_the_machine_alone(world: SimulatedWorld, found: Later) -> None:
    with_people = said_later(world, found.trial)
    moved = replace(world, people=world.shuffled(3).people)
    assert (said_later(moved, found.trial)["probability"] == with_people["probability"]).all()


def test_shares_do_not_grow_with_all_that_is_reported(world: SimulatedWorld) -> None:
    panel = at(world, PEOPLE_ENDED)
    more = replace(panel, counts=panel.counts * 50)
    most = replace(panel, counts=panel.counts * 100)

    def rates(
        seen: Panel, *, relative: bool
    ) -> "np.ndarray[tuple[int, ...], np.dtype[np.float64]]":
        inputs = inputs_at_origin(seen, seen.regions, MACHINE, Target.FORCE, 4, relative=relative)
        return inputs.values[..., RATES:NEAR]

    assert rates(most, relative=True) == pytest.approx(rates(more, relative=True), abs=0.2)
    grown = rates(most, relative=False).sum() / rates(more, relative=False).sum()
    assert grown == pytest.approx(2, rel=0.01)


def test_a_share_of_few_reports_is_drawn_to_the_usual_one(world: SimulatedWorld) -> None:
    panel = at(world, PEOPLE_ENDED)
    few, many = (replace(panel, counts=panel.counts * times) for times in (1, 1000))
    spread = [
        inputs_at_origin(p, p.regions, MACHINE, Target.FORCE, 4, relative=True)
        .of("force")[:, RATES]
        .std()
        for p in (few, many)
    ]
    assert spread[0] < 0.8 * spread[1]


def test_a_detector_implies_how_often_outcomes_followed_such_surprise() -> None:
    surprise = np.array([0.001] * 100 + [0.3] * 100 + [0.9] * 100 + [np.nan] * 100)
    label = np.array([1.0] * 40 + [0.0] * 60 + [1.0] * 10 + [0.0] * 90 + [0.0] * 200)
    found = AlarmShares().fit(surprise, label, np.ones(400))
    assert found.probability(np.array([0.004, 0.4, 1.0, np.nan])) == pytest.approx(
        [0.395, 0.1, 0.0025, 0.0025], abs=0.003
    )


def figures() -> dict[str, dict[str, float | None]]:
    every = dict.fromkeys((*BASELINES, AlarmShares.name), (-0.3, 0.2)) | {"ensemble": (-0.2, 0.1)}
    return {name: {"log_score": log, "brier": brier} for name, (log, brier) in every.items()}


def test_too_few_outcomes_of_another_win_provisionally() -> None:
    wins, reason = verdict(figures(), LEAST_POSITIVES - 1, PURPOSE, Ensemble.name)
    assert wins
    assert reason.endswith("it learned from 299 outcomes, and a probability needs 300")
    wins, reason = verdict(figures(), LEAST_POSITIVES, PURPOSE, Ensemble.name)
    assert wins
    assert "provisional" not in reason
    better = figures() | {AlarmShares.name: {"log_score": -0.1, "brier": 0.05}}
    assert verdict(better, 400, PURPOSE, Ensemble.name)[0] is False, "the detector is a rival"


@pytest.mark.parametrize(
    ("learned_from", "positives", "basis"),
    [
        (PEOPLE, 300, Basis.CALIBRATED),
        (PEOPLE, 299, Basis.PROVISIONAL),
        (MACHINE, 300, Basis.UNCALIBRATED),
    ],
)
def test_a_basis_rests_on_whose_outcomes_were_learned_from(
    learned_from: str, positives: int, basis: Basis
) -> None:
    model = Ensemble(Target.FORCE, Level.COUNTRY, source=MACHINE, outcomes=PEOPLE)
    assert not model.basis.may_fire, "it learned nothing yet"
    model.label_source_, model.positives_ = learned_from, positives
    assert model.basis is basis
    assert basis.may_fire is (basis is Basis.CALIBRATED)


def test_a_purpose_names_both_sources_and_its_slot_neither() -> None:
    assert str(PURPOSE) == (
        "force at country level, 4 weeks, on gdelt, with outcomes of mass-mobilization"
    )
    assert PURPOSE.slot == Purpose(MACHINE, Target.FORCE, Level.COUNTRY, 4)
    assert PURPOSE.slot.label_source == MACHINE
