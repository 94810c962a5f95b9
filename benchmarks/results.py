"""The log of all runs, by month, and the page of the newest figures that is created from it.

`python -m benchmarks.results` creates the page again.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

HERE = Path(__file__).parent
HISTORY = HERE / "history"
PAGE = HERE / "RESULTS.md"
_COLUMNS = ("what", "figure", "reference", "ratio")
_BAR = re.compile(r"(PASS|short) +(.*?): ((?:[-\d]|none).*)")
_HEAD = """# Newest results

One line for each figure that was ever measured: the newest. `make bench` and `make bench-final` add
to the log in [history](history/), and make this page from it.

Ratios compare two things timed one after the other in one run: they say the same on other machines,
which seconds do not. A bar stands in the figure where there is one. No test asserts any of these.

## Benchmarks

| what | figure | reference | ratio | measured | command |
|---|---|---|---|---|---|
"""
_BARS = """
## Bars on the test years, 2005-2019

From `make bench-final`, the only command that looks at these years. Every look is in the log.

| bar | met | figure | measured |
|---|---|---|---|
"""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a table of results, or a bar, with the date and command of its section."""

    key: str
    cells: tuple[str, ...]
    measured: str
    command: str


def log_of(day: date) -> Path:
    """Return the log file of a day's month, and create it if there is none."""
    file = HISTORY / f"{day:%Y-%m}.md"
    if not file.exists():
        HISTORY.mkdir(exist_ok=True)
        file.write_text(f"# Runs of {day:%Y-%m}\n", encoding="utf-8")
    return file


def record(text: str, day: date) -> None:
    """Add a section to the log, and create the page again."""
    with log_of(day).open("a", encoding="utf-8") as file:
        file.write("\n" + text)
    write_page()


def write_page() -> None:
    """Write the page of the newest figures."""
    PAGE.write_text(page(_sections()), encoding="utf-8")


def page(sections: Iterator[str]) -> str:
    """Return the page from the sections of the log, oldest first. The last of equal lines wins."""
    rows: dict[str, Line] = {}
    bars: dict[str, Line] = {}
    for section in sections:
        rows |= {line.key: line for line in _rows(section)}
        bars |= {line.key: line for line in _bars(section)}
    table = [
        f"| {' | '.join(row.cells)} | {row.measured} | {row.command} |" for row in rows.values()
    ]
    lines = [f"| {' | '.join(bar.cells)} | {bar.measured} |" for bar in bars.values()]
    return _HEAD + "\n".join(table) + "\n" + _BARS + "\n".join(lines) + "\n"


def _sections() -> Iterator[str]:
    for file in sorted(HISTORY.glob("*.md")):
        text = file.read_text(encoding="utf-8")
        yield from re.split(r"^(?=## )", text, flags=re.M)[1:]


def _rows(section: str) -> Iterator[Line]:
    """Yield the lines of a section's tables that have the columns of benchmarks."""
    title = section.splitlines()[0]
    command = re.search(r"`(python -m benchmarks[^`]*)`", section)
    for line in section.splitlines():
        inside = line.removeprefix("| ").removesuffix(" |")  # keeps a last cell that is empty
        cells = tuple(cell.strip() for cell in inside.split(" | "))
        if line.startswith("| ") and len(cells) == len(_COLUMNS) and cells != _COLUMNS:
            # A line is identified by its name and its reference. Numbers in them say how much was
            # measured and may change, so they are not part of the key.
            against = cells[2].partition(":")[0]
            key = re.sub(r"[\d.,]+", "#", f"{cells[0]}|{against}")
            yield Line(key, cells, _measured(title), f"`{command[1]}`" if command else "")


def _bars(section: str) -> Iterator[Line]:
    title = section.splitlines()[0]
    if not title.startswith("## Test of"):
        return
    for line in section.splitlines():
        found = _BAR.fullmatch(line)
        if found:
            met = "yes" if found[1] == "PASS" else "no"
            yield Line(found[2], (found[2], met, found[3]), _measured(title), "")


def _measured(title: str) -> str:
    """Return day and commit of a section."""
    day = re.search(r"\d{4}-\d\d-\d\d", title)
    commit = re.search(r"commit (\S+)", title)
    return ", ".join(found for found in (day and day[0], commit and commit[1]) if found)


if __name__ == "__main__":
    write_page()
