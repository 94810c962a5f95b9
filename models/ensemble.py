"""The ensemble: every member's probability, stacked by log score, calibrated on later origins."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, Self

import numpy as np
from scipy.special import expit

from ewarn.domain.fit import LEAST_POSITIVES
from ewarn.domain.region import Level
from ewarn.domain.score import Driver
from ewarn.domain.target import Basis, Target
from ewarn.errors import ModelError
from ewarn.frames.panel import Panel
from ewarn.frames.predictions import FloatArray, Prediction
from ewarn.ports import History
from models.base_rate import BaseRate
from models.calibrator import Calibrator, calibrated_logit
from models.conflictology import Conflictology
from models.detector import limits_of
from models.drivers import described, shapley
from models.inputs import Inputs, inputs_at_origin, values_over
from models.last_poisson import LastPoisson
from models.logistic import Logistic, features, linear
from models.pooling import Pooling
from models.stacking import later_folds, stacking_weights
from models.targets import PAST_WEEKS, kinds_read
from models.training import Rows, gather

LABEL_SOURCE = "mass-mobilization"
INTERVAL = (0.05, 0.95)


class Member(Protocol):
    """A model inside the ensemble: from inputs (rows) to probabilities (rows,)."""

    name: str

    def fit(self, inputs: Inputs, label: FloatArray, weight: FloatArray) -> Self:
        """Learn from labels of 0 and 1 that stand for `weight` rows each."""
        ...

    def probability(self, inputs: Inputs) -> FloatArray:
        """Probability of each row."""
        ...


# Penalties chosen on origins 1998-2004: outcomes are forty times rarer in a subdivision, and
# a weaker penalty lets a few restless ones rule the fit.
STRENGTH = {Level.COUNTRY: 0.003, Level.ADMIN1: 0.0003}


def new_members(level: Level) -> tuple[Member, ...]:
    """The members, unfitted, in the order of their weights; the logistic one comes last."""
    logistic = Logistic(STRENGTH[level])
    return (BaseRate(), LastPoisson(), Conflictology(), Pooling(), logistic)


@dataclass(frozen=True)
class Replicates:
    """Bootstrap by country: intercept and calibrator line (replicates,), coefficients
    (features, replicates) of the logistic member."""

    intercept: FloatArray
    coefficients: FloatArray
    calibrator_intercept: FloatArray
    calibrator_slope: FloatArray


class Ensemble:
    """The served model of one target at one level.

    Its probability is calibrated on its label source only. On another `source` it speaks only
    with `illustration`, and its basis says so. Learns `members_`, `weights_` (members,),
    `calibrator_` and `replicates_`; a loaded one has its `card_`.
    """

    name = "ensemble"
    version = "1"

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
    ) -> None:
        self.target = target
        self.level = level
        self.source = source
        self.horizon_weeks = horizon_weeks
        self.illustration = illustration
        self.replicates = replicates
        self.seed = seed

    @property
    def signals(self) -> tuple[str, ...]:
        """The signals it reads."""
        return tuple(f"{self.source}:{kind}" for kind in kinds_read(self.source, self.target))

    @property
    def basis(self) -> Basis:
        """Calibrated on the source whose labels it learned from, if those were enough."""
        learned = getattr(self, "label_source_", LABEL_SOURCE)
        positives = getattr(self, "positives_", LEAST_POSITIVES)
        if learned == self.source and positives >= LEAST_POSITIVES:
            return Basis.CALIBRATED
        return Basis.ILLUSTRATION if self.illustration else Basis.UNCALIBRATED

    def fit(self, history: History, origins: Sequence[datetime]) -> Self:
        """Learn from what was known at each origin and what followed it."""
        return self.fit_rows(
            gather(
                history,
                origins,
                source=self.source,
                target=self.target,
                level=self.level,
                horizon_weeks=self.horizon_weeks,
            )
        )

    def fit_rows(self, rows: Rows) -> Self:
        """Learn members from all rows, weights and calibrator from rows later than their fit."""
        judged, raw = self._out_of_fold(rows)
        self.members_ = tuple(
            member.fit(rows.inputs, rows.label, rows.weight) for member in new_members(self.level)
        )
        self.weights_ = stacking_weights(raw, judged.label, judged.weight)
        mixture = linear(raw, self.weights_)
        self.calibrator_ = Calibrator().fit(mixture, judged.label, judged.weight)
        self.replicates_ = self._bootstrap(rows, judged, mixture)
        self.card_: dict[str, Any] = {}
        self.label_source_ = self.source
        self.positives_ = int(rows.label.sum())
        return self

    def score(self, panel: Panel) -> Prediction:
        """Answer at the panel's origin, for its regions of the model's level."""
        self._check()
        regions = panel.at(self.level)
        inputs = self._inputs(panel, regions)
        raw = self.raw(inputs)
        logits = self.calibrator_.logit(linear(raw, self.weights_))
        low, high = self._interval(inputs, raw, logits)
        limits = limits_of(panel, regions, self.source, self.target)
        return Prediction(
            regions=regions,
            probability=expit(logits),
            low=expit(low),
            high=expit(high),
            expected=limits.expected,
            upper=limits.upper,
            observed=limits.observed,
            members={member.name: raw[:, i] for i, member in enumerate(self.members_)},
        )

    def logit(self, inputs: Inputs) -> FloatArray:
        """The final calibrated logit of inputs (...), the scale of the drivers."""
        return self.calibrator_.logit(linear(self.raw(inputs), self.weights_))

    def drivers(self, panel: Panel, regions: Sequence[str]) -> dict[str, tuple[Driver, ...]]:
        """Shapley values of each kind, against the region's median of its last 104 weeks."""
        self._check()
        if not regions:
            return {}
        inputs = self._inputs(panel, regions)
        median = self.median_values(panel, regions)
        contributions = shapley(inputs, median, self.logit)
        found = described(self.source, inputs, median, contributions, panel.origin)
        return dict(zip(regions, found, strict=True))

    def median_values(self, panel: Panel, regions: Sequence[str]) -> FloatArray:
        """Median values of `regions` over the last 104 weeks (regions, kinds, columns)."""
        kinds = kinds_read(self.source, self.target)
        weeks = max(min(PAST_WEEKS, panel.weeks), 1)
        past = values_over(panel, regions, self.source, kinds, self.horizon_weeks, weeks=weeks)
        return np.asarray(np.median(past, axis=0))

    def _check(self) -> None:
        if not hasattr(self, "weights_"):
            raise ModelError("The ensemble was neither fitted nor loaded.")
        if self.source != self.label_source_ and not self.illustration:
            raise ModelError(
                f"The ensemble is not calibrated on {self.source}: ask for an illustration."
            )

    def _inputs(self, panel: Panel, regions: Sequence[str]) -> Inputs:
        return inputs_at_origin(panel, regions, self.source, self.target, self.horizon_weeks)

    def raw(self, inputs: Inputs) -> FloatArray:
        """Probabilities of each member (..., members), in the order of `members_`."""
        return np.stack([member.probability(inputs) for member in self.members_], axis=-1)

    def _out_of_fold(self, rows: Rows) -> tuple[Rows, FloatArray]:
        """Later rows, and the probabilities members fitted before them give (rows, members)."""
        judged, raw = [], []
        for before, after in later_folds(rows.week, self.horizon_weeks):
            known, ahead = rows.take(before), rows.take(after)
            if not 0 < known.label.sum() < len(known.label):
                continue
            judged.append(after)
            raw.append(
                [
                    member.fit(known.inputs, known.label, known.weight).probability(ahead.inputs)
                    for member in new_members(self.level)
                ]
            )
        if not judged:
            raise ModelError("No stretch of origins has both outcomes before it to learn from.")
        return rows.take(np.concatenate(judged)), np.concatenate(raw, axis=1).T

    def _bootstrap(self, rows: Rows, judged: Rows, mixture: FloatArray) -> Replicates:
        """Refit the logistic member and the calibrator on countries drawn with replacement."""
        random = np.random.default_rng(self.seed)
        number = len(rows.countries)
        fitted = []
        for _ in range(self.replicates):
            drawn = np.bincount(random.integers(0, number, number), minlength=number)
            weight, later = drawn[rows.country], drawn[judged.country]
            kept, kept_later = np.flatnonzero(weight), np.flatnonzero(later)
            part = rows.take(kept)
            logistic = Logistic(STRENGTH[self.level]).fit(
                part.inputs, part.label, part.weight * weight[kept]
            )
            calibrator = Calibrator().fit(
                mixture[kept_later],
                judged.label[kept_later],
                judged.weight[kept_later] * later[kept_later],
            )
            fitted.append((logistic, calibrator))
        return Replicates(
            np.array([logistic.intercept_ for logistic, _ in fitted]),
            np.array([logistic.coefficients_ for logistic, _ in fitted]).T,
            np.array([calibrator.intercept_ for _, calibrator in fitted]),
            np.array([calibrator.slope_ for _, calibrator in fitted]),
        )

    def _interval(
        self, inputs: Inputs, raw: FloatArray, logits: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """90% interval of the logit; it always holds the logit itself."""
        drawn = self.replicates_
        if not len(drawn.intercept):
            return logits, logits
        line = drawn.intercept + linear(features(inputs), drawn.coefficients)
        mixture = linear(raw[:, :-1], self.weights_[:-1])[:, None] + self.weights_[-1] * expit(line)
        spread = calibrated_logit(mixture, drawn.calibrator_intercept, drawn.calibrator_slope)
        low, high = np.quantile(spread, INTERVAL, axis=1)
        return np.minimum(low, logits), np.maximum(high, logits)
