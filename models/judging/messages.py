"""Messages: the weeks in which a rule on scores tells people of a region."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from ewarn.domain.rule import Rise
from ewarn.frames.predictions import FloatArray, mean_of_quiet, relative_risk
from models.judging.emergencies import AHEAD_WEEKS
from models.judging.rules import HDX

Mask = npt.NDArray[np.bool_]

PLAIN_THRESHOLD = 0.05  # the band high of countries
RULE = "the rule"  # the one in force, as tables call it


def messages_by_rule(
    columns: Mapping[str, FloatArray],
    quiet: Mask,
    alarms: Mapping[str, Mask],
    rise: Rise | None,
) -> dict[str, Mask]:
    """Messages (weeks, regions) of the rule in force and of a plain threshold on each column of
    probabilities, and of the rules of HDX among those that claim no probability."""
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
    """The messages of a rise on weekly probabilities (weeks, regions), NaN where none was made.

    `quiet` (weeks, regions) says where no lethal event was known of the half year before.
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
    """How many times the mean of its week's quiet regions the probability of each quiet one is
    (weeks, regions); NaN for the others."""
    weeks = zip(probability, quiet, strict=True)
    return np.stack([relative_risk(p, calm, mean_of_quiet(p, calm)) for p, calm in weeks])


def numbers(series: FloatArray) -> list[float | None]:
    """The numbers of a series, None for NaN."""
    return [None if np.isnan(value) else float(value) for value in series]


def crossed(score: FloatArray, threshold: float) -> Mask:
    """The messages of a plain threshold: one when it is reached, and again once the score was a
    fifth below it and eight weeks have passed."""
    told = np.zeros(score.shape, np.bool_)
    last = np.full(score.shape[1], -AHEAD_WEEKS)
    armed = np.ones(score.shape[1], np.bool_)
    for week, row in enumerate(score):
        armed |= row < 0.8 * threshold
        told[week] = (row >= threshold) & armed & (week - last >= AHEAD_WEEKS)
        last[told[week]] = week
        armed &= ~told[week]
    return told
