"""A model that learned from one source's signals and another's outcomes, on years of neither.

`python -m benchmarks.run outcomes`. Simulated worlds of known truth
(`models.research.simulated_world`): the model is fitted and tried on the years both sources speak
of, as `ewarn models fit gdelt --outcomes mass-mobilization` does it. Then the machine alone goes on
for five years, and what the model says is held against what truly happened, every four weeks.
Choices were made on the worlds 1 to 4.
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
from models.fitting.promotion_test import lessons_of
from models.judging.skill import Skill, skill
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
    """How a fit did on the years after the outcomes that it learned from, beside what its rivals
    would have said."""

    trial: Trial
    model: Skill
    detector: Skill
    base_rate: Skill
    held: float

    def gain(self, over: Skill) -> float:
        """Log score above that of another."""
        return self.model.log_score - over.log_score


def main(worlds: int = WORLDS, told_by: str = PEOPLE) -> list[Row]:
    """Calibration and log scores over several worlds, and trials of shuffled outcomes."""

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


def fitted(world: SimulatedWorld) -> Trial:
    """The trial of a model that learns from both sources of a world."""
    return Challenge().challenge(world.history(), task_of(world), None)


def task_of(world: SimulatedWorld) -> Assignment:
    """What is to be fitted in a world."""
    return Assignment(
        PURPOSES[world.told_by],
        FIRST_WEEK,
        PEOPLE_ENDED,
        midnight(world.end),
        "simulated",
        "none",
        {},
    )


def later(world: SimulatedWorld) -> Later:
    """Fit in a world, and judge by what truly happened once people told no more."""
    trial = fitted(world)
    said = said_later(world, trial)
    learned = lessons_of(world.history(), task_of(world), world.history().final(), [])
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
    """What the fitted model says where only the machine goes on, and what followed, (rows,)."""
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
    """Share of the tenths of rows, by probability, whose share of outcomes lies between the mean
    lower and upper bounds."""
    order = np.array_split(np.argsort(said["probability"]), 10)
    inside = [
        said["low"][rows].mean() <= said["outcome"][rows].mean() <= said["high"][rows].mean()
        for rows in order
    ]
    return float(np.mean(inside))


def _mean(values: Sequence[float]) -> str:
    """Mean over worlds, with its 90% interval (Student's t)."""
    mean = float(np.mean(values))
    if len(values) < 2:
        return f"{mean:.4f}"
    half = float(t.ppf(0.95, len(values) - 1) * np.std(values, ddof=1) / np.sqrt(len(values)))
    return f"{mean:.4f} ({mean - half:.4f} to {mean + half:.4f})"
