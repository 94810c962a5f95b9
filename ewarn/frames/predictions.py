"""A model's prediction: one number per region, aligned with the requested regions."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

LEAST_QUIET = 50  # regions: with fewer, a single one in turmoil would make all others look calm


def unknown(regions: int) -> FloatArray:
    """Return NaN for each region."""
    return np.full(regions, np.nan)


def mean_of_quiet(probability: FloatArray, quiet: BoolArray) -> float:
    """Return the mean probability of the quiet regions, or NaN if fewer than fifty are quiet.

    A region is quiet if no lethal event is known in its last half year.
    """
    known = probability[quiet & ~np.isnan(probability)]
    return float(known.mean()) if len(known) >= LEAST_QUIET else float("nan")


def relative_risk(probability: FloatArray, quiet: BoolArray, mean: float) -> FloatArray:
    """Return each quiet region's probability divided by `mean`, the mean of all quiet regions.

    It is NaN for the other regions, and for all regions if there is no mean above 0.
    """
    return np.where(quiet, probability / mean, np.nan) if mean > 0 else unknown(len(probability))


@dataclass(frozen=True, slots=True)
class Prediction:
    """A model's prediction at the origin of its panel, float64 (regions,) each.

    `probability` is that of the target within the horizon, and `low` and `high` are its 90%
    interval; they are NaN if the model gives none. `expected` is the expected value and `upper` the
    upper bound of the target's own series in the last week; `observed` is the value observed in it
    (NaN if the week was not observed). `members` are the probabilities of the models in an
    ensemble. `p_value` is a detector's mid-p-value of the observed value, and `false_discovery` is
    that p-value adjusted over the regions by the method of Benjamini & Hochberg: the share of false
    alarms to expect if this region and all more surprising ones raise an alarm. `quiet`, bool
    (regions,), is true where no lethal event is known in the last half year; None if the model does
    not give it.
    """

    regions: tuple[str, ...]
    probability: FloatArray
    low: FloatArray
    high: FloatArray
    expected: FloatArray
    upper: FloatArray
    observed: FloatArray
    members: dict[str, FloatArray] = field(default_factory=dict)
    p_value: FloatArray | None = None
    false_discovery: FloatArray | None = None
    quiet: BoolArray | None = None

    def __post_init__(self) -> None:
        for name in ("probability", "low", "high", "expected", "upper", "observed"):
            if getattr(self, name).shape != (len(self.regions),):
                raise ValueError(f"{name} does not hold one number per region")
