"""Tests that control characters are neither accepted nor shown by the command line."""

import pytest

from ewarn.run.console import Voice, shown
from tests.run.conftest import Command


def test_an_argument_is_a_text(ewarn: Command) -> None:
    done = ewarn("keys", "create", "a\x1b[31mdesk")
    assert done.code == 2
    assert done.err.strip() == "ewarn: argument 3 holds the character U+001B, which is not text"
    assert ewarn("keys", "create", "a\ud800desk").code == 2


def test_what_steers_a_terminal_is_shown_as_a_question_mark(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert shown("two\nlines, and \x1b]0;title\x07") == "two\nlines, and ?]0;title?"
    voice = Voice()
    voice.say("file \x1b[2Jname")
    voice.table("a", ["b"], [["\x1b[2J[red]c"]])
    said = capsys.readouterr().out
    assert "\x1b[2J" not in said
    assert "[red]c" in said
