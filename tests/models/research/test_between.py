"""Tests of what messages are worth if there are also scores between Mondays."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from ewarn.domain.rule import QuietRise, Rise
from ewarn.domain.time import midnight
from ewarn.panel.history import EventHistory
from models.judging.measures.bootstrap import Draws
from models.judging.measures.emergencies import Emergencies
from models.research.between import Daily, EmergencyDays, days_of, judged, warned
from tests.events import frame, row
from tests.scores import MONDAY, origin

NO = np.nan
RISE = Rise(0.02, 1.6, 4, 6, 1.5)
PAST = 60  # weeks before the first origin
ScoredChange = list[tuple[int, int]]


def week(monday: float, **days: float) -> list[float]:
    """The scores of a week by its days; nothing on those that are not named."""
    names = ("tue", "wed", "thu", "fri", "sat", "sun")
    return [monday, *(days.get(name, NO) for name in names)]


def told(*weeks: list[float]) -> ScoredChange:
    """Week and day of each message."""
    return told_of_quiet(np.full((len(weeks), 7), NO).tolist(), *weeks)


def told_of_quiet(risk: list[list[float]], *weeks: list[float], rise: Rise = RISE) -> ScoredChange:
    """The same where a region is so many times as risky as quiet ones; NaN: it is not quiet."""
    found = warned(Daily(np.array(weeks)[:, :, None], np.array(risk)[:, :, None]), rise)[:, :, 0]
    return [(int(w), int(d)) for w, d in np.argwhere(found)]


def test_the_week_so_far_rises_over_its_own_monday() -> None:
    assert told(week(0.03), week(0.03, wed=0.06), week(0.06)) == [(1, 2)]
    assert told(week(0.03), week(0.03, wed=0.047), week(0.03)) == []


def test_what_is_not_above_monday_says_nothing() -> None:
    assert told(week(0.03), week(0.03), week(0.06, tue=0.06, wed=0.01)) == [(2, 0)]
    assert told(week(NO, wed=0.9)) == []


def test_a_higher_level_is_told_again_in_the_same_week() -> None:
    assert told(week(0.03), week(0.03, tue=0.06, fri=0.08, sun=0.1)) == [(1, 1), (1, 6)]


def test_a_quiet_region_is_told_of_where_it_is_riskier_than_others() -> None:
    rise = replace(RISE, quiet=QuietRise(times=3, again_after=2))
    steady = [week(0.03)] * 4
    assert told_of_quiet([week(2.9)] * 4, *steady, rise=rise) == []
    assert told_of_quiet([week(3.1)] * 4, *steady, rise=rise) == [(0, 0), (2, 0)]
    so_far = [week(0.03), week(0.03, wed=0.06), *steady[:2]]
    assert told_of_quiet([week(1), week(1, wed=2), week(1), week(1)], *so_far, rise=rise) == []
    assert told_of_quiet([week(1), week(1, wed=NO), week(1), week(1)], *so_far, rise=rise) == [
        (1, 2)
    ]


def figures(sent: list[tuple[int, int]], happened: int, known: int) -> dict[str, Any]:
    """What the messages of one region came to, with an onset in week 80 on a day of that week."""
    lethal = np.zeros((140, 1), np.int64)
    lethal[80, 0] = 1
    messages = np.zeros((60, 7, 1), np.bool_)
    for at in sent:
        messages[(*at, 0)] = True
    days = EmergencyDays(np.full((140, 1), -1), np.full((140, 1), -1))
    days.happened[80, 0], days.known[80, 0] = 80 * 7 + happened, 80 * 7 + known
    made = judged(
        messages,
        np.ones((60, 1), np.bool_),
        Emergencies.of(lethal),
        days,
        PAST,
        np.zeros(1, np.int64),
        Draws.of(1, seed=0),
    )
    onset: dict[str, Any] = made["onset"]
    return onset


@pytest.mark.parametrize(
    ("sent", "before", "by_monday", "by_day_after"),
    [
        ([], 0, 0, 0),
        ([(12, 6)], 0, 0, 0),  # eight weeks before
        ([(13, 0)], 1, 1, 1),
        ([(20, 2)], 1, 1, 1),  # on the morning of the day
        ([(20, 3)], 0, 1, 1),
        ([(20, 5)], 0, 1, 1),  # known on the fourth day, told on the day after
        ([(20, 6)], 0, 1, 0),
        ([(21, 0)], 0, 1, 0),
        ([(21, 1)], 0, 0, 0),
    ],
)
def test_told_before_by_monday_and_by_the_day_after(
    sent: list[tuple[int, int]], before: int, by_monday: int, by_day_after: int
) -> None:
    found = figures(sent, happened=2, known=4)
    assert found["number"] == 1
    names = ("told_before", "told_by_next_monday", "told_by_the_day_after_known")
    assert tuple(found[name]["value"] for name in names) == (before, by_monday, by_day_after)


def history() -> EventHistory:
    day = origin(2) + timedelta(days=2)
    lethal: dict[str, Any] = {
        "kind": "force",
        "fatalities_low": 1,
        "country": "TGO",
        "region": "TGO",
    }
    return EventHistory(
        frame(
            row("one", occurred_on=day, known_at=midnight(day) + timedelta(hours=30), **lethal),
            row(
                "two",
                occurred_on=day + timedelta(1),
                known_at=midnight(day + timedelta(2)),
                **lethal,
            ),
            row("calm", occurred_on=origin(1), kind="protest", country="TGO", region="TGO"),
        ),
        regions=("TGO", "BEN"),
        parents={},
        signals=("invented:force", "invented:force:lethal", "invented:protest"),
        first_week=MONDAY,
        end=origin(8),
        coverage=(),
    )


def test_an_emergency_s_day_is_that_of_its_first_lethal_event() -> None:
    found = days_of(history(), {"TGO": 0, "BEN": 1}, (8, 2))
    assert found.happened[:, 0].tolist() == [-1, -1, 16, -1, -1, -1, -1, -1]
    assert found.known[2, 0] == 18  # in the course of the day after
    assert (found.happened[:, 1] == -1).all()


def test_a_panel_of_the_week_so_far_holds_what_was_known_by_then() -> None:
    past = history()
    wednesday = midnight(origin(2)) + timedelta(days=3, hours=6)
    before, then = past.so_far(wednesday - timedelta(seconds=1)), past.so_far(wednesday)
    assert before.origin == then.origin == origin(3)
    assert before.series("invented:force").sum() == 0
    assert then.series("invented:force")[-1].tolist() == [1, 0]
    assert then.observed[-1].all()
    assert not then.observed[:-1].any()
    assert past.changed(wednesday - timedelta(seconds=1), wednesday) == {"TGO"}
    assert past.changed(wednesday, wednesday + timedelta(hours=1)) == frozenset()
