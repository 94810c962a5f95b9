"""Evaluation of scores that were served: outcomes, proper scores, reliability, Poisson intervals.

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
from models.fitting.message_card import sent_message_table
from models.inputs.inputs import positions
from models.inputs.targets import bar, labels, was_observed
from models.judging.measures.skill import skill
from models.numeric.intervals import INTERVAL

# Outcomes are rare, so with bins of equal width nearly all scores would be in the first.
BIN_EDGES = (0.0, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0)


class Scorecard:
    """Evaluates scores by the targets' own definitions."""

    def outcomes(
        self, known: Panel, ahead: Panel, regions: Sequence[str], purpose: Purpose
    ) -> list[bool | None]:
        """Return whether the weeks of `ahead` reached the bar computed from `known`, by region.

        It is None where a week was not observed, even if the observed events reached the bar.
        Otherwise such weeks would count only with an outcome, and every model would look too low.
        """
        source, target, weeks = purpose.source, purpose.target, purpose.horizon_weeks
        bars = bar(known, source, target, weeks)[positions(known, regions)]
        reached = labels(ahead, ahead.first_week, regions, bars, source, target, weeks)
        seen = np.all(was_observed(ahead, source, target)[:, positions(ahead, regions)], axis=0)
        return [bool(yes) if watched else None for yes, watched in zip(reached, seen, strict=True)]

    def figures(self, probability: FloatArray, outcome: FloatArray) -> dict[str, Any]:
        """Return the figures of `skill`, calibration in the large, and reliability by bins."""
        return scores_of(probability, outcome) | {
            "mean_probability": _number(probability.mean()),
            "calibration_in_the_large": _number(probability.mean() - outcome.mean()),
            "reliability": reliability(probability, outcome),
        }

    def interval(self, count: int) -> tuple[float, float]:
        """Return the exact 90% interval of a Poisson expectation (Garwood 1936)."""
        low = chi2.ppf(INTERVAL[0], 2 * count) / 2 if count else 0.0
        return round(float(low), 2), round(float(chi2.ppf(INTERVAL[1], 2 * count + 2) / 2), 2)

    def messages(
        self,
        final: Panel,
        purpose: Purpose,
        probability: Mapping[date, Mapping[str, float | None]],
        messages: Mapping[str, Sequence[tuple[str, date]]],
    ) -> dict[str, Any]:
        """Return the table of messages, with intervals by country."""
        return sent_message_table(final, purpose, probability, messages)


def scores_of(probability: FloatArray, outcome: FloatArray) -> dict[str, float | None]:
    """Return the figures of `skill` by name, None for those that do not exist."""
    with warnings.catch_warnings():
        # A month may hold a single outcome, which the calibration line then separates perfectly.
        warnings.simplefilter("ignore", PerfectSeparationWarning)
        found = skill(probability, outcome)
    return {name: _number(value) for name, value in asdict(found).items()}


def reliability(probability: FloatArray, outcome: FloatArray) -> list[dict[str, float | int]]:
    """Return mean probability and share of outcomes for each bin that contains a score."""
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
    """Round to six decimals. NaN becomes None, as JSON has no NaN."""
    if isinstance(value, int):
        return value
    return None if math.isnan(value) else round(float(value), 6)
