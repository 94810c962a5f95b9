"""Tests of when an alert counts as false: after thirteen observed weeks without the outcome."""

import pytest

from ewarn.domain.alert import was_false


@pytest.mark.parametrize(
    ("outcomes", "is_over", "verdict"),
    [
        ([False] * 13, False, True),
        ([False] * 12, False, None),
        ([False] * 12, True, True),
        ([False] * 12 + [True], True, False),
        ([False] * 13 + [True], True, True),
        ([False, True], False, False),
        ([None] * 5 + [False] * 12, False, None),
        ([None] * 5 + [False] * 13, False, True),
        ([False] * 5 + [None] * 8 + [True], True, False),
        ([False] * 5 + [None], True, True),
        ([None] * 20, True, None),
        ([], True, None),
    ],
)
def test_silence_neither_ages_nor_judges_an_alert(
    outcomes: list[bool | None], is_over: bool, verdict: bool | None
) -> None:
    assert was_false(outcomes, is_over=is_over) is verdict
