"""What a model answers: one number per region, aligned with the regions it was asked for."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]


def unknown(regions: int) -> FloatArray:
    """NaN for each region."""
    return np.full(regions, np.nan)


@dataclass(frozen=True, slots=True)
class Prediction:
    """A model's answer at the origin of the panel it was given, float64 (regions,) each.

    `probability` of the target in the horizon, with its 90% interval `low`, `high`: NaN where
    the model claims none. `expected` and `upper` bound the target's own series in the last
    observed week, `observed` is what was seen there (NaN where the week was not observed).
    `members` are the probabilities of the models inside an ensemble. `p_value` is a detector's
    mid-p-value of what was observed, and `false_discovery` that value adjusted after Benjamini &
    Hochberg over the regions: the share of mistaken alarms to expect where a region and all that
    are more surprising alarm.
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

    def __post_init__(self) -> None:
        for name in ("probability", "low", "high", "expected", "upper", "observed"):
            if getattr(self, name).shape != (len(self.regions),):
                raise ValueError(f"{name} does not hold one number per region")
