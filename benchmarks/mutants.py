"""Mutation testing by mutmut: how many wrong changes of small modules do their tests notice?

`[tool.mutmut]` in pyproject.toml names the modules and the tests. mutmut changes one spot at a time
(a sign, a number, a word) and runs the tests that reach it. `mutmut show NAME` shows a change that
no test noticed.
"""

import json
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

from benchmarks.rows import Row

TOP = Path(__file__).resolve().parents[1]
CHANGED = TOP / "mutants"
BAR = 0.85
# mutmut's exit codes for: the tests passed, no test reached the change, or it was not tried.
UNNOTICED = (0, 5, 33, 34, None)


def main() -> list[Row]:
    """Return the share of changes that tests notice, for each module and for all."""
    shutil.rmtree(CHANGED, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "mutmut", "run"], check=True, cwd=TOP)
    subprocess.run([sys.executable, "-m", "mutmut", "results"], check=True, cwd=TOP)
    settings = tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))
    found = {name: _codes(name) for name in settings["tool"]["mutmut"]["only_mutate"]}
    all_of = [code for codes in found.values() for code in codes]
    return [_row(name, codes) for name, codes in [*found.items(), ("all of these", all_of)]]


def _codes(module: str) -> list[int | None]:
    """Return the exit code of the tests for each change of a module."""
    kept = json.loads((CHANGED / f"{module}.meta").read_text(encoding="utf-8"))
    return list(kept["exit_code_by_key"].values())


def _row(name: str, codes: list[int | None]) -> Row:
    noticed = sum(code not in UNNOTICED for code in codes)
    return Row(
        f"wrong changes of {name}",
        f"{noticed} of {len(codes)} noticed by tests",
        f"bar: {BAR:.0%}",
        f"{noticed / len(codes):.1%}",
    )
