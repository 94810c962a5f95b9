"""Stacking: the weights of members, fitted on origins that the members were not fitted on."""

from typing import Self

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import expit, logit

from ewarn.frames.predictions import FloatArray
from models.numeric.calibration import LEAST, raw_logit

# The prior has the weight of so many outcomes. Members fitted on half the past differ from those
# fitted on all of it, and weights fitted without a prior did worse than equal ones (decision 18).
PRIOR_STRENGTH = 400.0


class LogPool:
    """A weighted sum of members' logits with an intercept, which stacks and calibrates them.

    Fitting sets `weights_` (members,), which are never negative, and `intercept_`. They minimise
    the log score (Yao et al. 2018 for stacking by log score) with a penalty towards `prior` for the
    weights and 0 for the intercept. For members that are calibrated and agree, this prior is the
    identity.

    Args:
        prior: Prior weights (members,).
        strength: Number of outcomes whose weight the prior has.
    """

    def __init__(self, prior: npt.NDArray[np.float64], strength: float = PRIOR_STRENGTH) -> None:
        self.prior = prior
        self.strength = strength

    def fit(self, members: FloatArray, label: FloatArray, weight: FloatArray) -> Self:
        """Fit on probabilities (rows, members) and labels that count as `weight` rows each."""
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
        """Return the logit of the pool of probabilities (..., members), limited by `LEAST`."""
        return pooled_logit(members, self.intercept_, self.weights_)


def pooled_logit(
    members: FloatArray, intercept: FloatArray | float, weights: FloatArray
) -> FloatArray:
    """Return the logit of a pool of probabilities (..., members), limited by `LEAST`.

    With `weights` (members, replicates), `intercept` (replicates,) and members (..., members,
    replicates), the result is (..., replicates).
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
    """Return pairs of row positions (to fit on, to evaluate on) in time order.

    Args:
        week: Number of each row's origin (rows,). Origins are divided into `parts` stretches.
        embargo: Weeks that must be between the origins of a fit and the start of the stretch that
            it is evaluated on.
        first: Index of the first stretch to evaluate on.
    """
    distinct = np.unique(week)
    stretches = np.array_split(distinct, parts)[first:]
    return [
        (np.flatnonzero(week + embargo <= stretch[0]), np.flatnonzero(np.isin(week, stretch)))
        for stretch in stretches
        if len(stretch)
    ]
