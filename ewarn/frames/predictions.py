"""What a model answers: one number per region, aligned with the regions it was asked for."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

LEAST_QUIET = 50  # regions: among fewer, one in turmoil would make all others look calm


def unknown(regions: int) -> FloatArray:
    """NaN for each region."""
    return np.full(regions, np.nan)


def mean_of_quiet(probability: FloatArray, quiet: BoolArray) -> float:
    """Mean probability of the regions that are quiet; NaN where fewer than fifty are.

    `quiet` says of each region whether no lethal event is known of its last half year.
    """
    known = probability[quiet & ~np.isnan(probability)]
    return float(known.mean()) if len(known) >= LEAST_QUIET else float("nan")


def relative_risk(probability: FloatArray, quiet: BoolArray, mean: float) -> FloatArray:
    """How many times `mean`, that of all quiet regions, the probability of each quiet one is; NaN
    for the others, and where there is no mean above 0."""
    return np.where(quiet, probability / mean, np.nan) if mean > 0 else unknown(len(probability))


@dataclass(frozen=True, slots=True)
class Prediction:
    """A model's answer at the origin of the panel it was given, float64 (regions,) each.

    `probability` of the target in the horizon, with its 90% interval `low`, `high`: NaN where
    the model claims none. `expected` and `upper` bound the target's own series in the last
    observed week, `observed` is what was seen there (NaN where the week was not observed).
    `members` are the probabilities of the models inside an ensemble. `p_value` is a detector's
    mid-p-value of what was observed, and `false_discovery` that value adjusted after Benjamini &
    Hochberg over the regions: the share of mistaken alarms to expect where a region and all that
    are more surprising alarm. `quiet`, bool (regions,), says where no lethal event is known of the
    last half year; None where a model does not say.
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
