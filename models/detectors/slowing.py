"""Critical slowing down: whether a series varies more and recovers more slowly than before.

Near a tipping point a system returns ever more slowly from small shocks, so variance and lag-1
autocorrelation rise (Scheffer et al. 2009, doi 10.1038/nature08227). The method is that of Dakos et
al. 2012 (doi 10.1371/journal.pone.0041010): detrend by a Gaussian kernel, compute both over a
rolling window of half the series, and compare Kendall's tau of each with time to that of surrogates
without a trend. The variance of counts is stabilised first (Anscombe), because a variance that
grows with the mean is no additional evidence.

It is shown as context only. It is not settled whether societies tip like lakes, and in the rolling
test it added nothing (`docs/methods.md`). No score, band or alert uses it.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ewarn.domain.slowing import Slowing
from ewarn.frames.panel import Panel
from ewarn.frames.predictions import FloatArray
from models.detectors.series import BoolArray, checked_counts, checked_observed

WEEKS = 104
WINDOW = WEEKS // 2
BANDWIDTH = WEEKS / 10  # standard deviation of the kernel, in weeks
FEWEST = 30  # events: with fewer, both indicators are dominated by weeks of zero
WATCHED = 0.9  # share of weeks that must have been observed
SURROGATES = 400


@dataclass(frozen=True, slots=True)
class Trends:
    """Kendall's tau of variance and autocorrelation with time, (regions,), NaN where unknown."""

    spread: FloatArray
    memory: FloatArray


def slowing_of(panel: Panel, *, seed: int = 0) -> tuple[Slowing, ...]:
    """Return the slowing of each signal of a panel of one region, in the panel's order."""
    recent = panel.recent(WEEKS)
    found = []
    for index, signal in enumerate(recent.signals):
        counts, observed = recent.counts[:, :, index], recent.observed[:, :, index]
        own = trends(counts, observed=observed)
        if np.isnan(own.spread[0]):
            found.append(Slowing(signal, None, None, None, None))
            continue
        random = np.random.default_rng(seed)
        drawn = _trends(*_surrogates(_even(counts[-WEEKS:]), observed[-WEEKS:], random))
        found.append(
            Slowing(
                signal,
                float(own.spread[0]),
                _share_above(drawn.spread, own.spread[0]),
                float(own.memory[0]),
                _share_above(drawn.memory, own.memory[0]),
            )
        )
    return tuple(found)


def trends(counts: npt.ArrayLike, *, observed: BoolArray | None = None) -> Trends:
    """Return the trends over the last 104 weeks of counts (weeks, regions).

    They are NaN where there are fewer weeks, fewer than nine in ten of them were observed, or they
    hold fewer than 30 events.

    Raises:
        ModelError: The counts are not valid (`checked_counts`).
    """
    table = checked_counts("slowing", counts)
    seen = checked_observed("slowing", observed, table)
    nothing = np.full(table.shape[1], np.nan)
    if len(table) < WEEKS:
        return Trends(nothing, nothing)
    table, seen = table[-WEEKS:], seen[-WEEKS:]
    enough = (seen.mean(axis=0) >= WATCHED) & (np.where(seen, table, 0).sum(axis=0) >= FEWEST)
    found = _trends(_even(table), seen)
    return Trends(np.where(enough, found.spread, np.nan), np.where(enough, found.memory, np.nan))


def _even(counts: npt.NDArray[np.integer]) -> FloatArray:
    """Apply Anscombe's transform, which gives Poisson counts of any mean a variance of about 1."""
    return np.asarray(2 * np.sqrt(counts + 3 / 8))


def _trends(values: FloatArray, seen: BoolArray) -> Trends:
    swings = _detrended(values, seen)
    spread, memory = _indicators(swings, seen)
    return Trends(_kendall(spread), _kendall(memory))


def _detrended(values: FloatArray, seen: BoolArray) -> FloatArray:
    """Return values minus their smooth trend, 0 where nothing was observed."""
    apart = np.subtract.outer(np.arange(len(values)), np.arange(len(values)))
    kernel = np.exp(-((apart / BANDWIDTH) ** 2) / 2)
    known = np.where(seen, values, 0.0)
    weight = np.maximum(_times(kernel, seen.astype(np.float64)), 1e-12)
    return np.where(seen, values - _times(kernel, known) / weight, 0.0)


def _times(kernel: FloatArray, values: FloatArray) -> FloatArray:
    """Return the matrix product, with a rounding that does not depend on the number of columns."""
    return np.asarray(np.einsum("ij,jk->ik", kernel, values))


def _indicators(swings: FloatArray, seen: BoolArray) -> tuple[FloatArray, FloatArray]:
    """Return variance and lag-1 autocorrelation of each window, (windows, regions) each."""
    both = seen[1:] & seen[:-1]
    weeks, pairs = (
        _rolled(seen.astype(np.float64), WINDOW),
        _rolled(both.astype(np.float64), WINDOW - 1),
    )
    squares, mean = _rolled(swings**2, WINDOW), _rolled(swings, WINDOW)
    products = _rolled(np.where(both, swings[1:] * swings[:-1], 0.0), WINDOW - 1)
    centre = mean / np.maximum(weeks, 1)
    variance = squares / np.maximum(weeks, 1) - centre**2
    covariance = products / np.maximum(pairs, 1) - centre**2
    return variance, covariance / np.maximum(variance, 1e-12)


def _rolled(values: FloatArray, length: int) -> FloatArray:
    total = np.concatenate([np.zeros_like(values[:1]), np.cumsum(values, axis=0)])
    return np.asarray(total[length:] - total[:-length])


def _kendall(values: FloatArray) -> FloatArray:
    """Return Kendall's tau-a with time of each column: rising minus falling pairs, as a share."""
    count = len(values)
    rises = np.zeros(values.shape[1])
    for apart in range(1, count):
        rises += np.sign(values[apart:] - values[:-apart]).sum(axis=0)
    return rises / (count * (count - 1) / 2)


def _surrogates(
    values: FloatArray, seen: BoolArray, random: np.random.Generator
) -> tuple[FloatArray, BoolArray]:
    """Simulate trendless series (weeks, surrogates) with memory and shocks of one (weeks, 1)."""
    swings = _detrended(values, seen)[:, 0]
    both = (seen[1:] & seen[:-1])[:, 0]
    memory = float(
        (swings[1:] * swings[:-1])[both].sum() / max((swings[:-1][both] ** 2).sum(), 1e-12)
    )
    memory = min(max(memory, 0.0), 0.95)
    shocks = (swings[1:] - memory * swings[:-1])[both]
    drawn = random.choice(shocks - shocks.mean(), (2 * WEEKS, SURROGATES))
    for week in range(1, len(drawn)):
        drawn[week] += memory * drawn[week - 1]
    return drawn[-WEEKS:], np.repeat(seen, SURROGATES, axis=1)


def _share_above(drawn: FloatArray, own: float) -> float:
    """Return the one-sided p-value: the share that rises as much, counting the series itself."""
    return float((1 + (drawn >= own).sum()) / (1 + len(drawn)))
