"""Tests of text as it is read and written."""

import pytest

from ewarn.domain.text import entered, is_written, written

HALF, NUL, ESCAPE, TURNED = "\ud800", "\0", "\x1b[31m", "\u202e"
WRITTEN = ["Lomé", "مدينة لومي", "می‌خواهم", "ломе", "洛美", "क्षेत्र", "👩‍⚕️", "a  b", ""]
NOT_WRITTEN = [
    HALF,
    NUL,
    ESCAPE,
    TURNED,
    "\u2066",
    "\x85",
    "\u2028",
    "a\nb",
    "\t",
    "\ufeff",
    "\x7f",
]


@pytest.mark.parametrize("text", WRITTEN)
def test_what_people_write_stays_as_it_is(text: str) -> None:
    assert is_written(text)
    assert entered(text, at_most=100) == text
    assert written(text) == text


@pytest.mark.parametrize("text", NOT_WRITTEN)
def test_what_is_no_text_is_refused_from_people_and_a_space_from_programs(text: str) -> None:
    around = f"1{text}2"
    assert not is_written(around)
    with pytest.raises(ValueError, match=r"which is not text|must be one line"):
        entered(around, at_most=100)
    assert is_written(written(around))


def test_lines_are_allowed_where_they_are_asked_for() -> None:
    assert entered("a\r\nb\tc\u2028d", at_most=100, lines=True) == "a\nb\tc\nd"


def test_a_text_has_a_length_after_it_was_composed() -> None:
    assert entered("e\u0301" * 5, at_most=5) == "é" * 5
    with pytest.raises(ValueError, match="has 6 characters; 5 are the most"):
        entered("e\u0301" * 6, at_most=5)
