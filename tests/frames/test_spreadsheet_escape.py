"""Tests that cells that a spreadsheet might run are written as text, and read back unchanged."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ewarn.frames.spreadsheet_escape import escape_formula, unescape_formula


@pytest.mark.parametrize(
    "text",
    [
        *("=1+1", "+1", "-1", "@SUM(A1)", "＝1+1", "＋1", "－1", "＠SUM(A1)"),
        *("\t=1", "\r=1", "\n=1", "\tx", "\rx", "\nx", " =1", "\u3000＝1", "'=1", "''=1"),
    ],
)
def test_a_cell_that_might_run_is_guarded_and_comes_back(text: str) -> None:
    assert escape_formula(text) == "'" + text
    assert unescape_formula(escape_formula(text)) == text


@pytest.mark.parametrize("text", ["a march", "'tis", "", "1=1", "Lomé"])
def test_a_cell_that_cannot_run_stays_as_it_is(text: str) -> None:
    assert escape_formula(text) == unescape_formula(text) == text


@given(st.text(alphabet="='+ \t\r\n＝a@-", max_size=6))
def test_whatever_is_written_comes_back(text: str) -> None:
    assert unescape_formula(escape_formula(text)) == text
