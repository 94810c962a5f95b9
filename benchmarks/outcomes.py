"""Skill of a model fitted on one source's signals and another's outcomes, in the years after them.

`python -m benchmarks.run outcomes`. It uses simulated worlds with a known truth
(`models.research.simulated_world`). The model is fitted and tested on the years that both sources
cover, as by `ewarn models fit gdelt --outcomes mass-mobilization`. Then only the source coded by
machine continues for five years, and every four weeks the model's probabilities are compared with
what truly happened. Choices were made on the worlds 1 to 4.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import t

from benchmarks.rows import Row
from ewarn.domain.fit import Assignment, Fit, Purpose, Trial, sha256_of
from ewarn.domain.region import Level
from ewarn.domain.target import Target
from ewarn.domain.time import WEEK, midnight
from ewarn.frames.predictions import FloatArray
from models.fitting.challenge import Challenge
from models.fitting.promotion_test import training_set_of
from models.judging.measures.skill import Skill, skill
from models.research.simulated_world import (
    FIRST_WEEK,
    MACHINE,
    OTHER_PEOPLE,
    PEOPLE,
    PEOPLE_ENDED,
    SimulatedWorld,
    simulated_world,
)
from models.training.alarm_shares import AlarmShares

PURPOSES = {
    PEOPLE: Purpose(MACHINE, Target.FORCE, Level.COUNTRY, 4, PEOPLE),
    OTHER_PEOPLE: Purpose(MACHINE, Target.KILLINGS, Level.COUNTRY, 4, OTHER_PEOPLE),
}
PURPOSE = PURPOSES[PEOPLE]
FIRST_SEED, WORLDS, SHUFFLED = 11, 8, 5


@dataclass(frozen=True, slots=True)
class Later:
    """Figures of a fit in the years after its training outcomes, and those of its rivals."""

    trial: Trial
    model: Skill
    detector: Skill
    base_rate: Skill
    held: float

    def gain(self, over: Skill) -> float:
        """Return the log score minus that of another."""
        return self.model.log_score - over.log_score


def main(worlds: int = WORLDS, told_by: str = PEOPLE) -> list[Row]:
    """Measure calibration and log scores over several worlds, and with shuffled outcomes."""

    def world(number: int) -> SimulatedWorld:
        return simulated_world(FIRST_SEED + number, told_by=told_by)

    found = [later(world(number)) for number in range(worlds)]
    slopes = [each.model.calibration_slope for each in found]
    rows = [
        Row(
            f"world {FIRST_SEED + number}: {each.trial.positives} outcomes learned from",
            f"slope {each.model.calibration_slope:.3f}, log score {each.model.log_score:.4f}",
            f"detector {each.detector.log_score:.4f}, base rate {each.base_rate.log_score:.4f}",
            "promoted" if each.trial.wins else "not promoted",
        )
        for number, each in enumerate(found)
    ]
    rows += [
        Row("slope of calibration, mean of the worlds", _mean(slopes), "0.9 to 1.1", ""),
        Row(
            "log score above the detector's", _mean([e.gain(e.detector) for e in found]), "> 0", ""
        ),
        Row(
            "log score above the base rate", _mean([e.gain(e.base_rate) for e in found]), "> 0", ""
        ),
        Row("truth inside the 90% interval of its mean", _mean([e.held for e in found]), "", ""),
    ]
    tried = [fitted(world(number).shuffled(number)) for number in range(SHUFFLED)]
    promoted = sum(each.wins for each in tried)
    return [*rows, Row("promoted on shuffled outcomes", f"{promoted} of {len(tried)}", "0", "")]


def fitted(world: SimulatedWorld, by: Challenge | None = None) -> Trial:
    """Fit a model on both sources of a world, and return its promotion test."""
    return (by or Challenge()).challenge(world.history(), task_of(world), None)


def task_of(world: SimulatedWorld) -> Assignment:
    """Return the assignment of the fit in a world."""
    return Assignment(
        PURPOSES[world.told_by],
        FIRST_WEEK,
        PEOPLE_ENDED,
        midnight(world.end),
        "simulated",
        "none",
        {},
    )


def later(world: SimulatedWorld, by: Challenge | None = None) -> Later:
    """Fit in a world, and evaluate by what truly happened after the outcomes ended."""
    trial = fitted(world, by)
    said = said_later(world, trial)
    learned = training_set_of(world.history(), task_of(world), world.history().final(), [])
    rows = learned.known_at_the_end()
    shares = AlarmShares().fit(rows.surprise, rows.label, rows.weight)
    outcome = said["outcome"]
    base = np.full(len(outcome), float(np.average(rows.label, weights=rows.weight)))
    return Later(
        trial,
        skill(said["probability"], outcome),
        skill(shares.probability(said["surprise"]), outcome),
        skill(base, outcome),
        _held(said),
    )


def said_later(world: SimulatedWorld, trial: Trial) -> Mapping[str, FloatArray]:
    """Return the model's probabilities after the outcomes ended, and what followed, (rows,)."""
    fit = Fit(
        id=1,
        name=trial.name,
        version=trial.version,
        purpose=PURPOSES[world.told_by],
        document=trial.document,
        sha256=sha256_of(trial.document),
        first_week=FIRST_WEEK,
        labels_before=PEOPLE_ENDED,
        as_of=midnight(world.end),
        fitted_at=midnight(world.end),
    )
    model, history = Challenge().restored(fit), world.history(with_people=False)
    parts: dict[str, list[FloatArray]] = {}
    origin, weeks = PEOPLE_ENDED, PURPOSE.horizon_weeks
    while origin + weeks * WEEK <= world.end:
        found = model.score(history.as_known(midnight(origin)))
        assert found.p_value is not None
        for name, column in (
            ("probability", found.probability),
            ("low", found.low),
            ("high", found.high),
            ("surprise", found.p_value),
            ("outcome", world.outcome(origin, weeks)),
        ):
            parts.setdefault(name, []).append(column)
        origin += weeks * WEEK
    return {name: np.concatenate(each) for name, each in parts.items()}


def _held(said: Mapping[str, FloatArray]) -> float:
    """Return the share of deciles by probability in which outcomes agree with the intervals.

    They agree if the share of outcomes is between the mean lower and the mean upper bound.
    """
    order = np.array_split(np.argsort(said["probability"]), 10)
    inside = [
        said["low"][rows].mean() <= said["outcome"][rows].mean() <= said["high"][rows].mean()
        for rows in order
    ]
    return float(np.mean(inside))


def _mean(values: Sequence[float]) -> str:
    """Return the mean over worlds, with its 90% interval (Student's t)."""
    mean = float(np.mean(values))
    if len(values) < 2:
        return f"{mean:.4f}"
    half = float(t.ppf(0.95, len(values) - 1) * np.std(values, ddof=1) / np.sqrt(len(values)))
    return f"{mean:.4f} ({mean - half:.4f} to {mean + half:.4f})"
