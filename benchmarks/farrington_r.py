"""Our farrington compared with R's farringtonFlexible: results and speed, in one run.

It needs R's package `surveillance`, which `make bench-r` installs (Debian's r-cran-surveillance). R
is single-threaded. Ours runs on one thread and on two, as stated. Half of the invented series are
busy, half are sparse, with seasons, trends and past outbreaks. R evaluates a part of them, since
all would take hours. Ours evaluates the same part to compare results and all of them for the speed.
"""

import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import joblib
import numpy as np
import numpy.typing as npt
import pandas as pd

from benchmarks.rows import Row
from models.detectors.farrington.farrington import Detection, detect
from models.numeric.count_tails import tail

SCRIPT = Path(__file__).with_name("farrington.R")
WEEKS = 400
JUDGED = range(380, 400)
SERIES = 2_000
R_SERIES = 40
ALPHA = 0.005
BAR = 200
REPEATS = 5


def main() -> list[Row]:
    """Measure points a second of both, their ratio, and how many results differ."""
    if not has_r():
        sys.exit("R's package 'surveillance' is missing: `apt-get install r-cran-surveillance`.")
    counts = series(SERIES)
    seconds, theirs = judged_by_r(counts[:, :R_SERIES])
    rate = R_SERIES * len(JUDGED) / seconds
    ours = detect(counts[:, :R_SERIES], weeks=JUDGED, alpha=ALPHA)
    rows = [_numbers(theirs, ours)]
    for threads in (1, 2):
        points = SERIES * len(JUDGED) / _fastest(counts, threads)
        rows.append(
            Row(
                f"farrington, {SERIES:,} series × {len(JUDGED)} weeks, threads: {threads}",
                f"{points:,.0f} points/s",
                f"farringtonFlexible, {R_SERIES} of them, threads: 1: {rate:.1f} points/s",
                f"{points / rate:,.0f} times as many (bar {BAR} with two threads)",
            )
        )
    return rows


def has_r() -> bool:
    """Return whether R and its package are installed."""
    if shutil.which("Rscript") is None:
        return False
    asked = ["Rscript", "-e", "library(surveillance)"]
    return subprocess.run(asked, capture_output=True, check=False).returncode == 0


def series(number: int) -> npt.NDArray[np.int64]:
    """Return invented counts (weeks, series), alternately of busy and sparse series."""
    random = np.random.default_rng(7)
    week = np.arange(WEEKS)[:, None]
    level = np.where(np.arange(number) % 2, 0.3, 20.0) * random.lognormal(0, 0.7, number)
    season = 0.6 * np.cos(2 * np.pi * week / 52 + random.uniform(0, 6, number))
    trend = random.normal(0, 0.001, number) * week
    mean = level * np.exp(season + trend)
    size = random.uniform(0.5, 8, number) * np.ones_like(mean)
    counts = random.poisson(random.gamma(size, mean / size))
    outbreak = (week - random.integers(20, WEEKS, number)) // 6 == 0
    return np.asarray(counts + random.poisson(3 * mean * outbreak), dtype=np.int64)


def judged_by_r(counts: npt.NDArray[np.int64]) -> tuple[float, pd.DataFrame]:
    """Return the seconds that R's function took, and its results, one row for each point."""
    with tempfile.TemporaryDirectory(prefix="ewarn-bench-r-") as folder:
        given, answers = Path(folder) / "counts.csv", Path(folder) / "judged.csv"
        np.savetxt(given, counts, fmt="%d", delimiter=",")
        weeks = [str(JUDGED.start + 1), str(JUDGED.stop)]
        command = ["Rscript", str(SCRIPT), "time", str(given), *weeks, str(answers)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        return float(done.stdout), pd.read_csv(answers)


def _fastest(counts: npt.NDArray[np.int64], threads: int) -> float:
    """Return the seconds of the fastest of a few runs."""
    with joblib.parallel_config(backend="threading", n_jobs=threads):
        return min(_once(counts) for _ in range(REPEATS))


def _once(counts: npt.NDArray[np.int64]) -> float:
    start = time.perf_counter()
    detect(counts, weeks=JUDGED, alpha=ALPHA)
    return time.perf_counter() - start


def _numbers(theirs: pd.DataFrame, ours: Detection) -> Row:
    """Return a row that says how much the results of the two differ."""
    theirs = theirs.pivot(index="week", columns="series")
    upper, mean, dispersion = (
        theirs[name].to_numpy(float) for name in ("upper", "expected", "dispersion")
    )
    wrong = np.isnan(upper) != np.isnan(ours.upper)
    apart = np.nan_to_num(np.abs(upper - ours.upper))
    edge = np.abs(tail(np.fmin(upper, ours.upper) + 1, mean, dispersion) - ALPHA) < 1e-6
    wrong |= (apart > 1) | ((apart == 1) & ~edge)
    error = np.nanmax(np.abs(ours.expected / mean - 1))
    spread = np.nanmax(np.abs(ours.dispersion / dispersion - 1))
    return Row(
        f"numbers, {upper.size:,} points",
        f"{int(wrong.sum())} bounds differ",
        f"farringtonFlexible has {int((~np.isnan(upper)).sum())} bounds",
        f"expected within {error:.0e}, dispersion within {spread:.0e} of it",
    )
