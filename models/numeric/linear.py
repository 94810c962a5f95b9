"""Sums of features times coefficients whose rounding does not depend on the order of rows."""

import numpy as np

from ewarn.frames.predictions import FloatArray


def linear(vectors: FloatArray, coefficients: FloatArray) -> FloatArray:
    """Sum of features times coefficients, one feature after the other.

    A matrix product may round a row differently with its place in the matrix; this does not, so
    a region's score does not depend on the order of regions. `coefficients` is (features,) or
    (features, replicates); the result (...) or (..., replicates).
    """
    total = np.zeros(vectors.shape[:-1] + coefficients.shape[1:])
    for index, coefficient in enumerate(coefficients):
        column = vectors[..., index]
        total += column[..., None] * coefficient if coefficients.ndim > 1 else column * coefficient
    return total
