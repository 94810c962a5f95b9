"""Prequential evaluation: past origins scored by models fitted on outcomes known before them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from ewarn.frames.predictions import BoolArray, FloatArray
from models.judging.measures.alarm_costs import AlarmCost, alarm_costs
from models.judging.measures.skill import skill
from models.training.rows import Rows, week_number
from models.training.training_set import Stretch, TrainingSet

THRESHOLDS = (
    0.005,
    0.01,
    0.015,
    0.02,
    0.03,
    0.05,
    0.075,
    0.1,
    0.125,
    0.15,
    0.2,
    0.25,
    0.3,
    0.4,
    0.5,
    0.6,
    0.7,
    0.8,
    0.9,
)

# From training rows and the first and last origin of a stretch, it returns the rows of the weekly
# origins and the probabilities (rows,) of all models by name.
Ask = Callable[[Rows, date, date], tuple[Rows, dict[str, FloatArray]]]


@dataclass(frozen=True)
class PrequentialResult:
    """Result of a prequential evaluation: weekly scores and outcomes, arrays (weeks, regions).

    Scores and labels are NaN where nothing was evaluated: a region's country no longer existed, or
    a week was not observed.

    Attributes:
        probability: Scores by model.
        label: Outcomes, 0 or 1.
        quiet: Whether no lethal event was known in the 26 weeks before.
        first: The first origin.
        countries: Number of countries, which false alarms are divided by.
    """

    probability: dict[str, FloatArray]
    label: FloatArray
    quiet: BoolArray
    first: date
    countries: int

    def table(self) -> dict[str, dict[str, float]]:
        """Return the skill of every model."""
        scored = ~np.isnan(self.label)
        label = self.label[scored]
        return {
            name: skill(each[scored], label).rounded() for name, each in self.probability.items()
        }

    def costs(self, name: str) -> list[AlarmCost]:
        """Return what alarms of a model at each of `THRESHOLDS` would have cost."""
        return alarm_costs(self.probability[name], self.label, THRESHOLDS, countries=self.countries)


def evaluate_prequentially(
    training_set: TrainingSet, stretches: Sequence[Stretch], ask: Ask
) -> PrequentialResult:
    """Evaluate each stretch of origins in turn, by models fitted on what was known at its start.

    Args:
        training_set: The training set, with the outcomes as known at the start of each stretch.
        stretches: First and last origin of each, one after the other without a gap.
        ask: Fits the models and scores the rows of one stretch.
    """
    grids = []
    for first, last in stretches:
        ahead, columns = ask(training_set.known_on(first), first, last)
        shape = ((last - first).days // 7 + 1, ahead.regions)
        where = (ahead.week - week_number(first), ahead.region)
        values = columns | {"label": ahead.label, "quiet": ahead.quiet.astype(np.float64)}
        grid = {name: np.full(shape, np.nan) for name in values}
        for name, column in values.items():
            grid[name][where] = column
        grids.append(grid)
    joined = {name: np.concatenate([grid[name] for grid in grids]) for name in grids[0]}
    label, quiet = joined.pop("label"), joined.pop("quiet") == 1
    return PrequentialResult(
        joined, label, quiet, stretches[0][0], len(training_set.rows.countries)
    )
