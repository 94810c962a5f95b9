"""Invented deployments whose effect is known, for tests and benchmarks."""

from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from ewarn.domain.effect import Study

FIRST_WEEK = date(2015, 1, 5)
WEEKS_BEFORE, WEEKS_DURING = 156, 17


def study(
    seed: int,
    *,
    effect: float = 0.0,
    donors: int = 10,
    shared: float = 0.3,
    own: float = 0.25,
    memory: float = 0.9,
) -> Study:
    """Return a study of overdispersed weekly counts that vary over time, partly with the donors'.

    During the deployment the region's expected count is multiplied by exp(`effect`). `shared` and
    `own` are the standard deviations of the common and own log variation, `memory` is its weekly
    autocorrelation.
    """
    random = np.random.default_rng(seed)
    weeks = WEEKS_BEFORE + WEEKS_DURING
    common = _swings(random, weeks, shared, memory)
    logs = [
        np.log(random.uniform(1, 8))
        + random.uniform(0.5, 1.5) * common
        + _swings(random, weeks, own, memory)
        for _ in range(donors + 1)
    ]
    mean = np.exp(logs)
    mean[0, WEEKS_BEFORE:] *= np.exp(effect)
    counts = random.negative_binomial(2.0, 2.0 / (2.0 + mean))
    region, *others = (tuple(int(count) for count in series) for series in counts)
    start = FIRST_WEEK + timedelta(weeks=WEEKS_BEFORE)
    return Study(
        source="invented",
        region="TGO",
        outcome="force",
        first_week=FIRST_WEEK,
        start=start,
        end=start + timedelta(weeks=WEEKS_DURING),
        counts=region,
        talks=(0,) * weeks,
        donors={f"D{index:02}": series for index, series in enumerate(others)},
    )


def _swings(
    random: np.random.Generator, weeks: int, deviation: float, memory: float
) -> npt.NDArray[np.float64]:
    fresh = random.normal(0, deviation * np.sqrt(1 - memory**2), weeks)
    fresh[0] = random.normal(0, deviation)
    swings = np.empty(weeks)
    level = 0.0
    for week, news in enumerate(fresh):
        level = memory * level + news
        swings[week] = level
    return swings
