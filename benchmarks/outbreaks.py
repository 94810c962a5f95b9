"""Simulated weekly counts with outbreaks, after Noufaily et al. (2013), section 3.

Seven levels of counts, each with and without a trend and with and without a season, make 28
scenarios of 624 weeks. Counts are negative binomial with variance φ times the mean. Weeks 313-575
hold four past outbreaks, and weeks 576-624 one current outbreak. The number of its cases is Poisson
with mean k times the standard deviation of the baseline, and they are spread over weeks by a
lognormal (0, 0.5).

The parameters are the paper's table as given by a public replication (GitHub, telkamp7/AEDDO,
`src/simulation`). So are the values of k: 2, 3, 5 or 10 for past outbreaks, 1 to 10 for the
current one. Where the paper is ambiguous, we chose this: the standard deviation is the model's in
the outbreak's first week, and cases after the last week are left out of the series (the replication
adds them to the last week).
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

WEEKS = 624
PAST = range(312, 575)  # 0-based weeks in which past outbreaks begin
CURRENT = range(575, 624)
PAST_OUTBREAKS = 4
PAST_K = (2, 3, 5, 10)
CURRENT_K = range(1, 11)
SPREAD = 0.5
REPLICATES = 40
YEAR = 52


class Level(NamedTuple):
    """Parameters of a level: log of the baseline, its trend a week, its season and dispersion."""

    theta: float
    beta: float
    cosine: float
    sine: float
    phi: float


LEVELS = (
    Level(0.1, 0.0025, 0.6, 0.6, 1.5),
    Level(-2.0, 0.005, 0.1, 0.3, 2.0),
    Level(1.5, 0.003, 0.2, -0.4, 1.0),
    Level(0.5, 0.002, 0.5, 0.5, 5.0),
    Level(2.5, 0.001, 1.0, 0.1, 3.0),
    Level(3.75, 0.001, 0.1, -0.1, 1.1),
    Level(5.0, 0.0001, 0.05, 0.01, 1.2),
)
SCENARIOS = tuple(
    (level, trend, season) for level in LEVELS for trend in (0, 1) for season in (0, 1)
)


@dataclass(frozen=True)
class Simulated:
    """Simulated counts (weeks, series), with the cases of the current outbreak kept separate.

    `scenario`, `begins` and `k` (series,) are the scenario and the first week and size of the
    current outbreak, whose cases are `cases` (weeks, series).
    """

    clean: npt.NDArray[np.int64]
    cases: npt.NDArray[np.int64]
    scenario: npt.NDArray[np.int64]
    k: npt.NDArray[np.int64]

    @property
    def counts(self) -> npt.NDArray[np.int64]:
        """Counts including the current outbreak, (weeks, series)."""
        return self.clean + self.cases


def simulate(seed: int, replicates: int = REPLICATES) -> Simulated:
    """Simulate `replicates` series of each scenario."""
    random = np.random.default_rng(seed)
    scenario = np.repeat(np.arange(len(SCENARIOS)), replicates)
    mean, phi = _mean(scenario)
    clean = _baseline(random, mean, phi)
    for _ in range(PAST_OUTBREAKS):
        begins = random.integers(PAST.start, PAST.stop, len(scenario))
        clean += _outbreak(random, begins, random.choice(PAST_K, len(scenario)), mean, phi)
    begins = random.integers(CURRENT.start, CURRENT.stop, len(scenario))
    k = random.integers(CURRENT_K.start, CURRENT_K.stop, len(scenario))
    return Simulated(clean, _outbreak(random, begins, k, mean, phi), scenario, k)


def _mean(
    scenario: npt.NDArray[np.int64],
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return means (weeks, series) and dispersions (series,)."""
    week = np.arange(1, WEEKS + 1)[:, None]
    theta, beta, cosine, sine, phi, trend, season = np.array(
        [(*level, trend, season) for level, trend, season in SCENARIOS]
    )[scenario].T
    angle = 2 * np.pi * week / YEAR
    wave = season * (cosine * np.cos(angle) + sine * np.sin(angle))
    return np.exp(theta + trend * beta * week + wave), phi


def _baseline(
    random: np.random.Generator, mean: npt.NDArray[np.float64], phi: npt.NDArray[np.float64]
) -> npt.NDArray[np.int64]:
    excess = np.maximum(phi - 1, 1e-9)
    level = np.where(phi > 1, random.gamma(mean / excess, excess), mean)
    return np.asarray(random.poisson(level), dtype=np.int64)


def _outbreak(
    random: np.random.Generator,
    begins: npt.NDArray[np.int64],
    k: npt.NDArray[np.int64],
    mean: npt.NDArray[np.float64],
    phi: npt.NDArray[np.float64],
) -> npt.NDArray[np.int64]:
    """Simulate the cases of one outbreak in each series, (weeks, series)."""
    series = np.arange(len(begins))
    size = random.poisson(k * np.sqrt(phi * mean[begins, series]))
    at = np.repeat(series, size)
    week = begins[at] + np.floor(random.lognormal(0, SPREAD, len(at))).astype(np.int64)
    cases = np.zeros(mean.shape, dtype=np.int64)
    inside = week < WEEKS
    np.add.at(cases, (week[inside], at[inside]), 1)
    return cases
