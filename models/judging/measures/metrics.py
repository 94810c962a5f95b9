"""Figures that compare probabilities with outcomes, for any draw of countries.

Each figure depends on the rows only through sums over countries (and, for ranks, counts). So a
thousand draws of countries cost little more than one.

The figures are the Brier score with its parts (Murphy 1973) over ten bins, each half as large as
the one below it; the log score (natural logarithm, mean, 0 is best); AUC and average precision;
slope and intercept of a logistic line of outcomes on the logit (Cox 1958); and mean probability
over base rate. Accuracy is not among them, because a model that always says "never" has 98% of it.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy.special import expit, logit

from ewarn.frames.predictions import FloatArray
from models.judging.measures.ranking import Ranking

HALVING = tuple(1 - 0.5**power for power in range(1, 10))
LINE_BINS = 200
ROUNDS = 30
SETTLED = 1e-9  # a line whose last step is smaller has converged
LEAST = 1e-6  # least probability for log scores and logits, so that they are finite

Index = npt.NDArray[np.int64]
Figures = dict[str, FloatArray]


@dataclass(frozen=True)
class LabelledRows:
    """Probabilities (rows,), labels of 0 and 1, and countries numbered from 0 below `countries`."""

    probability: FloatArray
    label: FloatArray
    country: Index
    countries: int

    def figures(self, draws: FloatArray) -> Figures:
        """Return every figure of each draw, by name, (draws,), NaN where it does not exist.

        `draws` (draws, countries) is how often each country is in each draw.
        """
        rows = draws @ self._by_country(np.ones_like(self.label))
        positives = draws @ self._by_country(self.label)
        base = _over(positives, rows)
        mean = _over(draws @ self._by_country(self.probability), rows)
        brier = _over(draws @ self._by_country((self.probability - self.label) ** 2), rows)
        log_score = _over(draws @ self._by_country(self._log_scores), rows)
        reliability, resolution = self._parts(draws, rows, base)
        uncertainty = base * (1 - base)
        slope, intercept = self._line(draws)
        return {
            "rows": rows,
            "positives": positives,
            "base_rate": base,
            "mean_probability": mean,
            "mean_over_base": _over(mean, base),
            "brier": brier,
            "brier_skill": 1 - _over(brier, uncertainty),
            "reliability": reliability,
            "resolution": resolution,
            "uncertainty": uncertainty,
            "log_score": log_score,
            "auc": self.ranking.auc(draws),
            "average_precision": self.ranking.average_precision(draws),
            "calibration_slope": slope,
            "calibration_intercept": intercept,
        }

    @cached_property
    def ranking(self) -> Ranking:
        """The counts that figures of ranks are computed from."""
        return Ranking.of(self.probability, self.label, self.country, self.countries)

    def bins(self) -> list[dict[str, float]]:
        """Return the bins of a reliability diagram: rows, mean probability, share of outcomes."""
        bin_ = halving_bins(self.probability)
        number = int(bin_.max()) + 1 if len(bin_) else 0
        rows = np.bincount(bin_, minlength=number)
        mean = np.bincount(bin_, self.probability, minlength=number) / rows
        share = np.bincount(bin_, self.label, minlength=number) / rows
        return [
            {"rows": int(n), "probability": float(p), "outcomes": float(y)}
            for n, p, y in zip(rows, mean, share, strict=True)
        ]

    def _by_country(self, values: FloatArray) -> FloatArray:
        found = np.bincount(self.country, values, minlength=self.countries)
        return found.astype(np.float64)

    @property
    def _log_scores(self) -> FloatArray:
        inside = np.clip(self.probability, LEAST, 1 - LEAST)
        return np.where(self.label > 0, np.log(inside), np.log1p(-inside))

    def _cells(self, bin_: Index, values: FloatArray) -> FloatArray:
        """Return the sums of values in each country and bin (countries, bins)."""
        bins = int(bin_.max()) + 1 if len(bin_) else 1
        flat = np.bincount(self.country * bins + bin_, values, minlength=self.countries * bins)
        return flat.astype(np.float64).reshape(self.countries, bins)

    def _parts(
        self, draws: FloatArray, rows: FloatArray, base: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Return reliability and resolution of the Brier score over the bins of the diagram."""
        bin_ = halving_bins(self.probability)
        number = draws @ self._cells(bin_, np.ones_like(self.label))
        mean = _over(draws @ self._cells(bin_, self.probability), number, empty=0.0)
        share = _over(draws @ self._cells(bin_, self.label), number, empty=0.0)
        reliability = _over((number * (mean - share) ** 2).sum(axis=1), rows)
        resolution = _over((number * (share - base[:, None]) ** 2).sum(axis=1), rows)
        return reliability, resolution

    def _line(self, draws: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return slope and intercept of the calibration line, by bins of the logit."""
        nothing = np.full(len(draws), np.nan)
        if not 0 < self.label.sum() < len(self.label) or np.ptp(self.probability) == 0:
            return nothing, nothing
        line = logit(np.clip(self.probability, LEAST, 1 - LEAST))
        bin_ = fine_bins(line)
        rows = np.bincount(bin_)
        centre = np.bincount(bin_, line) / rows
        number = draws @ self._cells(bin_, np.ones_like(line))
        positive = draws @ self._cells(bin_, self.label)
        return logistic_line(centre, number, positive)


def logistic_line(
    centre: FloatArray, number: FloatArray, positive: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return the maximum-likelihood slope and intercept (draws,) of outcomes on the bins' centres.

    It uses Newton's method. Long steps are shortened, and a step that lowers the likelihood is
    halved.

    Args:
        centre: Logit of each bin (bins,).
        number: Rows of each bin (draws, bins).
        positive: Positive outcomes of each bin (draws, bins).

    Returns:
        NaN where a draw has a single outcome or a single bin, and where the likelihood has no
        maximum because a centre separates the outcomes, so that every steeper line is better.
    """
    total, hits = number.sum(axis=1), positive.sum(axis=1)
    mean = _over((number * centre).sum(axis=1), total, empty=0.0)[:, None]
    spread = np.sqrt(_over((number * (centre - mean) ** 2).sum(axis=1), total, empty=0.0))
    fine = (hits > 0) & (hits < total) & (spread > 1e-5)
    unit = np.where(fine, spread, 1.0)
    x = (centre - mean) / unit[:, None]  # so that the length of a step does not depend on scale
    share = np.where(fine, hits / np.maximum(total, 1.0), 0.5)
    line = np.stack([logit(share), np.zeros(len(number))])
    height = _likelihood(line, x, number, positive)
    settled, cut = ~fine, np.ones(len(number))
    for _ in range(ROUNDS):
        step, size = _newton(line, x, number, positive)
        ahead = line + np.where(settled, 0.0, cut * np.minimum(1, 2 / np.maximum(size, 2))) * step
        higher = _likelihood(ahead, x, number, positive)
        up = higher >= height - 1e-12 * np.abs(height)
        line, height = np.where(up, ahead, line), np.where(up, higher, height)
        cut = np.where(up, 1.0, cut / 2)
        settled |= size <= SETTLED
        if settled.all():
            break
    found = fine & settled
    slope = line[1] / unit
    intercept = line[0] - slope * mean[:, 0]
    return np.where(found, slope, np.nan), np.where(found, intercept, np.nan)


def _newton(
    line: FloatArray, x: FloatArray, number: FloatArray, positive: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return Newton's step (2, draws) from intercepts and slopes `line` (2, draws), and its size.

    The size (draws,) is infinite where the likelihood is flat.
    """
    fitted = expit(line[0][:, None] + line[1][:, None] * x)
    excess, weight = positive - number * fitted, number * fitted * (1 - fitted)
    one, first, second = weight.sum(1), (weight * x).sum(1), (weight * x**2).sum(1)
    up, along = excess.sum(1), (excess * x).sum(1)
    determinant = one * second - first * first
    flat = determinant <= 0
    step = np.stack([second * up - first * along, one * along - first * up])
    step = np.where(flat, 0.0, step / np.where(flat, 1.0, determinant))
    return step, np.where(flat, np.inf, np.abs(step).max(axis=0))


def _likelihood(
    line: FloatArray, x: FloatArray, number: FloatArray, positive: FloatArray
) -> FloatArray:
    """Return the log-likelihood (draws,) of intercepts and slopes `line` (2, draws)."""
    said = line[0][:, None] + line[1][:, None] * x
    return np.asarray((positive * said - number * np.logaddexp(0, said)).sum(axis=1))


def halving_bins(values: FloatArray) -> Index:
    """Return the bin of each value, where each bin is half as large as the one below it.

    So the highest probabilities, which matter most, have the finest bins.
    """
    return _cut(values, np.quantile(values, HALVING) if len(values) else values)


def fine_bins(values: FloatArray) -> Index:
    """Return the bin of each value, with edges at quantiles of all and of the distinct values."""
    places = np.linspace(0, 1, LINE_BINS + 1)[1:-1]
    both = [np.quantile(values, places), np.quantile(np.unique(values), places)]
    return _cut(values, np.concatenate(both))


def _cut(values: FloatArray, edges: FloatArray) -> Index:
    """Return the bin of each value between edges. Empty bins are left out of the numbering."""
    found = np.searchsorted(np.unique(edges), values, side="right")
    return np.unique(found, return_inverse=True)[1].astype(np.int64)


def _over(part: FloatArray, whole: FloatArray, empty: float = np.nan) -> FloatArray:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(whole > 0, part / whole, empty))


def compared(ours: Figures, theirs: Figures) -> Figures:
    """Return differences and ratios between two models on the same rows and draws.

    Positive differences and ratios above one mean that ours is better. `brier_gain` is the other's
    score minus ours, `log_gain` is ours minus the other's.
    """
    return {
        "auc_difference": ours["auc"] - theirs["auc"],
        "average_precision_difference": ours["average_precision"] - theirs["average_precision"],
        "average_precision_ratio": _over(ours["average_precision"], theirs["average_precision"]),
        "brier_skill_difference": ours["brier_skill"] - theirs["brier_skill"],
        "brier_gain": theirs["brier"] - ours["brier"],
        "skill_over_it": 1 - _over(ours["brier"], theirs["brier"]),
        "log_gain": ours["log_score"] - theirs["log_score"],
    }
