"""The log of all evaluations on the test years: date, commit and figures, in an append-only file.

The start of a run is logged before it begins, because a run that fails may also have shown figures.
"""

import subprocess
from pathlib import Path
from typing import Any

from ewarn.errors import UsageError
from ewarn.run.clock import wall
from models.judging.backtest.plan import Knowledge, Plan
from models.judging.reporting.message_table import HEADS, table_rows

SHOWN = ("auc", "average_precision", "brier_skill", "calibration_slope", "mean_over_base")


def begin_run(log: Path, plan: Plan) -> None:
    """Append the start of a run to a Markdown log. Raises UsageError if it cannot be written."""
    question = plan.question
    line = (
        f"Begun {wall():%Y-%m-%d %H:%M} UTC, commit {commit()}: {question.target}, "
        f"{question.horizon_weeks} weeks, {question.level}, {question.source}, origins "
        f"{plan.start} to {plan.end}, {len(plan.folds)} refits"
    )
    _append(log, [line, ""])


def append_run(log: Path, made: dict[str, Any]) -> None:
    """Append the figures of a run to a Markdown log. Raises UsageError if it cannot be written."""
    question, test = made["question"], made["test"]
    groups = test["leave_countries_out"]
    left = f", {groups} groups of countries left out in turn" if groups else ""
    lines = [
        f"## Test of {question['target']}, {question['horizon_weeks']} weeks, {question['level']}: "
        f"{wall():%Y-%m-%d %H:%M} UTC, commit {commit()}",
        "",
        f"{question['label_source']}, origins {test['start']} to {test['end']}, "
        f"{len(test['refits'])} refits{left}; {made['data']['rows_with_outcome']:,} rows; "
        "90% intervals by country",
        "",
    ]
    for vintage, table in made["tables"].items():
        lines += [f"| {vintage} | {' | '.join(SHOWN)} |", "|---" * (len(SHOWN) + 1) + "|"]
        for model, strata in table.items():
            cells = [_cell(strata.get("all", {}).get(name)) for name in SHOWN]
            lines.append(f"| {model} | {' | '.join(cells)} |")
        lines.append("")
    if made["messages"]:
        lines += [f"| messages | {' | '.join(HEADS)} |", "|---" * (len(HEADS) + 1) + "|"]
        rows = table_rows(made["messages"]["tables"][str(Knowledge.KNOWN)])
        lines += [*(f"| {' | '.join(row)} |" for row in rows), ""]
    _append(log, lines)


def _append(log: Path, lines: list[str]) -> None:
    try:
        with log.open("a", encoding="utf-8") as file:
            file.write("\n" + "\n".join(lines))
    except OSError as error:
        raise UsageError(
            f"--final: the log {log} cannot be written ({error.strerror}); name a file in an "
            "existing folder"
        ) from None


def commit() -> str:
    """Return the current commit, marked as dirty if files differ, or `unknown` without git."""
    command = ["git", "describe", "--always", "--dirty", "--exclude", "*"]  # no input of users
    try:
        done = subprocess.run(  # noqa: S603
            command, capture_output=True, text=True, check=False, cwd=Path(__file__).parent
        )
    except OSError:
        return "unknown"
    return done.stdout.strip() or "unknown"


def _cell(found: dict[str, float | None] | None) -> str:
    if not found or found["value"] is None:
        return "-"
    low, high = found["low"], found["high"]
    spread = "" if low is None or high is None else f" ({low:.3f} to {high:.3f})"
    return f"{found['value']:.3f}{spread}"
