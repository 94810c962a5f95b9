"""The plan of a rolling test: which origins, refitted when, on what, leaving whom out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from ewarn.domain.time import WEEK, midnight, week_of
from models.training.rows import ModelQuestion

WARM_UP_WEEKS = 156  # the longest window of the plain features is full from then on


class Knowledge(StrEnum):
    """What the past looked like: as it was known then, or as it is known at the end."""

    KNOWN = "as known"
    FINAL = "as final"


@dataclass(frozen=True)
class Fold:
    """A refit at `moment`, an origin, and the origins that its models are asked at."""

    moment: datetime
    origins: tuple[datetime, ...]


@dataclass(frozen=True)
class Plan:
    """How a back-test runs.

    Origins are the Mondays in [`start`, `end`]. Models are refitted every `refit_weeks`, or,
    where that is None, with the first origin of every `refit_years`-th year. They learn from
    every `learn_every`-th origin since `learn_from` whose outcome was over at the refit; of rows
    that nothing followed a share `keep_negatives` is kept. With `groups` above one the countries
    are dealt into so many groups, and each is scored by models that never saw it. The same
    `seed` gives the same answers.
    """

    question: ModelQuestion
    start: date
    end: date
    learn_from: date
    refit_years: int = 1
    refit_weeks: int | None = None
    learn_every: int = 1
    keep_negatives: float = 1.0
    groups: int = 1
    seed: int = 0

    @property
    def origins(self) -> list[datetime]:
        """Every origin of the test."""
        return mondays(self.start, self.end)

    @property
    def folds(self) -> list[Fold]:
        """The refits in time order, each with its origins."""
        blocks: dict[int, list[datetime]] = {}
        for index, origin in enumerate(self.origins):
            if self.refit_weeks is not None:
                block = index // self.refit_weeks
            else:
                block = (origin.year - self.origins[0].year) // self.refit_years
            blocks.setdefault(block, []).append(origin)
        return [Fold(origins[0], tuple(origins)) for origins in blocks.values()]

    @property
    def learned_origins(self) -> list[datetime]:
        """Origins that any refit learns from: the outcome was over before the last one."""
        folds = self.folds
        if not folds:
            return []
        last = folds[-1].moment.date() - self.question.horizon_weeks * WEEK
        return mondays(self.learn_from, last)[:: self.learn_every]

    def group_of(self, countries: Sequence[str]) -> npt.NDArray[np.int64]:
        """The group of each country: dealt out in an order drawn by the seed, so that groups
        are of equal size and do not depend on what happened.
        """
        names = sorted(countries)
        order = np.random.default_rng(self.seed).permutation(len(names))
        group = {names[place]: index % self.groups for index, place in enumerate(order)}
        return np.array([group[name] for name in countries], dtype=np.int64)


def mondays(first: date, last: date) -> list[datetime]:
    """Origins from `first` to `last`, both included where they are Mondays."""
    monday = week_of(first) if first.weekday() == 0 else week_of(first) + WEEK
    return [midnight(monday + index * WEEK) for index in range((last - monday).days // 7 + 1)]


def first_learned(first_week: date, start: date) -> date:
    """Where learning begins: when the longest plain window is full, or, where less is known
    before the test, half-way.
    """
    before = (week_of(start) - first_week).days // 7
    return first_week + min(WARM_UP_WEEKS, max(before // 2, 0)) * WEEK
