"""Detection with the nowcast: three ways to evaluate a week when some of its reports are late.

`python -m benchmarks.run late_reports`. Counts of 3,000 regions are invented. Their reports are
weeks late, with delays that differ between countries. The share that has arrived is estimated from
the delays known at the origin. Expected values are those that the counts were drawn from, so that
only late reports can mislead. One in two regions has three times as many events in the last week. A
threshold for each way is set on the other regions, so that the same share of them alarms.
"""

from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from benchmarks.rows import Row
from ewarn.frames.delays import DELAY_COLUMNS
from ewarn.frames.predictions import FloatArray
from models.nowcast.nowcast import Nowcast, seen_by_now
from models.numeric.count_tails import mid_p

WEEKS, COUNTRIES, IN_EACH, LAGS = 60, 60, 50, 12
FIRST = date(2015, 1, 5)
DISPERSION = 2.0
UPSURGE = 3.0
RATES = (0.008, 0.044)
NOMINAL = 0.01
SEED = 11

Counts = npt.NDArray[np.int64]


def main() -> list[Row]:
    """Measure the upsurges that each way finds at equal false alarms, and its p-values."""
    random = np.random.default_rng(SEED)
    regions = COUNTRIES * IN_EACH
    mean = random.choice([0.5, 2.0, 8.0, 20.0], regions)
    struck = random.random(regions) < 0.5
    events = _events(random, mean, struck)
    p_values = _ways(events, mean)
    rows = []
    for name, p_value in p_values.items():
        calm, upsurge = p_value[~struck], p_value[struck]
        found = [float((upsurge <= np.quantile(calm, rate)).mean()) for rate in RATES]
        rows.append(
            Row(
                f"an upsurge threefold, half of it in: {name}",
                f"found at {RATES[0]} {found[0]:.3f}, at {RATES[1]} {found[1]:.3f}",
                f"its mid-p-value in calm regions: mean {calm.mean():.3f}, "
                f"at most {NOMINAL} in {float((calm <= NOMINAL).mean()):.3f}",
                "",
            )
        )
    return rows


def _ways(events: Counts, mean: FloatArray) -> dict[str, FloatArray]:
    """Return the mid-p-values (regions,) of the last week, by each way."""
    countries = [f"C{region // IN_EACH:02}" for region in range(len(mean))]
    shown = np.arange(LAGS)[None, :] <= np.arange(WEEKS)[::-1][:, None]
    seen = (events * shown[:, None, :]).sum(axis=2)
    nowcast = Nowcast().fit(_delays(events, countries), FIRST + timedelta(weeks=WEEKS))
    completed = nowcast.complete(seen, countries, "force")
    last = seen[-1].astype(np.float64)
    wide = np.full(len(mean), DISPERSION)
    at = nowcast.positions(countries), nowcast.kinds_at(["force"])[0], 0
    thin = seen_by_now(mean, wide, nowcast.completeness_[at], nowcast.variance_[at])
    doubt = completed.variance[-1] / mean
    return {
        "as if all were in": mid_p(last, mean, wide),
        "count completed, its variance added": mid_p(completed.expected[-1], mean, wide + doubt),
        "count judged by what should be in": mid_p(last, *thin),
        "all of it, weeks later": mid_p(events[-1].sum(axis=1).astype(float), mean, wide),
    }


def _events(random: np.random.Generator, mean: FloatArray, struck: npt.NDArray[np.bool_]) -> Counts:
    """Return events (weeks, regions, lags). Restrictive countries report more slowly."""
    stay = np.repeat(random.uniform(0.3, 0.7, COUNTRIES), IN_EACH)
    chances = (1 - stay[:, None]) * stay[:, None] ** np.arange(LAGS)
    chances /= chances.sum(axis=1, keepdims=True)
    rates = np.tile(mean, (WEEKS, 1))
    rates[-1, struck] *= UPSURGE
    scale = DISPERSION - 1
    return random.multinomial(random.poisson(random.gamma(rates / scale, scale)), chances[None])


def _delays(events: Counts, countries: list[str]) -> pd.DataFrame:
    week, region, lag = np.nonzero(events)
    known = lag <= WEEKS - 1 - week
    week, region, lag = week[known], region[known], lag[known]
    return pd.DataFrame(
        {
            "country": [countries[each] for each in region],
            "kind": "force",
            "week": [FIRST + timedelta(weeks=int(each)) for each in week],
            "lag": lag,
            "count": events[week, region, lag],
        },
        columns=list(DELAY_COLUMNS),
    )
