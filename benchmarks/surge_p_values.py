"""Test whether `surge` could be used in the served detector: p-values, alarms, reach and cost.

The served detector controls mistaken alarms by mid-p-values of all regions, so a replacement needs
valid p-values. `surge` has none. Two ways to compute one are tested on simulated series (after
Noufaily et al. 2013) without a current outbreak. One is the reciprocal of its Bayes factor, which
is valid by Markov's inequality if calm weeks are as expected. The other is the share of simulated
pairs of calm weeks that are as surprising. Then it measures how many outbreaks each detects at the
served setting, in how many region-weeks of real years the past is long enough, and the cost. It
uses only the seeds and years (1998-2004) that models are developed on.
"""

import time
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from benchmarks.outbreaks import CURRENT, Simulated, simulate
from benchmarks.rows import Row
from ewarn.frames.predictions import FloatArray
from models.detectors.detector import ALPHA, LOW_COUNT, YEARS
from models.detectors.farrington import farrington
from models.numeric.count_tails import mid_p
from models.research.surge import UNSURE_DISPERSION, UNSURE_MEAN, surge

SEEDS = (1, 3, 4)  # those of development
REPLICATES = 5
DRAWS = 1_000  # pairs of calm weeks
SHARES = (ALPHA, 0.05)
WEEKS = np.arange(CURRENT.start - 1, CURRENT.stop)
FILE = Path(__file__).resolve().parents[1] / ".." / "shared" / "data"
EVENTS = "events_mass_mobilization.csv.gz"
LOOKED_AT = (1998, 2005)  # from the first to before the last
FIRST = date(1990, 1, 1)
KINDS = (("force",), ("force", "arrest", "riot", "protest"))

Counts = npt.NDArray[np.int64]


def main() -> list[Row]:
    """Measure how often each p-value alarms without and with an outbreak, then reach and cost."""
    calm: dict[str, list[FloatArray]] = {}
    found: dict[str, list[FloatArray]] = {}
    seconds = dict.fromkeys(("farrington", "surge", "simulated"), 0.0)
    for seed in SEEDS:
        made = simulate(seed, REPLICATES)
        for name, p in _p_values(made.clean, seed, seconds).items():
            calm.setdefault(name, []).append(p)
        for name, p in _p_values(made.counts, seed, seconds).items():
            found.setdefault(name, []).append(_least(p, made))
    series = 2 * len(SEEDS) * made.counts.shape[1] * len(WEEKS)
    rows = [
        _row(name, np.concatenate(calm[name], axis=1), np.concatenate(found[name])) for name in calm
    ]
    spent = ", ".join(f"{name} {1e6 * taken / series:.1f}" for name, taken in seconds.items())
    return [*rows, *_reach(), Row("cost of a region-week", f"{spent} µs", "", "")]


def _p_values(counts: Counts, seed: int, seconds: dict[str, float]) -> dict[str, FloatArray]:
    """Return the p-values (weeks, series) of the weeks of the current outbreak."""
    began = time.perf_counter()
    base = farrington.detect(counts, weeks=WEEKS)
    seconds["farrington"] += time.perf_counter() - began
    own = mid_p(counts[WEEKS].astype(np.float64), base.expected, base.dispersion)
    began = time.perf_counter()
    score = surge(counts[WEEKS], base.expected, base.dispersion)
    seconds["surge"] += time.perf_counter() - began
    began = time.perf_counter()
    simulated = _simulated_p(score, base.expected, base.dispersion, seed)
    seconds["simulated"] += time.perf_counter() - began
    kept = slice(1, None)
    return {
        "farrington's mid-p-value, as served": own[kept],
        "surge, reciprocal of its Bayes factor": np.minimum(np.exp(-score[kept]), 1.0),
        f"surge, by {DRAWS:,} simulated pairs of calm weeks": simulated[kept],
    }


def _simulated_p(
    score: FloatArray, expected: FloatArray, dispersion: FloatArray, seed: int
) -> FloatArray:
    """Return the share of simulated calm pairs of weeks that score as high or higher."""
    random = np.random.default_rng(seed)
    found = np.full(score.shape, np.nan)
    for week in range(1, len(score)):
        mean, spread = (
            np.tile(values[week - 1 : week + 1], (1, DRAWS))
            for values in (expected + UNSURE_MEAN, dispersion * UNSURE_DISPERSION)
        )
        size = mean / (spread - 1)
        drawn = random.negative_binomial(size, 1 / spread)
        each = surge(
            drawn, *(np.tile(v[week - 1 : week + 1], (1, DRAWS)) for v in (expected, dispersion))
        )
        calm = each[1].reshape(DRAWS, -1)
        found[week] = (1 + (calm >= score[week]).sum(axis=0)) / (1 + DRAWS)
    return found


def _least(p: FloatArray, made: Simulated) -> FloatArray:
    """Return the least p-value during each current outbreak, (series,), NaN if it has no case."""
    during = made.cases[CURRENT.start :] > 0
    least = np.where(during, p, np.inf).min(axis=0)
    return np.where(during.any(axis=0), least, np.nan)


def _row(name: str, calm: FloatArray, struck: FloatArray) -> Row:
    alarms = [f"{(calm <= share).mean():.4f} at {share}" for share in SHARES]
    hit = struck[~np.isnan(struck)]
    detected = [f"{(hit <= share).mean():.3f} at {share}" for share in SHARES]
    return Row(
        name, f"alarms in calm weeks: {', '.join(alarms)}", f"detects {', '.join(detected)}", ""
    )


def _reach() -> list[Row]:
    """Measure the share of country-weeks with a past that is long enough for farrington."""
    path = FILE / EVENTS
    if not path.exists():
        return [Row("reach on Mass Mobilization", "not run", f"{EVENTS} is absent", "")]
    events = pd.read_csv(path)
    return [
        _spoken(events, kinds) for kinds in (("force",), ("force", "arrest", "riot", "protest"))
    ]


def _spoken(events: pd.DataFrame, kinds: tuple[str, ...]) -> Row:
    first, end = ((date(year, 1, 1) - FIRST) // timedelta(weeks=1) for year in LOOKED_AT)
    mine = events[events["kind"].isin(kinds)]
    week = (pd.to_datetime(mine["occurred_on"]) - pd.Timestamp(FIRST)).dt.days // 7
    counts = pd.crosstab(week, mine["country"])
    counts = counts.reindex(
        index=range(end), columns=sorted(events["country"].unique()), fill_value=0
    )
    found = farrington.detect(
        counts.to_numpy(), weeks=np.arange(first, end), years_back=YEARS[1], low_count=LOW_COUNT
    )
    share = float((~np.isnan(found.upper)).mean())
    return Row(
        f"{' + '.join(kinds)}, Mass Mobilization from {LOOKED_AT[0]} to before {LOOKED_AT[1]}",
        f"farrington speaks in {100 * share:.2f}% of country-weeks",
        f"{found.upper.size:,} country-weeks",
        "",
    )
