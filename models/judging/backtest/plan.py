"""The plan of a rolling test: its origins, refits, training rows and left-out countries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from ewarn.domain.time import WEEK, midnight, week_of
from models.training.rows import ModelQuestion

WARM_UP_WEEKS = 156  # length of the longest window of the plain features


class Knowledge(StrEnum):
    """The vintage of the past: as it was known then, or as it is known at the end."""

    KNOWN = "as known"
    FINAL = "as final"


@dataclass(frozen=True)
class Fold:
    """A refit at `moment`, which is an origin, and the origins that its models score."""

    moment: datetime
    origins: tuple[datetime, ...]


@dataclass(frozen=True)
class Plan:
    """The settings of a back-test.

    Attributes:
        start: The origins are the Mondays from here on.
        end: The last day on which an origin can be.
        learn_from: First training origin. Only outcomes that are complete at a refit are used.
        refit_years: Refit at the first origin of every so many years, if `refit_weeks` is None.
        refit_weeks: Refit every so many weeks.
        learn_every: Fit on every so many origins.
        keep_negatives: Share of the rows with label 0 that are kept for fitting.
        groups: If above one, countries are divided into so many groups, and each group is scored by
            models that were not fitted on it.
        seed: The same seed gives the same results.
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
        """Training origins of any refit: those with a complete outcome at the last refit."""
        folds = self.folds
        if not folds:
            return []
        last = folds[-1].moment.date() - self.question.horizon_weeks * WEEK
        return mondays(self.learn_from, last)[:: self.learn_every]

    def group_of(self, countries: Sequence[str]) -> npt.NDArray[np.int64]:
        """Return the group of each country.

        Countries are assigned in an order drawn by the seed, so that groups are of equal size and
        do not depend on what happened.
        """
        names = sorted(countries)
        order = np.random.default_rng(self.seed).permutation(len(names))
        group = {names[place]: index % self.groups for index, place in enumerate(order)}
        return np.array([group[name] for name in countries], dtype=np.int64)


def mondays(first: date, last: date) -> list[datetime]:
    """Return the Mondays from `first` to `last`, both included."""
    monday = week_of(first) if first.weekday() == 0 else week_of(first) + WEEK
    return [midnight(monday + index * WEEK) for index in range((last - monday).days // 7 + 1)]


def first_learned(first_week: date, start: date) -> date:
    """Return the first training origin.

    It is when the longest plain window is full, or half-way to the test if less is known before it.
    """
    before = (week_of(start) - first_week).days // 7
    return first_week + min(WARM_UP_WEEKS, max(before // 2, 0)) * WEEK
