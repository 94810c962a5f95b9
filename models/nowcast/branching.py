"""The branching ratio: how many further events one event causes. Near 1 a process is explosive.

The model is a multivariate self-exciting process in discrete time (Hawkes 1971). The events of each
group in a week are Poisson. Their mean is the sum of a base, the region's own rate of ten years
(its habits, which are not contagion) and non-negative multiples of fast decaying rates of every
group. The multiples add up to the offspring matrix, whose spectral radius is the branching ratio.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from ewarn.domain.region import Level
from ewarn.errors import ModelError
from ewarn.frames.panel import Panel
from ewarn.frames.predictions import FloatArray
from models.inputs.inputs import positions
from models.inputs.rates import decayed
from models.numeric.intervals import INTERVAL

EXCITING = {
    "arrest": ("arrest",),
    "demonstrations": ("protest", "riot"),
    "force": ("force",),
}
FAST = (2, 8)  # half-lives of contagion, in weeks
SLOW = 520  # half-life of habits, in weeks
WARM_UP = 52  # weeks until habits are known: before, they would be mistaken for contagion
LEAST_MEAN = 1e-9


@dataclass(frozen=True, slots=True)
class Branching:
    """The branching ratio with its 90% interval (bootstrap by country) and the offspring matrix.

    `offspring` (groups, groups) is the number of events in the row's group that one event in the
    column's group causes.
    """

    ratio: float
    low: float
    high: float
    groups: tuple[str, ...]
    offspring: FloatArray

    def card(self) -> dict[str, Any]:
        """Return the part of a model's card that describes it."""
        return {
            "ratio": round(self.ratio, 3),
            "interval": [round(self.low, 3), round(self.high, 3)],
            "groups": list(self.groups),
            "offspring": np.round(self.offspring, 4).tolist(),
        }


def branching(panel: Panel, source: str, *, replicates: int = 40, seed: int = 0) -> Branching:
    """Estimate the branching ratio of a source's events in the countries of a panel.

    Raises:
        ModelError: The panel has no country, or fewer than 54 weeks.
    """
    countries = panel.at(Level.COUNTRY)
    if not countries or panel.weeks < 2 + WARM_UP:
        raise ModelError("A branching ratio needs countries observed for more than a year.")
    where = positions(panel, countries)
    seen = _seen(panel, source)[1:, where]
    seen[:WARM_UP] = False
    series = [_counts(panel, source, kinds)[:, where] for kinds in EXCITING.values()]
    design = _design(series)
    drawn = np.random.default_rng(seed)
    number = len(countries)
    samples = [
        np.bincount(drawn.integers(0, number, number), minlength=number) for _ in range(replicates)
    ]
    offspring = _offspring(design, series, seen, np.ones(number))
    ratios = [_radius(_offspring(design, series, seen, times)) for times in samples]
    ratio = _radius(offspring)
    low, high = np.quantile(ratios, INTERVAL) if ratios else (ratio, ratio)
    return Branching(
        ratio, min(float(low), ratio), max(float(high), ratio), tuple(EXCITING), offspring
    )


def _seen(panel: Panel, source: str) -> npt.NDArray[np.bool_]:
    read = [i for i, name in enumerate(panel.signals) if name.partition(":")[0] == source]
    return np.asarray(panel.observed[:, :, read].any(axis=2))


def _counts(panel: Panel, source: str, kinds: tuple[str, ...]) -> FloatArray:
    return sum(
        (panel.series(f"{source}:{kind}").astype(np.float64) for kind in kinds),
        start=np.zeros((panel.weeks, len(panel.regions))),
    )


def _design(series: list[FloatArray]) -> tuple[FloatArray, FloatArray]:
    """Return the rates before each week that the events of the week are regressed on.

    They are the fast rates of every group (weeks - 1, countries, groups x half-lives) and the slow
    rate of each group (groups, weeks - 1, countries).
    """
    weeks = len(series[0])
    fast = [_mean_of(each, half) for each in series for half in FAST]
    lived = decayed(np.ones((weeks, 1)), SLOW, weeks) * _share(SLOW)
    slow = [_mean_of(each, SLOW) / lived for each in series]
    return np.stack(fast, axis=-1)[: weeks - 1], np.stack(slow)[:, : weeks - 1]


def _mean_of(series: FloatArray, half_life: int) -> FloatArray:
    """Return the decayed mean at the end of each week, in which an event adds 1 over all time."""
    return decayed(series, half_life, len(series)) * _share(half_life)


def _share(half_life: int) -> float:
    return float(1 - 0.5 ** (1 / half_life))


def _offspring(
    design: tuple[FloatArray, FloatArray],
    series: list[FloatArray],
    seen: npt.NDArray[np.bool_],
    times: npt.NDArray[Any],
) -> FloatArray:
    fast, slow = design
    weight = (seen * times).reshape(-1)
    kept = np.flatnonzero(weight)
    rows = []
    for group, events in enumerate(series):
        columns = [np.ones(fast.shape[:2]), slow[group], *np.moveaxis(fast, -1, 0)]
        matrix = np.stack([column.reshape(-1)[kept] for column in columns], axis=1)
        terms = _fitted(matrix, events[1:].reshape(-1)[kept], weight[kept])
        rows.append(terms[2:].reshape(len(series), len(FAST)).sum(axis=1))
    return np.array(rows)


def _fitted(matrix: FloatArray, count: FloatArray, weight: FloatArray) -> FloatArray:
    """Fit non-negative terms of an additive Poisson mean, whose log-likelihood is concave."""
    mean = np.average(matrix, axis=0, weights=weight)
    told = np.flatnonzero(mean > LEAST_MEAN)
    scaled = matrix[:, told] / mean[told]
    hit = np.flatnonzero(count)
    exposed = weight @ scaled

    def loss(terms: FloatArray) -> tuple[float, FloatArray]:
        expected = np.maximum(scaled[hit] @ terms, LEAST_MEAN)
        load = weight[hit] * count[hit]
        value = float(exposed @ terms - load @ np.log(expected))
        return value / len(count), (exposed - (load / expected) @ scaled[hit]) / len(count)

    start = np.full(len(told), np.average(count, weights=weight) / len(told) + LEAST_MEAN)
    bounds = [(0.0, None)] * len(told)
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds).x
    terms = np.zeros(matrix.shape[1])
    terms[told] = found / mean[told]
    return terms


def _radius(matrix: FloatArray) -> float:
    return float(np.abs(np.linalg.eigvals(matrix)).max())
