"""Detectors on simulated outbreaks: probability of detection at equal false-positive rates.

`python -m benchmarks.noufaily [SEED]`. Each detector has one threshold over all scenarios. It is
set on the series without a current outbreak, so that the same share of weeks 576-624 exceeds it. An
outbreak is detected if any of its weeks exceeds it. Every detector evaluates the same series, so
that differences are paired. The combinations were chosen on the seeds `DEVELOP`. The seed `REPORT`
is for reported figures.
"""

import sys

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from benchmarks.outbreaks import CURRENT, REPLICATES, SCENARIOS, Simulated, simulate
from benchmarks.rows import Row
from ewarn.frames.predictions import FloatArray
from models.detectors.ears import ears
from models.detectors.farrington import farrington
from models.detectors.past_year import LAG, POOLED_WEEKS, dispersion, prior_by_moments
from models.numeric.count_tails import mid_p, tail
from models.research import changepoint, cusum
from models.research.surge import surge

RATES = (0.008, 0.044)
DEVELOP, REPORT = (1, 3, 4), 5
ALL_YEARS = 9  # years of past before week 576
LEAD = 12  # weeks before the evaluated ones that running statistics need
JUDGED = np.arange(CURRENT.start - LEAD, CURRENT.stop)
FIRST = 250  # running detectors need no older past

Counts = npt.NDArray[np.int64]
Scores = dict[str, FloatArray]


def main(seed: int = REPORT) -> list[Row]:
    """Measure the detection of each detector at both rates, and its difference from farrington."""
    made = simulate(seed)
    clean, struck = scores_of(made.clean), scores_of(made.counts)
    rows = []
    for rate in RATES:
        found = {name: _detected(clean[name], struck[name], made, rate) for name in clean}
        best = found["farrington"]
        for name, (detected, false) in found.items():
            rows.append(_row(name, detected, false, best[0]))
    return rows


def scores_of(counts: Counts) -> Scores:
    """Return scores (weeks 576-624, series) of every detector and combination.

    NaN counts as a score that never alarms.
    """
    base = farrington.detect(counts, weeks=JUDGED)
    seen = counts[JUDGED].astype(np.float64)
    own = mid_p(seen, base.expected, base.dispersion)
    sums = cusum.detect(counts[JUDGED], expected=base.expected, dispersion=base.dispersion)
    alone = cusum.detect(counts[FIRST:])
    change = changepoint.detect(counts[FIRST:])
    pooled = pooled_p(counts)
    simple = ears(counts[JUDGED[0] - 20 :].astype(np.float64), "C2")
    spread = np.maximum((simple.upper - simple.expected) / 3, 0.5)
    found = {
        "farrington": -np.log(tail(seen, base.expected, base.dispersion)),
        "farrington, low counts silenced": np.where(
            np.isnan(base.upper), np.nan, -np.log(base.p_value)
        ),
        "farrington, mid-p": -np.log(own),
        "cusum": alone.cusum,
        "likelihood ratio": alone.ratio,
        "changepoint": change,
        "pooled tail": -np.log(pooled),
        "EARS C2": ((counts[JUDGED[0] - 20 :] - simple.expected) / spread),
        "cusum on farrington": sums.cusum,
        "likelihood ratio on farrington": sums.ratio,
        **combinations(counts, base, own, pooled),
    }
    return {name: score[-len(CURRENT) :] for name, score in found.items()}


