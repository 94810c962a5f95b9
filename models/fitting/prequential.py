"""A rehearsal: past origins scored by models that learned only from outcomes known before them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from ewarn.frames.predictions import BoolArray, FloatArray
from models.judging.alarm_costs import AlarmCost, alarm_costs
from models.judging.skill import skill
from models.training.rows import Rows, week_number
from models.training.training_set import Lessons, Stretch

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

# Given rows to learn from and the first and last origin of a stretch: rows of its weekly origins,
# and the probabilities (rows,) of all who take part, by name.
Ask = Callable[[Rows, date, date], tuple[Rows, dict[str, FloatArray]]]


@dataclass(frozen=True)
class Rehearsal:
    """Weekly scores by name from the origin `first` on, and what followed, all (weeks, regions).

    NaN where nothing was judged (a region's country was no more, a week was not observed). `quiet`
    says where no lethal event was known of the 26 weeks before.
    """

    probability: dict[str, FloatArray]
    label: FloatArray
    quiet: BoolArray
    first: date
    countries: int

    def table(self) -> dict[str, dict[str, float]]:
        """Skill of all who took part."""
        scored = ~np.isnan(self.label)
        label = self.label[scored]
        return {
            name: skill(each[scored], label).rounded() for name, each in self.probability.items()
        }

    def costs(self) -> list[AlarmCost]:
        """What each of `THRESHOLDS` would have cost."""
        return alarm_costs(
            self.probability["ensemble"], self.label, THRESHOLDS, countries=self.countries
        )


def rehearse(lessons: Lessons, stretches: Sequence[Stretch], ask: Ask) -> Rehearsal:
    """Ask about each stretch of origins in turn, after learning from what was known when it began.
    Stretches follow each other without a gap; the lessons were gathered for them.
    """
    grids = []
    for first, last in stretches:
        ahead, columns = ask(lessons.known_on(first), first, last)
        shape = ((last - first).days // 7 + 1, ahead.regions)
        where = (ahead.week - week_number(first), ahead.region)
        values = columns | {"label": ahead.label, "quiet": ahead.quiet.astype(np.float64)}
        grid = {name: np.full(shape, np.nan) for name in values}
        for name, column in values.items():
            grid[name][where] = column
        grids.append(grid)
    joined = {name: np.concatenate([grid[name] for grid in grids]) for name in grids[0]}
    label, quiet = joined.pop("label"), joined.pop("quiet") == 1
    return Rehearsal(joined, label, quiet, stretches[0][0], len(lessons.rows.countries))
