"""Tests of what is said about sources, and about what scores rest on."""

from datetime import UTC, datetime

from ewarn.notify.messages.source_notices import interim_words


def test_an_interim_score_says_until_when_it_knew() -> None:
    at = datetime(2020, 1, 8, 16, tzinfo=UTC)
    assert interim_words(at).endswith("not over yet, as known on 8 Jan 2020, 16:00 UTC")
    assert interim_words(at, "fr").startswith("provisoire : la semaine en cours")
