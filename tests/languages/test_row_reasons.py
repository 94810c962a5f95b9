"""Tests of the sentences that say what is wrong with a row of a list."""

import pytest

from api.pages.told_problem import TELLERS
from ewarn.files.values import check_identifier, day_of
from ewarn.languages.row_reasons import ROW_REASONS, told_row_reason
from ewarn.languages.sentences import Sentence
from tests.languages.reading import check_is_read_by_itself


@pytest.mark.parametrize("sentence", ROW_REASONS.known, ids=lambda each: each.one)
def test_each_is_read_by_itself_and_its_gaps_have_tellers(sentence: Sentence) -> None:
    check_is_read_by_itself(sentence, ROW_REASONS, TELLERS.keys())


@pytest.mark.parametrize("cell", ["soon", "43000", "03/04/2019", "#NAME?"])
def test_what_is_found_in_the_cell_of_a_day_is_a_known_sentence(cell: str) -> None:
    with pytest.raises(ValueError) as refused:  # noqa: PT011  # its text is what counts
        day_of(cell)
    said = f"given_on {refused.value}"
    assert told_row_reason(said, "fr", TELLERS) != said


@pytest.mark.parametrize("cell", ["n/a", "A\u200b1", "1.2E+15"])
def test_what_is_found_in_a_reference_is_a_known_sentence(cell: str) -> None:
    with pytest.raises(ValueError) as refused:  # noqa: PT011
        check_identifier(cell)
    said = f"reference {refused.value}"
    assert told_row_reason(said, "fr", TELLERS) != said


def test_a_row_is_refused_for_the_reasons_of_a_form_too() -> None:
    said = told_row_reason("it was given on 2031-01-01, which is in the future", "fr", TELLERS)
    assert said == "elle est datée du 1 janv. 2031, donc dans l’avenir"
