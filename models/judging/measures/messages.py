"""Messages: the weeks in which a rule on scores notifies people about a region."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from ewarn.domain.rule import Rise
from ewarn.frames.predictions import FloatArray, mean_of_quiet, relative_risk
from models.judging.measures.emergencies import AHEAD_WEEKS
from models.judging.measures.rules import HDX

Mask = npt.NDArray[np.bool_]

PLAIN_THRESHOLD = 0.05  # the band high of countries
RULE = "the rule"  # name of the rule in force in tables


def messages_by_rule(
    columns: Mapping[str, FloatArray],
    quiet: Mask,
    alarms: Mapping[str, Mask],
    rise: Rise | None,
) -> dict[str, Mask]:
    """Return the messages (weeks, regions) of each rule by name.

    The rules are the rule in force and a plain threshold, both on each column of probabilities, and
    those of `alarms` that are rules of HDX.
    """
    told: dict[str, Mask] = {}
    for name, probability in columns.items():
        if rise is not None:
            told[f"{name}, {RULE}"] = risen(probability, quiet, rise)
        told[f"{name}, at {PLAIN_THRESHOLD:g}"] = crossed(probability, PLAIN_THRESHOLD)
    for name, alarm in alarms.items():
        if name in HDX:
            told[name] = crossed(alarm.astype(np.float64), 0.5)
    return told


def risen(probability: FloatArray, quiet: Mask, rise: Rise) -> Mask:
    """Return the messages of a rise on weekly probabilities (weeks, regions).

    Args:
        probability: NaN where there is none.
        quiet: Whether no lethal event was known in the half year before, (weeks, regions).
    """
    told = np.zeros(probability.shape, np.bool_)
    relative = relative_risks(probability, quiet)
    for region in range(probability.shape[1]):
        series, risk = numbers(probability[:, region]), numbers(relative[:, region])
        last: tuple[int, float] | None = None
        for week, value in enumerate(series):
            before = series[max(week - rise.weeks, 0) : week][::-1]
            warned = None if last is None else (week - last[0], last[1])
            if value is not None and rise.is_news(value, before, warned, risk[week]):
                told[week, region], last = True, (week, value)
    return told


def relative_risks(probability: FloatArray, quiet: Mask) -> FloatArray:
    """Return the relative risk of each quiet region (weeks, regions), NaN for the others.

    It is the probability of the region over the mean of all quiet regions in the same week.
    """
    weeks = zip(probability, quiet, strict=True)
    return np.stack([relative_risk(p, calm, mean_of_quiet(p, calm)) for p, calm in weeks])


def numbers(series: FloatArray) -> list[float | None]:
    """Return the numbers of a series, None for NaN."""
    return [None if np.isnan(value) else float(value) for value in series]


def crossed(score: FloatArray, threshold: float) -> Mask:
    """Return the messages of a plain threshold.

    A message is sent when the score reaches the threshold. The next one is sent only if the score
    has been at least a fifth below the threshold since, and eight weeks have passed.
    """
    told = np.zeros(score.shape, np.bool_)
    last = np.full(score.shape[1], -AHEAD_WEEKS)
    armed = np.ones(score.shape[1], np.bool_)
    for week, row in enumerate(score):
        armed |= row < 0.8 * threshold
        told[week] = (row >= threshold) & armed & (week - last >= AHEAD_WEEKS)
        last[told[week]] = week
        armed &= ~told[week]
    return told
