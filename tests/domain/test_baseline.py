"""Tests of what can be detected with the part of the past that was read."""

from datetime import date

import pytest

from ewarn.domain.baseline import Baseline


@pytest.mark.parametrize(
    ("weeks", "words", "advises"),
    [
        (0, "Until 26 are, nothing is known to be unusual, and nobody is warned", True),
        (25, "nobody is warned", True),
        (26, "some warnings will be missed and some will be wrong", True),
        (49, "what is usual is not known well yet", True),
        (50, "unusual weeks are seen", False),
        (52, "unusual weeks are seen", False),
    ],
)
def test_the_sentence_says_what_is_read_and_what_to_do(
    weeks: int, words: str, advises: bool
) -> None:
    found = Baseline("gdelt", weeks, date(2025, 11, 3)).sentence
    assert found.startswith(f"{weeks} of 52 weeks of its past were read")
    assert words in found
    assert ("Back-fill with `ewarn ingest gdelt --since 2025-11-03`" in found) == advises
