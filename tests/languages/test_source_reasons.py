"""Tests of the sentences that say why a source is as it is."""

import pytest

from ewarn.languages import source_reasons
from ewarn.languages.sentences import Sentence
from ewarn.languages.source_reasons import SOURCE_REASONS, TELLERS, told_outcomes, told_reason
from tests.languages.reading import check_is_read_by_itself


@pytest.mark.parametrize("sentence", SOURCE_REASONS.known, ids=lambda each: each.one)
def test_each_is_read_by_itself_and_its_gaps_have_tellers(sentence: Sentence) -> None:
    check_is_read_by_itself(sentence, SOURCE_REASONS, TELLERS.keys())


def test_a_reason_in_a_reason_is_told_too() -> None:
    because = source_reasons.NOTHING_NEWER_BECAUSE(
        moment="2020-03-02T12:00+00:00", reason=source_reasons.NOTHING_NEW()
    )
    said = told_reason(source_reasons.UNREAD(reason=because, count=2), "fr")
    assert said == (
        "rien de plus récent que le 2 mars 2020, 12:00 UTC\u00a0: rien de nouveau\u00a0; "
        "2 fichiers n’ont pas encore pu être lus"
    )


def test_what_a_provider_says_stays_as_it_is_also_in_a_sentence() -> None:
    assert told_reason("a.csv: line 2 has no date", "fr") == "a.csv: line 2 has no date"
    said = told_reason("nothing newer than 2020-99-99: 2020-99-99", "fr")
    assert said == "rien de plus récent que le 2020-99-99\u00a0: 2020-99-99"


def test_outcomes_of_several_sources_are_told_one_by_one() -> None:
    text = "12 of 300 matured outcomes of ucdp since 2015-01; no week of gdelt was read yet: "
    said = told_outcomes(f"{text}back-fill it, from 2015 on at best", "fr")
    assert "12 des 300" in said
    assert "aucune semaine de gdelt" in said
    assert told_outcomes(text, "en") == text
