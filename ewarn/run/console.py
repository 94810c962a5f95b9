"""The output of commands: text and tables for people, or one line of JSON for programs."""

import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NoReturn

import orjson
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from ewarn.domain.text import is_written, written


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


class Voice:
    """The output of a command. With `json`, everything but one line goes to standard error."""

    def __init__(self, *, json: bool = False) -> None:
        self.json = json
        self.console = Console(stderr=json, highlight=False)

    def say(self, text: str) -> None:
        """Print one or more lines for people."""
        self.console.print(shown(text), markup=False, soft_wrap=True)

    def result(self, value: Mapping[str, Any], text: str) -> None:
        """Print the result: `value` as one line of JSON for programs, or `text` for people."""
        if self.json:
            print(orjson.dumps(value, default=str).decode())
        else:
            self.say(text)

    def table(self, title: str, columns: Iterable[str], rows: Iterable[Iterable[object]]) -> None:
        """Print a table for people."""
        table = Table(title=title, title_justify="left", header_style="bold")
        for column in columns:
            table.add_column(column, overflow="fold")
        for row in rows:
            table.add_row(*("" if cell is None else escape(shown(str(cell))) for cell in row))
        self.console.print(table)

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
