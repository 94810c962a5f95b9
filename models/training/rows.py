"""Training rows: what was known at each origin, and the outcome that followed."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import numpy as np
import numpy.typing as npt

from ewarn.domain.region import Level
from ewarn.domain.target import Target
from ewarn.errors import ModelError
from ewarn.frames.panel import Panel
from ewarn.frames.predictions import FloatArray
from ewarn.ports import History
from models.detectors.detector import limits_of
from models.inputs.inputs import Inputs, inputs_at_origin, rows_among, stack
from models.inputs.targets import eligible, is_known_quiet, points_over, was_quiet

EPOCH = date(1970, 1, 5)

Index = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class ModelQuestion:
    """The question that a model answers: a target on a source's signals, for regions of a level.

    Attributes:
        ended: Countries that no longer exist, and their last day.
        began: Countries that are younger than the data, and their first day.
        outcomes: The source of the outcomes, if it is not the same. The panels of a history then
            hold both sources.
    """

    source: str
    target: Target
    level: Level
    horizon_weeks: int
    ended: Mapping[str, date]
    began: Mapping[str, date]
    outcomes: str = ""

    @property
    def label_source(self) -> str:
        """The source whose events are the outcomes."""
        return self.outcomes or self.source

    @property
    def has_other_outcomes(self) -> bool:
        """Whether the outcomes and the signals come from different sources."""
        return self.label_source != self.source


@dataclass(frozen=True)
class Rows:
    """Inputs with their labels. Arrays are (rows,).

    Attributes:
        label: 0 or 1, or NaN where the outcome is not known.
        weight: Number of rows that a row counts for.
        week: Number of the origin (`week_number`).
        region: Position of the region in its level.
        country: Position of the region's country in `countries`.
        quiet: Whether no lethal event was known in the 26 weeks before the origin, by the source of
            the outcomes.
        surprise: The detector's mid-p-value of the last week of the signals, if another source
            gives the outcomes, else NaN.
        regions: Number of regions of the level.
    """

    inputs: Inputs
    label: FloatArray
    weight: FloatArray
    week: Index
    region: Index
    country: Index
    quiet: Mask
    surprise: FloatArray
    regions: int
    countries: tuple[str, ...]

    def take(self, rows: npt.NDArray[Any]) -> "Rows":
        """Return some of the rows, by positions or a mask."""
        return replace(
            self,
            inputs=self.inputs.take(rows),
            label=self.label[rows],
            weight=self.weight[rows],
            week=self.week[rows],
            region=self.region[rows],
            country=self.country[rows],
            quiet=self.quiet[rows],
            surprise=self.surprise[rows],
        )


def unlabelled(panel: Panel, question: ModelQuestion, only: Collection[str] | None = None) -> Rows:
    """Return a row without label for each existing region that is eligible at the panel's origin.

    With `only`, the rows are limited to these regions.
    """
    everywhere = panel.at(question.level)
    of_region = [panel.parents.get(region, region) for region in everywhere]
    countries = tuple(dict.fromkeys(of_region))
    position = {name: index for index, name in enumerate(countries)}
    country = np.array([position[name] for name in of_region], dtype=np.int64)
    asked = _asked(panel, question)
    alive = np.array([_exists(name, question, panel.origin) for name in countries], dtype=bool)
    where = np.array([panel.region_index[name] for name in everywhere], dtype=np.int64)
    wanted = np.array([only is None or name in only for name in everywhere], dtype=bool)
    kept = np.flatnonzero(alive[country] & asked[where] & wanted)
    names = [everywhere[region] for region in kept]
    return Rows(
        inputs=inputs_at_origin(
            panel,
            names,
            question.source,
            question.target,
            question.horizon_weeks,
            relative=question.has_other_outcomes,
        ),
        label=np.full(len(kept), np.nan),
        weight=np.ones(len(kept)),
        week=np.full(len(kept), week_number(panel.origin), dtype=np.int64),
        region=kept,
        country=country[kept],
        quiet=_quiet(panel, question)[where[kept]],
        surprise=_surprise(panel, question, names),
        regions=len(everywhere),
        countries=countries,
    )


def _asked(panel: Panel, question: ModelQuestion) -> Mask:
    return eligible(panel, question.label_source, question.target)


def _quiet(panel: Panel, question: ModelQuestion) -> Mask:
    """Return where half a year is known to be without a lethal event.

    A source of outcomes that ended years ago has no data on it, so its regions are not quiet.
    """
    if question.has_other_outcomes:
        return is_known_quiet(panel, question.label_source)
    return was_quiet(panel, question.source)


def _surprise(panel: Panel, question: ModelQuestion, names: Sequence[str]) -> FloatArray:
    """Return the detector's p-value of the last week (regions,), NaN where it is not a baseline."""
    if not question.has_other_outcomes:
        return np.full(len(names), np.nan)
    everywhere = panel.at(question.level)
    limits = limits_of(panel, everywhere, question.source, question.target)
    return limits.p_value[rows_among(everywhere, names)]


def _exists(country: str, question: ModelQuestion, day: date) -> bool:
    began = question.began.get(country, date.min)
    return began <= day < question.ended.get(country, date.max)


