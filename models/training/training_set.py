"""Training sets: rows of past origins with their outcomes as known at the end or on an earlier day.

A model that serves is fitted on outcomes as they are known now. In a prequential evaluation it must
be fitted on outcomes as they were known at the time, because later reports and corrections did not
exist yet.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

import numpy as np
import numpy.typing as npt

from ewarn.domain.time import midnight
from ewarn.frames.panel import Panel
from ewarn.ports import History
from models.training.rows import (
    ModelQuestion,
    Outcomes,
    Rows,
    labelled_sample,
    outcomes_in,
    trainable_rows,
)

Stretch = tuple[date, date]  # the first and last Monday of the origins that one fit is used for


@dataclass(frozen=True)
class TrainingSet:
    """A training set: rows without labels, and their outcomes as known at several moments.

    Attributes:
        settled: Outcomes as known at the end.
        by_day: Outcomes as known on some Mondays.
        keep_negatives: Share of the rows with label 0 that are used.
        seed: Seed of the choice of these rows, which does not depend on what is known of them.
    """

    question: ModelQuestion
    rows: Rows
    settled: Outcomes
    by_day: Mapping[date, Outcomes]
    keep_negatives: float
    seed: int

    def take(self, rows: npt.NDArray[np.int64]) -> "TrainingSet":
        """Return some of the rows, by positions."""
        return replace(self, rows=self.rows.take(rows))

    def known_at_the_end(self) -> Rows:
        """Return the rows with their outcomes as known at the end."""
        return labelled_sample(self.rows, self.settled, self.keep_negatives, self.seed)

    def known_on(self, monday: date) -> Rows:
        """Return the rows whose outcome was complete on a Monday, with labels as known then."""
        return labelled_sample(self.rows, self.by_day[monday], self.keep_negatives, self.seed)


def training_set_from(
    history: History,
    origins: Sequence[datetime],
    question: ModelQuestion,
    stretches: Sequence[Stretch],
    *,
    keep_negatives: float,
    known_after_weeks: int = 0,
    seed: int = 0,
) -> TrainingSet:
    """Return the training set of `origins`, with outcomes at the end and at each stretch's start.

    At the start of a stretch, outcomes that were complete for less than `known_after_weeks` are
    left out, and so are rows from before the weeks that the panel known then reaches back to.

    Raises:
        ModelError: There is no origin, or an outcome is not complete.
    """
    settled = outcomes_in(origins, history.final(), question)
    by_day = {
        first: Outcomes.of(history.as_known(midnight(first)), question).without(known_after_weeks)
        for first, _ in stretches
    }
    truths = [settled, *by_day.values()]
    rows = trainable_rows(history, origins, question, truths, keep_negatives, seed)
    return TrainingSet(question, rows, settled, by_day, keep_negatives, seed)


@dataclass(frozen=True)
class Hindsight:
    """A history that shows the past as known at the end, for evaluation "as final".

    Implements `ewarn.ports.History`.
    """

    panel: Panel

    def as_known(self, origin: datetime) -> Panel:
        """Return the weeks before `origin`, as known at the end."""
        return self.panel.until(origin.date())

    def final(self) -> Panel:
        """Return all weeks."""
        return self.panel
