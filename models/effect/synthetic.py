"""Synthetic control: the region compared with a mixture of donors that was similar before.

The weights are non-negative and sum to one (Abadie, Diamond & Hainmueller 2010). They are fitted on
four-week sums before the deployment, with a small penalty towards equal weights. The estimate is
the change of the ratio of region to mixture. Its interval comes from the same computation for every
donor, which had no deployment, and for earlier weeks of the region.
"""

from collections.abc import Mapping

import numpy as np

from ewarn.domain.effect import Estimate
from ewarn.frames.predictions import FloatArray
from models.effect.interrupted import (
    HALF,
    estimate_of,
    log_change,
    placebos_in_time,
    sampling_error,
)
from models.numeric.simplex import best_weights

NAME = "synthetic control"
FEWEST_DONORS = 5
FEWEST_EVENTS = 10
SEEN = 0.9
BLOCK = 4
PENALTY = 0.02


def usable(donors: Mapping[str, FloatArray], weeks_before: int) -> dict[str, FloatArray]:
    """Return donors with ten events before, and 90% of weeks observed before and during."""
    return {
        name: counts
        for name, counts in donors.items()
        if np.nansum(counts[:weeks_before]) >= FEWEST_EVENTS
        and (~np.isnan(counts[:weeks_before])).mean() >= SEEN
        and (~np.isnan(counts[weeks_before:])).mean() >= SEEN
    }


def synthetic(
    counts: FloatArray, donors: Mapping[str, FloatArray], weeks_before: int
) -> tuple[Estimate, dict[str, float]]:
    """Return the estimate for counts (weeks,) and the donors' weights, from at least two donors."""
    names = sorted(donors)
    others = np.stack([_filled(donors[name]) for name in names])
    region = _filled(counts)
    weights = _weights(region[:weeks_before], others[:, :weeks_before])
    change = _gap(region, weights @ others, weeks_before)
    elsewhere = np.array([_placebo(index, others, weeks_before) for index in range(len(names))])
    length = len(counts) - weeks_before
    mixture = weights @ others
    earlier = placebos_in_time(region[:weeks_before], length) - placebos_in_time(
        mixture[:weeks_before], length
    )
    error = max(
        float(np.sqrt((elsewhere**2).mean())),
        float(np.sqrt((earlier**2).mean())) if len(earlier) else 0.0,
        sampling_error(region[weeks_before:].sum(), mixture[weeks_before:].sum()),
    )
    found = estimate_of(NAME, change, error, elsewhere, len(names) - 1)
    return found, dict(zip(names, weights.tolist(), strict=True))


def _placebo(index: int, donors: FloatArray, weeks_before: int) -> float:
    """Return the change of one donor relative to a mixture of the others."""
    rest = np.delete(donors, index, axis=0)
    weights = _weights(donors[index, :weeks_before], rest[:, :weeks_before])
    return _gap(donors[index], weights @ rest, weeks_before)


def _gap(region: FloatArray, mixture: FloatArray, weeks_before: int) -> float:
    """Return the log change of the region's level minus that of the mixture's."""
    own = log_change(region[:weeks_before], region[weeks_before:])
    return own - log_change(mixture[:weeks_before], mixture[weeks_before:])


def _weights(region: FloatArray, donors: FloatArray) -> FloatArray:
    """Fit the weights on four-week sums of the time before, each series divided by its mean."""
    blocks = len(region) // BLOCK
    series = np.vstack([region, donors])[:, -blocks * BLOCK :]
    sums = series.reshape(len(series), blocks, BLOCK).sum(axis=2)
    sums = sums / np.maximum(sums.mean(axis=1, keepdims=True), HALF)
    wanted, offered = sums[0], sums[1:]
    equal = np.full(len(offered), 1 / len(offered))
    return best_weights(
        -2 * offered @ wanted / blocks, -2 * offered @ offered.T / blocks, equal, PENALTY
    )


def _filled(counts: FloatArray) -> FloatArray:
    """Replace weeks that were not observed by the mean of the others, which adds no information."""
    return np.where(np.isnan(counts), np.nanmean(counts), counts)
