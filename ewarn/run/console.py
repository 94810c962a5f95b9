"""The output of commands: text and tables for people, or one line of JSON for programs."""

import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from textwrap import fill
from typing import Any, NoReturn

import orjson
from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from ewarn.domain.text import is_written, written

_GAP = 2  # columns of the terminal between two columns of a table


def shown(text: str) -> str:
    """Replace the control characters of a text by question marks, so that a terminal is safe."""
    lines = text.split("\n")
    return "\n".join(line if is_written(line) else written(line, "?") for line in lines)


def leave_at_once(code: int) -> NoReturn:
    """End this process with an exit code at once, even if some of its threads hang."""
    # A thread that hangs in a read can be neither ended nor waited for, and an ordinary exit of
    # Python may crash then. Leases were given back before, and open transactions roll back.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


class Tone(StrEnum):
    """The colour of a text in a terminal. It only repeats what the words say."""

    GOOD = "green"
    CAUTION = "yellow"
    BAD = "bold red"


@dataclass(frozen=True, slots=True)
class Toned:
    """A cell of a table with the colour that a terminal shows it in."""

    text: str
    tone: Tone | None

    def __str__(self) -> str:
        return self.text


class Voice:
    """The output of a command. With `json`, everything but one line goes to standard error."""

    def __init__(self, *, json: bool = False) -> None:
        self.json = json
        # Without `emoji=False` a part of an id, such as `:email:`, becomes a picture.
        self.console = Console(stderr=json, highlight=False, emoji=False)

    def say(self, text: str) -> None:
        """Print one or more lines for people."""
        self.console.print(shown(text), markup=False, soft_wrap=True)

    def result(self, value: Mapping[str, Any], text: str) -> None:
        """Print the result: `value` as one line of JSON for programs, or `text` for people."""
        if self.json:
            print(orjson.dumps(value, default=str).decode())
        else:
            self.say(text)

    def heading(self, text: str, tone: Tone | None = None) -> None:
        """Print a heading after an empty line."""
        self.console.print()
        self.paragraph(text, style=tone or "bold")

    def paragraph(self, text: str, *, hang: str = "", style: str = "") -> None:
        """Print a text in lines that fit the terminal. A word is never cut.

        Args:
            hang: What each line after the first begins with.
            style: How a terminal shows it.
        """
        for line in shown(text).split("\n"):
            folded = fill(
                line,
                self.console.width,
                subsequent_indent=hang,
                break_long_words=False,
                break_on_hyphens=False,
            )
            self.console.print(Text(folded, style=style), soft_wrap=True)

    def table(self, title: str, columns: Sequence[str], rows: Iterable[Iterable[object]]) -> None:
        """Print a table for people, in which no word is cut.

        If its longest words do not fit side by side, each row is printed as a list of its cells.
        """
        cells = [[_cell(each) for each in row] for row in rows]
        self.heading(title)
        widths = _widths(columns, cells, self.console.width)
        if widths is None:
            self._lists(columns, cells)
            return
        table = Table(
            box=SIMPLE_HEAD,
            show_edge=False,
            pad_edge=False,
            padding=(0, 1, 0, 0),
            header_style="bold",
        )
        for column, width in zip(columns, widths, strict=True):
            table.add_column(Text(column), width=width, overflow="fold")
        for row in cells:
            table.add_row(*row)
        self.console.print(table)

    def _lists(self, columns: Sequence[str], cells: Sequence[Sequence[Text]]) -> None:
        for number, row in enumerate(cells):
            if number:
                self.console.print()
            for column, cell in zip(columns, row, strict=True):
                if cell.plain:
                    self.paragraph(f"{column}: {cell.plain}", hang="  ", style=str(cell.style))

    @contextmanager
    def progress(self, title: str, total: int) -> Iterator["Steps"]:
        """Show a progress bar of `total` steps."""
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
        )
        off = not self.console.is_terminal  # a moving bar makes no sense in a file
        with Progress(*columns, console=self.console, transient=True, disable=off) as bar:
            yield Steps(bar, total, title)


class Steps:
    """The steps of a progress bar."""

    def __init__(self, bar: Progress, total: int, title: str) -> None:
        self.bar = bar
        self.task = bar.add_task(title, total=total)

    def done(self, title: str) -> None:
        """Advance by one step; `title` describes the current one."""
        self.bar.update(self.task, advance=1, description=title)

    def reached(self, step: int, title: str) -> None:
        """Advance to `step`; `title` describes the current one."""
        self.bar.update(self.task, completed=step, description=title)


def _cell(value: object) -> Text:
    tone = value.tone if isinstance(value, Toned) else None
    return Text("" if value is None else shown(str(value)), style=tone or "")


def _widths(columns: Sequence[str], cells: Sequence[Sequence[Text]], room: int) -> list[int] | None:
    """Return the width of each column, or None if the longest words do not fit side by side."""
    by_column = [[name, *texts] for name, *texts in zip(columns, *_plain(cells), strict=True)]
    least = [
        max(cell_len(word) for text in each for word in text.split() or ("",)) for each in by_column
    ]
    most = [max(cell_len(line) for text in each for line in text.split("\n")) for each in by_column]
    spare = room - sum(least) - _GAP * (len(columns) - 1)
    if spare < 0:
        return None
    while spare > 0 and least != most:
        # The column that would be folded most often gets the room.
        widest = max(range(len(columns)), key=lambda at: (most[at] - least[at]) / least[at])
        least[widest] += 1
        spare -= 1
    return least


def _plain(cells: Sequence[Sequence[Text]]) -> list[list[str]]:
    return [[cell.plain for cell in row] for row in cells]
