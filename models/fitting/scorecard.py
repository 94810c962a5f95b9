"""How good scores proved to be: outcomes, proper scores, reliability, Poisson intervals.

Implements `ewarn.ports.Judge`.
"""

import math
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

import numpy as np
from scipy.stats import chi2
from statsmodels.tools.sm_exceptions import PerfectSeparationWarning

from ewarn.domain.fit import Purpose
from ewarn.frames.panel import Panel
from ewarn.frames.predictions import FloatArray
from models.fitting.message_card import messages_told
from models.inputs.inputs import positions
from models.inputs.targets import bar, labels, was_observed
from models.judging.skill import skill
from models.numeric.intervals import INTERVAL

# Outcomes are rare: equal bins of probability would hold nearly everything in the first.
BIN_EDGES = (0.0, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0)


class Scorecard:
    """Judges scores by the targets' own definitions."""

    def outcomes(
        self, known: Panel, ahead: Panel, regions: Sequence[str], purpose: Purpose
    ) -> list[bool | None]:
        """Whether the weeks of `ahead` reached the bar that `known` set, region by region.

        None where a week was not observed, even if what was seen reached the bar: scores told of
        such weeks only where the outcome came would make every model look timid.
        """
        source, target, weeks = purpose.source, purpose.target, purpose.horizon_weeks
        bars = bar(known, source, target, weeks)[positions(known, regions)]
        reached = labels(ahead, ahead.first_week, regions, bars, source, target, weeks)
        seen = np.all(was_observed(ahead, source, target)[:, positions(ahead, regions)], axis=0)
        return [bool(yes) if watched else None for yes, watched in zip(reached, seen, strict=True)]

    def figures(self, probability: FloatArray, outcome: FloatArray) -> dict[str, Any]:
        """Figures of `skill`, calibration in the large, and reliability by bins."""
        return scores_of(probability, outcome) | {
            "mean_probability": _number(probability.mean()),
            "calibration_in_the_large": _number(probability.mean() - outcome.mean()),
            "reliability": reliability(probability, outcome),
        }

    def interval(self, count: int) -> tuple[float, float]:
        """The exact 90% interval of a Poisson expectation (Garwood 1936)."""
        low = chi2.ppf(INTERVAL[0], 2 * count) / 2 if count else 0.0
        return round(float(low), 2), round(float(chi2.ppf(INTERVAL[1], 2 * count + 2) / 2), 2)

    def messages(
        self,
        final: Panel,
        purpose: Purpose,
        probability: Mapping[date, Mapping[str, float | None]],
        told: Mapping[str, Sequence[tuple[str, date]]],
    ) -> dict[str, Any]:
        """The table of messages, with intervals by country."""
        return messages_told(final, purpose, probability, told)


def scores_of(probability: FloatArray, outcome: FloatArray) -> dict[str, float | None]:
    """The figures of `skill` by name; None where only one outcome occurred."""
    with warnings.catch_warnings():
        # A month may hold a single outcome, which any line through it foretells.
        warnings.simplefilter("ignore", PerfectSeparationWarning)
        found = skill(probability, outcome)
    return {name: _number(value) for name, value in asdict(found).items()}


def reliability(probability: FloatArray, outcome: FloatArray) -> list[dict[str, float | int]]:
    """What was said and what came, for each bin that holds a score."""
    number = np.digitize(probability, BIN_EDGES[1:-1])
    found: list[dict[str, float | int]] = []
    for place in sorted(set(number.tolist())):
        inside = np.asarray(number == place)
        found.append(
            {
                "from": BIN_EDGES[place],
                "to": BIN_EDGES[place + 1],
                "scores": int(inside.sum()),
                "mean_probability": round(float(probability[inside].mean()), 6),
                "share": round(float(outcome[inside].mean()), 6),
            }
        )
    return found


def _number(value: float) -> float | None:
    """Six decimals; JSON has no NaN."""
    if isinstance(value, int):
        return value
    return None if math.isnan(value) else round(float(value), 6)
