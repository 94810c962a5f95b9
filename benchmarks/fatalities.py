"""Our forecast of deaths by country-month, one to six months ahead, compared with simple ones.

Origins are at every month's end, with a refit each December on what was known by then. Targets are
in 2015-2024. This is the test: the model was developed on months up to 2014. It needs UCDP's table
of country-months, which is not shipped (CC BY 4.0).
"""

import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.rows import Row
from ewarn.frames.country_months import CountryMonths, MonthlyForecast
from ewarn.frames.predictions import FloatArray
from models.fatalities.conformal import BinConditional, coverage
from models.fatalities.fatalities import STEPS, Fatalities
from models.fatalities.fatality_baselines import conflictology, half_last, last_poisson, zero
from models.fatalities.fatality_members import TREES
from models.numeric.crps import crps

FILE = Path(__file__).resolve().parents[1] / ".." / "shared" / "data" / "ucdp_country_month.csv.gz"
FIRST_TARGET = "201501"
SEED = 2015
RESAMPLES = 1_000
CALIBRATED_ON = 24  # number of monthly origins
OURS, YEAR, LAST, ZERO, HALF = "fatalities", "conflictology-12", "last-poisson", "zero", "half-last"
CRPS, LOG_CRPS, SQUARED = "CRPS", "CRPS of log(1+y)", "MSE of log(1+y)"
RIVALS = ((CRPS, YEAR), (CRPS, LAST), (LOG_CRPS, YEAR), (LOG_CRPS, LAST), (SQUARED, HALF))


def read_months(path: Path) -> CountryMonths:
    """Read UCDP's deaths by country and month. Months missing in the table are not observed."""
    table = pd.read_csv(path)
    wide = table.pivot(index="period", columns="isocode", values="fatalities_UCDP").sort_index()
    return CountryMonths(
        tuple(wide.columns), tuple(str(month) for month in wide.index), wide.to_numpy(dtype=float)
    )


@dataclass(frozen=True, slots=True)
class Scored:
    """Scores by (score, model), float64 (steps, countries, origins), NaN where there is none.

    `points` are our forecasts of log(1 + y) and `outcomes` the counts that followed, of the same
    shape.
    """

    by: dict[tuple[str, str], FloatArray]
    points: FloatArray
    outcomes: FloatArray

    def pooled(self, score: str, model: str, step: int | None = None) -> float:
        """Return the mean over all rows, or those of one step (0 is one month ahead)."""
        found = self.by[score, model]
        return float(np.nanmean(found if step is None else found[step]))

    def difference(
        self, score: str, rival: str, step: int | None = None
    ) -> tuple[float, float, float]:
        """Return ours minus the rival's, with the 90% interval of a paired bootstrap by country."""
        away = self.by[score, OURS] - self.by[score, rival]
        rows = away if step is None else away[[step]]
        total = np.nansum(rows, axis=(0, 2))
        number = (~np.isnan(rows)).sum(axis=(0, 2))
        random = np.random.default_rng(SEED)
        drawn = random.integers(0, len(total), (RESAMPLES, len(total)))
        means = total[drawn].sum(axis=1) / number[drawn].sum(axis=1)
        low, high = np.quantile(means, [0.05, 0.95])
        return float(total.sum() / number.sum()), float(low), float(high)


def rolling(
    months: CountryMonths,
    first_target: str,
    say: Callable[[str], None] = lambda _: None,
    trees: int = TREES,
) -> Scored:
    """Return the scores of every origin whose first target is `first_target` or later."""
    first = months.names.index(first_target)
    last = len(months.names)
    shape = (STEPS, len(months.countries), last - first)
    by: dict[tuple[str, str], FloatArray] = {}
    points, outcomes = np.full(shape, np.nan), np.full(shape, np.nan)
    for origin in range(first, last):
        known = months.until(origin)
        if origin == first or known.names[-1].endswith("12"):
            say(f"fit on {len(known.names)} months")
            model = Fatalities(trees=trees).fit(known)
        forecast, column = model.predict(known), origin - first
        for key, step, scores in _of_origin(forecast, known, months.counts):
            by.setdefault(key, np.full(shape, np.nan))[step, :, column] = scores
        points[:, :, column] = forecast.point
        came = months.counts[origin : origin + STEPS]
        outcomes[: len(came), :, column] = came
    return Scored(by, points, outcomes)


def _of_origin(
    forecast: MonthlyForecast, known: CountryMonths, counts: FloatArray
) -> Iterator[tuple[tuple[str, str], int, FloatArray]]:
    plain = {YEAR: conflictology(known, SEED), LAST: last_poisson(known), ZERO: zero(known)}
    halves = half_last(known)
    for step in range(min(STEPS, len(counts) - len(known.names))):
        outcome = counts[len(known.names) + step]
        for name, atoms in {OURS: forecast.quantiles[step], **plain}.items():
            yield (CRPS, name), step, crps(atoms, outcome)
            yield (LOG_CRPS, name), step, crps(np.log1p(atoms), np.log1p(outcome))
        for name, point in {OURS: forecast.point[step], HALF: halves}.items():
            yield (SQUARED, name), step, (point - np.log1p(outcome)) ** 2


def rows_of(scored: Scored) -> list[Row]:
    """Return a row for each score and rival, pooled and by step."""
    made = []
    for score, rival in RIVALS:
        for step in (None, *range(STEPS)):
            away, low, high = scored.difference(score, rival, step)
            ours = scored.pooled(score, OURS, step)
            theirs = scored.pooled(score, rival, step)
            when = "1-6 months" if step is None else f"{step + 1} months"
            made.append(
                Row(
                    f"{score}, {when} ahead",
                    f"{ours:.4f}; less {rival}'s: {away:+.4f} (90% {low:+.4f} to {high:+.4f})",
                    f"{rival}: {theirs:.4f}",
                    f"{ours / theirs:.3f}",
                )
            )
    return made


def coverage_rows(scored: Scored) -> list[Row]:
    """Return the coverage of 90% intervals by bin of the outcome.

    Intervals are calibrated each December on the outcomes known by then. The first two years of
    origins are used for calibration only.
    """
    low, high = np.full_like(scored.points, np.nan), np.full_like(scored.points, np.nan)
    for year in range(CALIBRATED_ON, scored.points.shape[2], 12):
        for step in range(STEPS):
            # The outcome of an origin is known `step` + 1 months later.
            past = scored.points[step, :, : year - step], scored.outcomes[step, :, : year - step]
            known = ~np.isnan(past[0]) & ~np.isnan(past[1])
            intervals = BinConditional().fit(past[0][known], past[1][known])
            ahead = scored.points[step, :, year : year + 12]
            found = intervals.interval(ahead.ravel())
            low[step, :, year : year + 12], high[step, :, year : year + 12] = (
                bound.reshape(ahead.shape) for bound in found
            )
    judged = ~np.isnan(low) & ~np.isnan(scored.outcomes)
    return [
        Row(
            f"90% intervals of deaths, outcome {item.first} and more, {item.rows:,} rows",
            f"coverage {item.share:.3f}",
            f"0.9; Monte-Carlo error {item.error:.3f} if rows were independent",
            "",
        )
        for item in coverage(low[judged], high[judged], scored.outcomes[judged])
    ]


def main() -> list[Row]:
    """Run the test, which is logged like all benchmarks."""
    if not FILE.exists():
        return [Row("deaths by country-month", "not run", "UCDP's table is absent", "")]
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    scored = rolling(read_months(FILE), FIRST_TARGET, lambda text: print(text, file=sys.stderr))
    return rows_of(scored) + coverage_rows(scored)
