"""Tests of the drawing of weekly events with the time of a deployment."""

from datetime import date, timedelta

from api.pages.response.course import HEIGHT, TOP, drawn
from ewarn.domain.time import WEEK

FIRST = date(2020, 1, 6)


def counts(*values: int | None) -> dict[date, int | None]:
    return {FIRST + number * WEEK: value for number, value in enumerate(values)}


def test_bars_have_the_heights_of_their_counts() -> None:
    found = drawn("a:force", counts(0, 4, None, 1), None)
    assert found.most == 4
    assert [(x, y, high) for x, _, y, high in found.bars] == [
        (25.0, TOP, HEIGHT),
        (75.0, TOP + HEIGHT * 0.75, HEIGHT / 4),
    ]
    assert found.gaps == ((50.0, 25.0),)
    assert found.source == "a"


def test_the_time_is_marked_by_the_day_and_only_as_far_as_it_is_shown() -> None:
    weeks = counts(0, 0, 0, 0)
    inside = drawn("a:force", weeks, (FIRST + WEEK, FIRST + 3 * WEEK))
    assert inside.stay == (25.0, 50.0)
    beyond = drawn("a:force", weeks, (FIRST - WEEK, FIRST + timedelta(days=14)))
    assert beyond.stay == (0.0, 50.0)
    assert drawn("a:force", weeks, (FIRST + 9 * WEEK, FIRST + 10 * WEEK)).stay is None
    assert drawn("a:force", weeks, None).stay is None


def test_events_of_weeks_that_were_not_observed_are_not_counted() -> None:
    found = drawn("a:force", counts(3, None, 2, 5), None)
    assert found.events(FIRST, FIRST + 3 * WEEK) == (5, 2)


def test_a_few_weeks_are_named_however_many_there_are() -> None:
    for number in (1, 3, 4, 9, 52, 520):
        ticks = drawn("a:force", counts(*[1] * number), None).ticks
        assert 1 <= len(ticks) <= 4
        assert ticks[0] == (0.0, FIRST)
