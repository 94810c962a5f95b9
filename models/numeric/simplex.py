"""Weights of a mixture: non-negative, summing to one, and minimising a small quadratic form."""

import numpy as np
from scipy.optimize import minimize

from ewarn.frames.predictions import FloatArray


def best_weights(
    linear: FloatArray, quadratic: FloatArray, prior: FloatArray, penalty: float
) -> FloatArray:
    """Return non-negative weights w that sum to one and minimise a penalised quadratic form.

    It is w·linear − ½ w·quadratic·w + `penalty` times the squared distance of w to `prior`.
    """

    def loss(weights: FloatArray) -> float:
        away = weights - prior
        return float(weights @ linear - weights @ quadratic @ weights / 2 + penalty * away @ away)

    def slope(weights: FloatArray) -> FloatArray:
        return np.asarray(linear - quadratic @ weights + 2 * penalty * (weights - prior))

    found = minimize(
        loss,
        prior,
        jac=slope,
        method="SLSQP",
        bounds=[(0.0, 1.0)] * len(prior),
        constraints={"type": "eq", "fun": lambda weights: weights.sum() - 1.0},
        options={"ftol": 1e-12, "maxiter": 200},
    )
    weights = np.clip(found.x, 0.0, 1.0)
    return np.asarray(weights / weights.sum())
