"""Tests of the commands in documents: each one parses, and the harmless ones are run."""

import re
import shlex
from pathlib import Path

import click
import pytest

from ewarn.run.cli import load
from tests.run.conftest import Command

TOP = Path(__file__).resolve().parents[2]
PAGES = sorted([TOP / "README.md", TOP / "CONTRIBUTING.md", *(TOP / "docs").glob("*.md")])
# Commands that use no provider, start no server and work in a new installation.
HARMLESS = (
    ("migrate",),
    ("keys", "create"),
    ("keys", "list"),
    ("doctor",),
    ("status",),
    ("sources",),
    ("deliveries",),
    ("datasets", "list"),
    ("models", "list"),
)


def commands(page: Path) -> list[list[str]]:
    """The words of each `ewarn` command in the shell examples of a page, in order."""
    blocks = re.findall(r"^ *```sh\n(.*?)^ *```", page.read_text("utf-8"), re.M | re.S)
    found = []
    for line in "\n".join(blocks).replace("\\\n", " ").splitlines():
        words = shlex.split(line, comments=True)
        while words and re.fullmatch(r"[A-Z_]+=.*", words[0]):
            words.pop(0)
        if words and Path(words[0]).name == "ewarn":
            found.append(words[1:])
    return found


def parse(name: str, words: list[str]) -> None:
    """Read a command's words as the command line does. Raises ClickException where it cannot."""
    command = load(name)
    context = command.make_context(name, list(words))
    rest = [*context.protected_args, *context.args] if isinstance(command, click.Group) else []
    if rest:
        below, subcommand, after = command.resolve_command(context, rest)
        subcommand.make_context(below, after, parent=context)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_command_of_a_page_can_be_given(page: Path) -> None:
    for name, *words in commands(page):
        try:
            parse(name, words)
        except click.ClickException as error:
            pytest.fail(f"ewarn {shlex.join([name, *words])}: {error.format_message()}")


def test_the_pages_for_operators_can_be_followed(ewarn: Command) -> None:
    """From an empty folder, in the order of the pages."""
    given = [
        words
        for page in ("install", "configure", "operate", "troubleshooting")
        for words in commands(TOP / "docs" / f"{page}.md")
        if tuple(words[:2]) in HARMLESS or tuple(words) in HARMLESS
    ]
    assert len(given) > 10
    for words in given:
        done = ewarn(*words)
        # In an empty folder no worker runs, and the status says so with exit code 1.
        expected = 1 if words == ["status"] else 0
        assert done.code == expected, f"ewarn {shlex.join(words)}: {done.err}"
