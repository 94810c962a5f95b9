"""Tests that sentences recorded in English are read back and translated."""

import re

import pytest

from ewarn.languages.alert_reasons import REASONS
from ewarn.languages.catalogues import LANGUAGES
from ewarn.languages.rule_reasons import UNMET
from ewarn.languages.sentences import Sentence, Sentences


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("record", "known"),
    [(record, known) for record in (REASONS, UNMET) for known in record.known],
    ids=lambda each: getattr(each, "one", "")[:40],
)
def test_each_sentence_is_read_back_by_itself(
    record: Sentences, known: Sentence, language: str
) -> None:
    names = re.findall(r"%\((\w+)\)s", known.one)
    tellers = {name: lambda value, _: value for name in names}
    for count in ("1", "3"):
        given = {name: count if name == "count" else f"<{name}>" for name in names}
        english = (known.one if count == "1" else known.many or known.one) % given
        said = record.told(english, language, tellers)
        assert said == known.message(language, given) % given


def test_what_stands_in_a_gap_is_told_too() -> None:
    record = Sentences()
    whole = record.sentence("%(level)s: below %(threshold)s for %(periods)s")
    part = record.counted_sentence("%(count)s week", "%(count)s weeks")
    text = whole(level="2020-01-06", threshold="0.50", periods=part(count=1))
    assert text == "2020-01-06: below 0.50 for 1 week"
    assert record.told(text, "fr", {}) == "6 janv. 2020, soit moins de 0,50 pendant 1 semaine"


def test_a_record_of_an_older_version_is_translated_too() -> None:
    old = "still open: what held the news of it back is over"
    new = "still open: its notifications are no longer suppressed"
    assert REASONS.told(old, "fr", {}) == REASONS.told(new, "fr", {}) != new
