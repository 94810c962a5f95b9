"""Run every benchmark in a separate process, and log the table in benchmarks/history."""

import importlib
import multiprocessing
import os
import platform
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime

from joblib.externals.loky import get_reusable_executor

from benchmarks.results import record
from benchmarks.rows import Row

# Tests on data that no choice may be based on: run only when named, and every run is logged.
TESTS = ("fatalities",)
# Run only when named: three need R, mutmut or Chromium, the others measure detection, not speed.
NAMED = (
    "api_lists",
    "pages",
    "hostile_bodies",
    "farrington_r",
    "noufaily",
    "surge_p_values",
    "late_reports",
    "slowing",
    "bad_year",
    "flapping",
    "publication",
    "live_hour",
    "gdelt_panels",
    "first_warnings",
    "outcomes",
    "killings",
    "mutants",
)
BENCHMARKS = (
    "import_rows",
    "score_cycle",
    "acknowledge",
    "api_polls",
    "exports",
    "gdelt_rows",
    "backfill",
    "detection",
    "back_test",
    "effect",
    "deliveries",
)
KNOWN = BENCHMARKS + TESTS + NAMED
# Number of rows for benchmarks that accept one, if they are not named. If named, their default.
QUICK = {"backfill": 200_000, "effect": 100, "exports": 100_000}


def main() -> None:
    """Run the benchmarks named as arguments (`backfill`, or `backfill=1000000` rows), or all."""
    quick = [f"{name}={QUICK[name]}" if name in QUICK else name for name in BENCHMARKS]
    names = sys.argv[1:] or quick
    for name in names:
        if name.partition("=")[0] not in KNOWN:
            known = ", ".join(KNOWN)
            sys.exit(f"there is no benchmark {name!r}; there are {known}")
    rows: list[Row] = []
    for name in names:
        print(f"{name} ...", file=sys.stderr)
        # Each has a new process, so that its memory does not count in the peak of another.
        spawn = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(1, mp_context=spawn) as alone:
            rows += alone.submit(_rows_of, name).result()
    table = _table(names, rows)
    print(table)
    record(table, datetime.now(UTC).date())


def _rows_of(name: str) -> list[Row]:
    module, _, number = name.partition("=")
    arguments = [int(number)] if number else []
    found: list[Row] = importlib.import_module(f"benchmarks.{module}").main(*arguments)
    # Otherwise the exit would wait for processes that wait for work.
    get_reusable_executor().shutdown()
    return found


def _table(names: list[str], rows: list[Row]) -> str:
    busy = os.getloadavg()[0]
    return "\n".join(
        [
            f"## {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, commit {_commit()}",
            "",
            f"{os.cpu_count()} cores ({platform.machine()}), Python {platform.python_version()}, "
            f"load average {busy:.1f}; `python -m benchmarks.run {' '.join(names)}`",
            "",
            "| what | figure | reference | ratio |",
            "|---|---|---|---|",
            *(f"| {row.what} | {row.figure} | {row.reference} | {row.ratio} |" for row in rows),
            "",
        ]
    )


def _commit() -> str:
    """Return the current commit, marked if files differ from it."""
    command = ["git", "describe", "--always", "--dirty", "--exclude", "*"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"


if __name__ == "__main__":
    main()