@dataclass(frozen=True)
class Outcomes:
    """Points of the h weeks that begin with each week, int64 (weeks, regions), by one panel."""

    first: int
    ahead: Index

    @classmethod
    def of(cls, panel: Panel, question: ModelQuestion) -> "Outcomes":
        """Return the outcomes that `panel` holds for the regions of the question's level."""
        length = question.horizon_weeks
        where = np.array([panel.region_index[name] for name in panel.at(question.level)], np.int64)
        points = points_over(panel, question.label_source, question.target, length)
        return cls(week_number(panel.first_week), points[length - 1 :, where])

    def without(self, weeks: int) -> "Outcomes":
        """Return all outcomes except those of the last `weeks` weeks."""
        return replace(self, ahead=self.ahead[: max(len(self.ahead) - weeks, 0)])

    def known(self, week: Index) -> Mask:
        """Return whether the h weeks from each of `week` are wholly in the panel."""
        return (week >= self.first) & (week - self.first < len(self.ahead))

    def reached(self, rows: Rows) -> FloatArray:
        """Return the labels of rows, 0 or 1, or NaN where the panel holds no full outcome."""
        return self.reached_by(rows.week, rows.region, rows.inputs.bar)

    def reached_by(self, week: Index, region: Index, bar: FloatArray) -> FloatArray:
        """Return the same as `reached`, for arrays (rows,)."""
        if not len(self.ahead):
            return np.full(len(week), np.nan)
        known = self.known(week)
        row = np.where(known, week - self.first, 0)
        return np.where(known, self.ahead[row, region] >= bar, np.nan)


def labelled(rows: Rows, outcomes: Outcomes) -> Rows:
    """Return the rows whose outcome is known, with their labels."""
    label = outcomes.reached(rows)
    known = np.flatnonzero(~np.isnan(label))
    return replace(rows, label=label).take(known)


def gather(
    history: History,
    origins: Sequence[datetime],
    *,
    source: str,
    target: Target,
    level: Level,
    horizon_weeks: int,
    ended: Mapping[str, date] | None = None,
    began: Mapping[str, date] | None = None,
    known_at: datetime | None = None,
    keep_negatives: float = 1.0,
    seed: int = 0,
    outcomes: str = "",
) -> Rows:
    """Return a labelled row for each origin and existing region of `level`.

    Args:
        known_at: Use labels as known on this Monday, whose panel must reach back to the first
            origin. None means as known at the end, which is for evaluation and for fitting shipped
            parameters.
        keep_negatives: Share of the rows with label 0 that are kept. Each counts for the dropped
            ones too.
        seed: Seed of the choice of these rows, which does not depend on what is known of them.
        outcomes: The source of the labels, if it is not `source`.

    Raises:
        ModelError: There is no origin, or an outcome is not complete.
    """
    if not origins:
        raise ModelError("No origin was given to fit on.")
    question = ModelQuestion(
        source, target, level, horizon_weeks, ended or {}, began or {}, outcomes
    )
    truth = history.final() if known_at is None else history.as_known(known_at)
    told = outcomes_in(origins, truth, question)
    rows = trainable_rows(history, origins, question, [told], keep_negatives, seed)
    return labelled_sample(rows, told, keep_negatives, seed)


def outcomes_in(origins: Sequence[datetime], truth: Panel, question: ModelQuestion) -> Outcomes:
    """Return the outcomes in a panel.

    Raises:
        ModelError: The panel does not hold the full outcome of an origin.
    """
    outcomes = Outcomes.of(truth, question)
    for origin in origins:
        if not outcomes.known(np.array([week_number(origin.date())])).all():
            raise ModelError(
                f"The panel to {truth.origin} holds no full outcome of origin {origin.date()}."
            )
    return outcomes


def trainable_rows(
    history: History,
    origins: Sequence[datetime],
    question: ModelQuestion,
    truths: Sequence[Outcomes],
    keep_negatives: float,
    seed: int,
) -> Rows:
    """Return rows without labels: those that `labelled_sample` keeps for any of `truths`."""
    parts = []
    for origin in origins:
        rows = unlabelled(history.as_known(origin), question)
        may_follow = np.any([truth.reached(rows) > 0 for truth in truths], axis=0)
        parts.append(rows.take(np.flatnonzero(may_follow | (drawn(rows, seed) < keep_negatives))))
    return joined(parts)


def labelled_sample(rows: Rows, outcomes: Outcomes, keep_negatives: float, seed: int) -> Rows:
    """Return the rows whose outcome is known, with their labels, and with negatives sampled."""
    told = labelled(rows, outcomes)
    return thinned(told, drawn(told, seed), keep_negatives)


def drawn(rows: Rows, seed: int) -> FloatArray:
    """Return a random number in [0, 1) for each row, the same whatever is known of it."""
    weeks = np.unique(rows.week)
    numbers = np.empty(len(rows.week))
    for week in weeks:
        here = rows.week == week
        whole = np.random.default_rng([seed, int(week)]).random(rows.regions)
        numbers[here] = whole[rows.region[here]]
    return numbers


def thinned(rows: Rows, number: FloatArray, keep_negatives: float) -> Rows:
    """Return all rows with label 1, and the others whose `number` is below `keep_negatives`."""
    kept = np.flatnonzero((rows.label > 0) | (number < keep_negatives))
    weight = np.where(rows.label[kept] > 0, 1.0, 1 / keep_negatives)
    return replace(rows.take(kept), weight=weight)


def joined(parts: Sequence[Rows]) -> Rows:
    """Concatenate the rows of several origins.

    Raises:
        ModelError: There are none.
    """
    if not parts:
        raise ModelError("No origin was given to fit on.")
    return Rows(
        inputs=stack([part.inputs for part in parts]),
        label=np.concatenate([part.label for part in parts]),
        weight=np.concatenate([part.weight for part in parts]),
        week=np.concatenate([part.week for part in parts]),
        region=np.concatenate([part.region for part in parts]),
        country=np.concatenate([part.country for part in parts]),
        quiet=np.concatenate([part.quiet for part in parts]),
        surprise=np.concatenate([part.surprise for part in parts]),
        regions=parts[0].regions,
        countries=parts[0].countries,
    )


def week_number(day: date) -> int:
    """Return the whole weeks from the first Monday of 1970 to `day`."""
    return (day - EPOCH).days // 7
