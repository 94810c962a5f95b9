"""Sums of features times coefficients, with a rounding that does not depend on other rows."""

import numpy as np

from ewarn.frames.predictions import FloatArray


def linear(vectors: FloatArray, coefficients: FloatArray) -> FloatArray:
    """Return the sum of features times coefficients, adding one feature after the other.

    A matrix product may round a row differently depending on its place in the matrix. This function
    does not, so a region's score does not depend on the order of regions.

    Args:
        vectors: (..., features).
        coefficients: (features,) or (features, replicates).

    Returns:
        (...) or (..., replicates).
    """
    total = np.zeros(vectors.shape[:-1] + coefficients.shape[1:])
    for index, coefficient in enumerate(coefficients):
        column = vectors[..., index]
        total += column[..., None] * coefficient if coefficients.ndim > 1 else column * coefficient
    return total
