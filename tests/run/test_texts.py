"""Tests that control characters are neither accepted nor shown by the command line."""

import pytest

from ewarn.run.console import Tone, Toned, Voice, shown
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


IDS = (
    "alert-0123456789abcdef",
    "msg_0123456789abcdef0123456789abcdef",
    "dakar:email:d@example.org",
)


@pytest.mark.parametrize("width", [20, 50, 80, 100])
def test_a_table_cuts_no_word(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    long = "a sentence that is longer than a line and is folded between its words, not in them"
    Voice().table("Things", ["id", "endpoint", "address", "what"], [[*IDS, long], ["", "", "", 1]])
    said = capsys.readouterr().out
    for word in (*IDS, *long.split()):
        assert word in said.split()
    assert all(len(line) <= width or len(line.split()) <= 2 for line in said.splitlines())


def test_a_table_with_room_is_one_line_for_each_row(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    Voice().table("Things", ["id", "what"], [[IDS[0], "one thing"], [IDS[0], "another thing"]])
    lines = [line.rstrip() for line in capsys.readouterr().out.strip().splitlines()]
    assert lines[1] == "id                      what"
    assert lines[3:] == [f"{IDS[0]}  one thing", f"{IDS[0]}  another thing"]


def test_a_part_of_an_id_is_no_picture(capsys: pytest.CaptureFixture[str]) -> None:
    Voice().say("dakar:email:desk")
    Voice().table("a", ["b"], [["dakar:email:desk"]])
    assert capsys.readouterr().out.count("dakar:email:desk") == 2


@pytest.mark.parametrize("no_color", [True, False])
def test_a_colour_never_stands_alone(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, no_color: bool
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    if no_color:
        monkeypatch.setenv("NO_COLOR", "1")
    Voice().table("a", ["b"], [[Toned("broken", Tone.BAD)]])
    said = capsys.readouterr().out
    assert "broken" in said
    assert ("31m" in said) is not no_color
