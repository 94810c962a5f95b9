"""Lessons: rows of past origins with their outcomes as known at the end, or at an earlier day.

A fit that serves learns from outcomes as they are known now. One that is rehearsed must learn from
them as they were known then: a report that came in later, or a correction, was not there to be
learned from.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

import numpy as np
import numpy.typing as npt

from ewarn.domain.time import midnight
from ewarn.frames.panel import Panel
from ewarn.ports import History
from models.training.rows import ModelQuestion, Outcomes, Rows, taught, teachable, told_of

Stretch = tuple[date, date]  # the first and last Monday of origins that one fit is asked about


@dataclass(frozen=True)
class Lessons:
    """Rows without labels, and what was known to have followed them: at the end (`settled`), and
    on each of some Mondays (`by_day`). Of the rows that nothing followed a share of
    `keep_negatives` is learned from, drawn by `seed` whatever is known of them.
    """

    question: ModelQuestion
    rows: Rows
    settled: Outcomes
    by_day: Mapping[date, Outcomes]
    keep_negatives: float
    seed: int

    def take(self, rows: npt.NDArray[np.int64]) -> "Lessons":
        """Some of the rows, by positions."""
        return replace(self, rows=self.rows.take(rows))

    def known_at_the_end(self) -> Rows:
        """All rows, with their outcomes as they came to be known."""
        return taught(self.rows, self.settled, self.keep_negatives, self.seed)

    def known_on(self, monday: date) -> Rows:
        """The rows whose outcome was over on one of the Mondays, labelled as was known there."""
        return taught(self.rows, self.by_day[monday], self.keep_negatives, self.seed)


def lessons_from(
    history: History,
    origins: Sequence[datetime],
    question: ModelQuestion,
    stretches: Sequence[Stretch],
    *,
    keep_negatives: float,
    known_after_weeks: int = 0,
    seed: int = 0,
) -> Lessons:
    """What `origins` teach, at the end and at the beginning of each stretch. There outcomes are
    left out that were over for less than `known_after_weeks`.

    Rows from before the weeks that a panel as known reaches back to teach nothing there. Raises
    ModelError where there is nothing to learn from, or an outcome is not over.
    """
    settled = told_of(origins, history.final(), question)
    by_day = {
        first: Outcomes.of(history.as_known(midnight(first)), question).without(known_after_weeks)
        for first, _ in stretches
    }
    truths = [settled, *by_day.values()]
    rows = teachable(history, origins, question, truths, keep_negatives, seed)
    return Lessons(question, rows, settled, by_day, keep_negatives, seed)


@dataclass(frozen=True)
class Hindsight:
    """A history in which the past looks as it does at the end: what judging "as final" sees.

    Implements `ewarn.ports.History`.
    """

    panel: Panel

    def as_known(self, origin: datetime) -> Panel:
        """The weeks before `origin`, as known at the end."""
        return self.panel.until(origin.date())

    def final(self) -> Panel:
        """All weeks."""
        return self.panel