def combinations(
    counts: Counts, base: farrington.Detection, own: FloatArray, pooled: FloatArray
) -> Scores:
    """Return scores that combine weeks, years and detectors, (evaluated weeks, series)."""
    seen = counts[JUDGED].astype(np.float64)
    two = windowed_p(seen, base, 2)
    long = farrington.detect(counts, weeks=JUDGED, years_back=ALL_YEARS)
    return {
        "two weeks' sum": -np.log(two),
        "least p of one and two weeks": -np.log(np.minimum(own, two)),
        "Fisher of one and two weeks": -np.log(own) - np.log(two),
        "mean normal score, farrington and pooled": -ndtri(own) - ndtri(pooled),
        "least p of farrington and pooled": -np.log(np.minimum(own, pooled)),
        f"farrington, {ALL_YEARS} years": -np.log(tail(seen, long.expected, long.dispersion)),
        "surge": surge(counts[JUDGED], base.expected, base.dispersion),
        f"surge, {ALL_YEARS} years": surge(counts[JUDGED], long.expected, long.dispersion),
    }


def windowed_p(seen: FloatArray, base: farrington.Detection, weeks: int) -> FloatArray:
    """Return the mid-p-value of the sum of the last `weeks` weeks, by farrington's expectations."""
    events, expected = seen.copy(), base.expected.copy()
    each = base.expected * base.dispersion
    variance = each.copy()
    for back in range(1, weeks):
        events[back:] += seen[:-back]
        expected[back:] += base.expected[:-back]
        variance[back:] += each[:-back]
    return mid_p(events, expected, variance / expected)


def pooled_p(counts: Counts) -> FloatArray:
    """Return mid-p-values of the pooled gamma-Poisson predictive, like those of the detector."""
    found = np.empty((len(JUDGED), counts.shape[1]))
    for row, week in enumerate(JUDGED):
        past = counts[week - LAG - POOLED_WEEKS : week - LAG]
        weeks = np.full(counts.shape[1], float(POOLED_WEEKS))
        total = past.sum(axis=0).astype(np.float64)
        alone = np.zeros(counts.shape[1])
        prior = prior_by_moments(total, weeks)
        shape, rate = prior.posterior(total, total, weeks, alone)
        own = dispersion(weeks, total, (past.astype(np.float64) ** 2).sum(axis=0))
        spread = np.maximum(1 + 1 / rate, own)
        found[row] = mid_p(counts[week].astype(np.float64), shape / rate, spread)
    return found


def _detected(
    clean: FloatArray, struck: FloatArray, made: Simulated, rate: float
) -> tuple[npt.NDArray[np.float64], float]:
    """Return whether each outbreak is detected (series,), and the false-positive rate attained.

    Scores that are tied at the threshold alarm with the probability that makes the rates equal, so
    that a coarse score has neither an advantage nor a disadvantage.
    """
    calm = np.sort(np.nan_to_num(clean, nan=-np.inf).ravel())
    limit = calm[int(np.floor(len(calm) * (1 - rate)))]
    above = (calm > limit).mean()
    tied = (calm == limit).mean()
    share = (rate - above) / tied if np.isfinite(limit) else 0.0
    score = np.nan_to_num(struck, nan=-np.inf)
    alarm = np.where(score > limit, 1.0, np.where(score == limit, share, 0.0))
    during = made.cases[CURRENT.start :] > 0
    missed = np.where(during, 1 - alarm, 1.0).prod(axis=0)
    hit = np.where(during.any(axis=0), 1 - missed, np.nan)
    return hit, above + share * tied


def _row(name: str, hit: FloatArray, false: float, reference: FloatArray) -> Row:
    better = hit - reference
    number = np.sqrt((~np.isnan(better)).sum())
    error = np.nanstd(better, ddof=1) / number
    return Row(
        f"{name}, {len(SCENARIOS)} scenarios × {REPLICATES}, false-positive rate {false:.4f}",
        f"detects {np.nanmean(hit):.4f} ± {np.nanstd(hit, ddof=1) / number:.4f}",
        f"farrington: {np.nanmean(reference):.4f}",
        f"{np.nanmean(better):+.4f} ± {error:.4f}"
        + (f", {np.nanmean(better) / error:+.1f} standard errors" if error else ""),
    )


if __name__ == "__main__":
    for row in main(*map(int, sys.argv[1:])):
        print(f"{row.what:80} {row.figure}  {row.ratio}")
