"""The ensemble: members pooled by their log score on later origins, with an interval."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Self

import numpy as np
from scipy.special import expit

from ewarn.domain.fit import LEAST_POSITIVES
from ewarn.domain.region import Level
from ewarn.domain.score import Driver
from ewarn.domain.target import Basis, Target
from ewarn.errors import ModelError
from ewarn.frames.panel import Panel
from ewarn.frames.predictions import BoolArray, FloatArray, Prediction
from ewarn.ports import History
from models.detectors.detector import limits_of
from models.ensemble.contagion import Contagion
from models.ensemble.drivers import described, shapley
from models.ensemble.escalation import Escalation
from models.ensemble.intervals import Replicates, bootstrapped, interval
from models.ensemble.members import (
    CONFLICTOLOGY,
    CONTAGION,
    ESCALATION,
    POOL_STRENGTH_OF_PAIRS,
    POOLED,
    PRIOR,
    PRIOR_OF_PAIRS,
    STRENGTH,
    TIMES_STRENGTH_OF_PAIRS,
    Member,
    new_members,
)
from models.ensemble.stacking import LogPool, later_folds
from models.inputs.inputs import (
    Inputs,
    chosen,
    countries_of,
    inputs_at_origin,
    inputs_of_level,
    positions,
    rows_among,
    values_over,
)
from models.inputs.targets import PAST_WEEKS, is_known_quiet, kinds_read
from models.inputs.votes import weeks_to_votes
from models.training.rows import Rows, gather

LABEL_SOURCE = "mass-mobilization"  # the source that the shipped parameters were fitted on


class Ensemble:
    """The served model of one target at one level.

    Its probability is calibrated on the source of its labels if that gave at least 300 positive
    ones. Fitting sets `members_`, `pool_`, `replicates_`, `label_source_` and `positives_`. A
    loaded ensemble also has its `card_`.

    Args:
        source: The source of the signals.
        illustration: Allow scores of another source, or of origins before the end of the training
            outcomes. The basis is then an illustration. Bounds of another source are not pooled,
            since its licence may not allow learning from it.
        replicates: Number of bootstrap replicates for the interval.
        outcomes: The source of the labels, if it is not that of the signals. The inputs are then
            relative to all reports of the source of the signals, and the probability is provisional
            if there are fewer than 300 positive labels.
    """

    name = "ensemble"
    version = "2"

    def __init__(
        self,
        target: Target,
        level: Level,
        *,
        source: str = LABEL_SOURCE,
        horizon_weeks: int = 4,
        illustration: bool = False,
        replicates: int = 40,
        seed: int = 0,
        outcomes: str = "",
    ) -> None:
        self.target = target
        self.level = level
        self.source = source
        self.outcomes = outcomes
        self.horizon_weeks = horizon_weeks
        self.illustration = illustration
        self.replicates = replicates
        self.seed = seed

    @property
    def label_source(self) -> str:
        """The source of the labels."""
        return self.outcomes or self.source

    @property
    def has_other_outcomes(self) -> bool:
        """Whether the labels and the signals come from different sources."""
        return self.label_source != self.source

    @property
    def signals(self) -> tuple[str, ...]:
        """The signals that the model reads."""
        kinds = kinds_read(self.source, self.target, every=self.has_other_outcomes)
        return tuple(f"{self.source}:{kind}" for kind in kinds)

    @property
    def basis(self) -> Basis:
        """Whether its probability can be believed.

        It is calibrated only on the source whose labels it was fitted on, if there were enough
        positive ones. An illustration is never calibrated.
        """
        if self.illustration:
            return Basis.ILLUSTRATION
        if getattr(self, "label_source_", None) != self.label_source:
            return Basis.UNCALIBRATED
        if self.positives_ >= LEAST_POSITIVES:
            return Basis.CALIBRATED
        return Basis.PROVISIONAL if self.has_other_outcomes else Basis.UNCALIBRATED

    @property
    def labels_before(self) -> date:
        """The day before which all training outcomes of a loaded model end, by its card."""
        return date.fromisoformat(self.card_["fitted_on"]["labels_before"])

    def fit(self, history: History, origins: Sequence[datetime]) -> Self:
        """Fit on what was known at each origin and on the outcomes that followed."""
        return self.fit_rows(
            gather(
                history,
                origins,
                source=self.source,
                target=self.target,
                level=self.level,
                horizon_weeks=self.horizon_weeks,
                outcomes=self.outcomes,
            )
        )

    def fit_rows(self, rows: Rows) -> Self:
        """Fit the members on all rows, and the pool on predictions for rows after their fit."""
        judged, raw = self._out_of_fold(rows)
        self.members_ = tuple(
            member.fit(rows.inputs, rows.label, rows.weight) for member in self._new_members(rows)
        )
        said = self._pooled(raw)
        self.pool_ = self._new_pool().fit(said, judged.label, judged.weight)
        self.replicates_ = self._bootstrapped(rows, judged, said)
        self.label_source_ = self.label_source
        self.positives_ = int(rows.label.sum())
        self.card_: dict[str, Any] = {}
        return self

    def score(self, panel: Panel, only: Sequence[str] | None = None) -> Prediction:
        """Return scores at the panel's origin for its regions of the model's level.

        With `only`, the result is limited to these regions.

        Raises:
            ModelError: The model is not fitted, or not on this source and no illustration.
        """
        self._check()
        regions = chosen(panel.at(self.level), only)
        inputs = self._inputs(panel) if only is None else self._inputs_of(panel, regions)
        raw = self.raw(inputs)
        said = self._pooled(raw)
        logits = self.pool_.logit(said)
        contagion, escalation = np.searchsorted(POOLED, [CONTAGION, ESCALATION])
        low, high = interval(
            self.replicates_,
            inputs,
            said,
            logits,
            contagion=int(contagion),
            escalation=int(escalation),
        )
        may_learn = self.label_source == self.label_source_
        everywhere = panel.at(self.level)
        limits = limits_of(panel, everywhere, self.source, self.target, pooled=may_learn)
        return Prediction(
            regions=regions,
            probability=expit(logits),
            low=expit(low),
            high=expit(high),
            members={member.name: raw[:, i] for i, member in enumerate(self.members_)},
            quiet=self._quiet(panel, regions),
            **limits.columns(rows_among(everywhere, regions)),
        )

    def _quiet(self, panel: Panel, regions: Sequence[str]) -> BoolArray | None:
        """Return where half a year was quiet.

        It is None if the labels come from another source, as that source may have ended.
        """
        if self.has_other_outcomes:
            return None
        return is_known_quiet(panel, self.source)[positions(panel, regions)]

    def logit(self, inputs: Inputs) -> FloatArray:
        """Return the final calibrated logit of inputs (...), which is the scale of the drivers."""
        return self.pool_.logit(self._pooled(self.raw(inputs)))

    def probability(self, inputs: Inputs) -> FloatArray:
        """Probabilities of inputs (...)."""
        return np.asarray(expit(self.logit(inputs)))

    def drivers(self, panel: Panel, regions: Sequence[str]) -> dict[str, tuple[Driver, ...]]:
        """Return Shapley values of each kind, relative to the region's median of 104 weeks."""
        self._check()
        if not regions:
            return {}
        inputs = self._inputs_of(panel, regions)
        median = self.median_inputs(panel, inputs, regions)
        contributions = shapley(inputs, median, self.logit)
        found = described(self.source, inputs, median, contributions, panel.origin)
        return dict(zip(regions, found, strict=True))

    def median_inputs(self, panel: Panel, inputs: Inputs, regions: Sequence[str]) -> Inputs:
        """Return the same question with the median evidence of the last 104 weeks."""
        weeks = max(min(PAST_WEEKS, panel.weeks), 1)
        past = values_over(
            panel,
            regions,
            self.source,
            inputs.kinds,
            self.horizon_weeks,
            weeks=weeks,
            relative=inputs.relative,
        )
        votes = weeks_to_votes(panel, countries_of(panel, regions), weeks=weeks)
        return inputs.with_evidence(np.median(past, axis=0), np.median(votes, axis=0))

    def _check(self) -> None:
        if not hasattr(self, "pool_"):
            raise ModelError("The ensemble was neither fitted nor loaded.")
        if self.label_source != self.label_source_ and not self.illustration:
            raise ModelError(
                f"The ensemble is not calibrated on {self.source}: ask for an illustration."
            )

    def _inputs(self, panel: Panel) -> Inputs:
        return inputs_of_level(
            panel,
            self.level,
            self.source,
            self.target,
            self.horizon_weeks,
            self.has_other_outcomes,
        )

    def _inputs_of(self, panel: Panel, regions: Sequence[str]) -> Inputs:
        return inputs_at_origin(
            panel,
            regions,
            self.source,
            self.target,
            self.horizon_weeks,
            relative=self.has_other_outcomes,
        )

    def raw(self, inputs: Inputs) -> FloatArray:
        """Return the probabilities of each member (..., members), in the order of `members_`."""
        return np.stack([member.probability(inputs) for member in self.members_], axis=-1)

    def _pooled(self, raw: FloatArray) -> FloatArray:
        """Return the inputs of the pool (..., pooled members).

        Conflictology is averaged with the base rate, since its 0 only means "not within a year".
        """
        heard = raw[..., POOLED].copy()
        heard[..., 0] = (raw[..., CONFLICTOLOGY] + raw[..., 0]) / 2
        return heard

    def _out_of_fold(self, rows: Rows) -> tuple[Rows, FloatArray]:
        """Return later rows, and probabilities (rows, members) of members fitted before them."""
        judged, raw = [], []
        for before, after in later_folds(rows.week, self.horizon_weeks):
            known, ahead = rows.take(before), rows.take(after)
            if not 0 < known.label.sum() < len(known.label):
                continue
            judged.append(after)
            raw.append(
                [
                    member.fit(known.inputs, known.label, known.weight).probability(ahead.inputs)
                    for member in self._new_members(rows)
                ]
            )
        if not judged:
            raise ModelError("No stretch of origins has both outcomes before it to fit on.")
        return rows.take(np.concatenate(judged)), np.concatenate(raw, axis=1).T

    def _new_pool(self) -> LogPool:
        if self.has_other_outcomes:
            return LogPool(PRIOR_OF_PAIRS, POOL_STRENGTH_OF_PAIRS)
        return LogPool(PRIOR[POOLED])

    def _new_members(self, rows: Rows) -> tuple[Member, ...]:
        return new_members(self._strength(rows))

    def _strength(self, rows: Rows) -> float:
        """Return the inverse penalty for origins as many weeks apart as those of `rows`."""
        weeks = np.unique(rows.week)
        apart = float(np.median(np.diff(weeks))) if len(weeks) > 1 else 1.0
        times = TIMES_STRENGTH_OF_PAIRS if self.has_other_outcomes else 1.0
        return STRENGTH[self.level] * apart * times

    def _bootstrapped(self, rows: Rows, judged: Rows, said: FloatArray) -> Replicates:
        return bootstrapped(
            rows,
            judged,
            said,
            self._new_pool(),
            contagion=Contagion(),
            escalation=Escalation(self._strength(rows)),
            number=self.replicates,
            seed=self.seed,
        )
