"""Speed of detectors: one week of every region and kind, a rebuild of ten years, and growth.

The budget for 4,596 regions × 10 kinds is one minute for a week, 15 minutes for ten years, and 4
GiB. Counts are invented. Most regions are quiet, as real ones are, so that farrington's low-count
rule excludes most region-weeks. All others of the ten years are fitted.
"""

import resource
import time

import joblib
import numpy as np
import numpy.typing as npt

from benchmarks.rows import Row, timed
from models.detectors.farrington import farrington
from models.research import changepoint, cusum

REGIONS, KINDS, WEEKS = 4_596, 10, 522
PAST = 264  # weeks that farrington needs before the first evaluated one
GROWTH = (500, 1_000, 2_000, 4_000)
GROWTH_WEEKS = 52
THREADS = 2


def main() -> list[Row]:
    """Measure the seconds of a week and of ten years, and the exponents of growth."""
    with joblib.parallel_config(backend="threading", n_jobs=THREADS):
        return [_one_week(), _ten_years(), *_growth()]


def counts(regions: int, weeks: int, seed: int = 5) -> npt.NDArray[np.int64]:
    """Return counts (weeks, regions) with rates from one event in two years to ten a week."""
    random = np.random.default_rng(seed)
    rate = np.minimum(random.lognormal(-2.5, 1.5, regions), 10.0)
    return np.asarray(random.poisson(rate, (weeks, regions)), dtype=np.int64)


def _one_week() -> Row:
    """Measure the newest week: both states advanced, and farrington where its rule allows it."""
    series = REGIONS * KINDS
    table = counts(series, PAST + 1)
    change, sums = changepoint.start(series), cusum.start(series)
    for week in table[-3:-1]:
        change, sums = changepoint.advance(change, week), cusum.advance(sums, week)

    def work() -> None:
        changepoint.advance(change, table[-1]).change()
        cusum.advance(sums, table[-1])
        farrington.detect(table, weeks=[PAST], silenced_too=False)

    return Row(
        f"detection of one week, {REGIONS:,} regions × {KINDS} kinds, {THREADS} threads",
        f"{timed(work):.1f} s",
        "budget 60 s for the whole cycle",
        f"{_memory():.2f} GiB at most",
    )


def _ten_years() -> Row:
    """Measure ten years from the beginning, kind by kind, as a complete rebuild does."""
    parts = dict.fromkeys(("changepoint", "cusum", "farrington"), 0.0)
    heard = 0
    for kind in range(KINDS):
        table = counts(REGIONS, PAST + WEEKS, seed=kind)
        judged = np.arange(PAST, PAST + WEEKS)
        parts["changepoint"] += timed(lambda table=table: changepoint.detect(table[PAST:]))  # type: ignore[misc]
        parts["cusum"] += timed(lambda table=table: cusum.detect(table[PAST:]))  # type: ignore[misc]
        start = time.perf_counter()
        found = farrington.detect(table, weeks=judged, silenced_too=False)
        parts["farrington"] += time.perf_counter() - start
        heard += int((~np.isnan(found.upper)).sum())
    whole = sum(parts.values())
    share = heard / (REGIONS * KINDS * WEEKS)
    return Row(
        f"cold rebuild of {WEEKS} weeks, {REGIONS:,} regions × {KINDS} kinds, {THREADS} threads",
        f"{whole:.0f} s: " + ", ".join(f"{name} {seconds:.0f}" for name, seconds in parts.items()),
        "budget 900 s and 4 GiB",
        f"{_memory():.2f} GiB at most; farrington heard {share:.0%} of the region-weeks",
    )


def _growth() -> list[Row]:
    """Measure seconds by number of regions, and the slope of the line through their logarithms."""
    works = {
        "changepoint": lambda table: changepoint.detect(table[PAST:]),
        "cusum": lambda table: cusum.detect(table[PAST:]),
        "farrington": lambda table: farrington.detect(
            table, weeks=np.arange(PAST, PAST + GROWTH_WEEKS)
        ),
    }
    rows = []
    for name, work in works.items():
        seconds = [
            min(
                timed(lambda work=work, table=table: work(table))  # type: ignore[misc]
                for _ in range(2)
            )
            for table in (counts(regions, PAST + GROWTH_WEEKS) for regions in GROWTH)
        ]
        exponent = np.polyfit(np.log(GROWTH), np.log(seconds), 1)[0]
        rows.append(
            Row(
                f"growth of {name}, {GROWTH_WEEKS} weeks",
                ", ".join(f"{n:,}: {each:.2f} s" for n, each in zip(GROWTH, seconds, strict=True)),
                "linear: exponent 1",
                f"exponent {exponent:.2f}",
            )
        )
    return rows


def _memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
