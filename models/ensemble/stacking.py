"""Stacking: how much each member's word counts, learned on origins that it was not fitted on."""

from typing import Self

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import expit, logit

from ewarn.frames.predictions import FloatArray
from models.numeric.calibration import LEAST, raw_logit

# The prior is worth so many outcomes: members fitted on half the past are no safe guide to those
# fitted on all of it, and weights learned freely from them did worse than equal ones (decision 18).
PRIOR_STRENGTH = 400.0


class LogPool:
    """A weighted sum of members' logits, with one intercept: stacking and calibrator in one.

    Weights are never negative. They and the intercept minimise the log score (Yao et al. 2018 for
    stacking by log score), drawn in to `prior` (members,) and 0: for members that are calibrated
    by themselves and agree, that is the identity. `strength` is how many outcomes the prior is
    worth. Learns `weights_` (members,) and `intercept_`.
    """

    def __init__(self, prior: npt.NDArray[np.float64], strength: float = PRIOR_STRENGTH) -> None:
        self.prior = prior
        self.strength = strength

    def fit(self, members: FloatArray, label: FloatArray, weight: FloatArray) -> Self:
        """Learn from probabilities (rows, members) and labels that stand for `weight` rows each."""
        rate = float(np.average(label, weights=weight))
        centre = float(logit(np.clip(rate, LEAST, 1 - LEAST)))
        lines = raw_logit(members) - centre

        def loss(terms: FloatArray) -> tuple[float, FloatArray]:
            line = centre + terms[0] + lines @ terms[1:]
            off = weight * (expit(line) - label)
            drawn = self.strength * (terms - start)
            likelihood = weight @ (np.logaddexp(0, line) - label * line)
            return (
                float(likelihood + 0.5 * drawn @ (terms - start)),
                np.concatenate([[off.sum()], lines.T @ off]) + drawn,
            )

        start = np.concatenate([[0.0], self.prior])
        bounds = [(None, None), *[(0.0, None)] * len(self.prior)]
        found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds).x
        self.weights_: FloatArray = found[1:]
        self.intercept_ = float(found[0] + centre * (1 - self.weights_.sum()))
        return self

    def logit(self, members: FloatArray) -> FloatArray:
        """Logit of the pool of probabilities (..., members), within those of `LEAST`."""
        return pooled_logit(members, self.intercept_, self.weights_)


def pooled_logit(
    members: FloatArray, intercept: FloatArray | float, weights: FloatArray
) -> FloatArray:
    """Logit of a pool of probabilities (..., members), within those of `LEAST`.

    With `weights` (members, replicates), `intercept` (replicates,) and members (..., members,
    replicates) the answer is (..., replicates).
    """
    far = float(logit(1 - LEAST))
    lines = raw_logit(members)
    total = np.zeros(lines.shape[:-1] if weights.ndim == 1 else lines.shape[:-2] + lines.shape[-1:])
    for place, share in enumerate(weights):
        total += share * (lines[..., place] if weights.ndim == 1 else lines[..., place, :])
    return np.clip(intercept + total, -far, far)


def later_folds(
    week: npt.NDArray[np.int64], embargo: int, parts: int = 5, first: int = 1
) -> list[tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]]:
    """Pairs of row positions (to fit on, to judge on) in time order.

    `week` (rows,) numbers the origins. They are cut into `parts` stretches; each from `first` on
    is judged by what ended at least `embargo` weeks before it began.
    """
    distinct = np.unique(week)
    stretches = np.array_split(distinct, parts)[first:]
    return [
        (np.flatnonzero(week + embargo <= stretch[0]), np.flatnonzero(np.isin(week, stretch)))
        for stretch in stretches
        if len(stretch)
    ]
