"""Tests of how often a recipient is notified, and of what."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from ewarn.domain.notification import About, News
from ewarn.domain.recipient import Digest, Pace, QuietHours, Recipient
from ewarn.domain.target import Band, Target
from ewarn.domain.time import WEEK

NIGHT = QuietHours(time(22), time(6), "Africa/Nairobi")  # 19:00 to 03:00 UTC


def at(hour: int, minute: int = 0, day: int = 6) -> datetime:
    """A moment of January 2020; the 6th is a Monday."""
    return datetime(2020, 1, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "over"),
    [
        (at(18, 59), at(18, 59)),
        (at(19), at(3, day=7)),
        (at(2, 59), at(3)),
        (at(3), at(3)),
    ],
)
def test_quiet_hours_are_read_on_the_clock_of_their_place(now: datetime, over: datetime) -> None:
    assert NIGHT.over_at(now) == over


def test_quiet_hours_by_day_end_the_same_day() -> None:
    noon = QuietHours(time(12), time(14))
    assert noon.over_at(at(13)) == at(14)
    assert noon.over_at(at(14)) == at(14)


def test_quiet_hours_end_on_the_clock_when_it_is_put_forward() -> None:
    paris = QuietHours(time(22), time(6), "Europe/Paris")
    spring = datetime(2020, 3, 28, 22, 0, tzinfo=UTC)  # 23:00; at 2:00 the clock goes to 3:00
    assert paris.over_at(spring) == datetime(2020, 3, 29, 4, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("digest", "now", "due"),
    [
        (None, at(9), at(9)),
        (Digest.DAILY, at(7), at(8)),
        (Digest.DAILY, at(8), at(8)),
        (Digest.DAILY, at(8, 1), at(8, day=7)),
        (Digest.WEEKLY, at(7), at(8)),
        (Digest.WEEKLY, at(9), at(8, day=13)),
    ],
)
def test_a_digest_leaves_at_its_hour(digest: Digest | None, now: datetime, due: datetime) -> None:
    assert Pace(digest=digest).due_at(now, urgent=False) == due
    assert Pace(digest=digest).due_at(now, urgent=True) == now


def test_a_digest_that_falls_into_quiet_hours_waits_for_their_end() -> None:
    pace = Pace(digest=Digest.DAILY, digest_at=time(20), quiet=NIGHT)
    assert pace.due_at(at(10), urgent=False) == at(3, day=7)


def test_a_budget_lets_the_next_message_leave_when_one_is_a_day_old() -> None:
    pace = Pace(most_a_day=2)
    assert pace.room_at(at(12), []) == at(12)
    assert pace.room_at(at(12), [at(9)]) == at(12)
    assert pace.room_at(at(12), [at(9), at(11)]) == at(9, day=7)
    assert pace.room_at(at(12), [at(8), at(9), at(11)]) == at(9, day=7)
    assert pace.room_at(at(12, day=7), [at(9), at(11)]) == at(12, day=7)
    assert Pace().room_at(at(12), [at(11)] * 50) == at(12)
    ahead = [at(9), at(12) + timedelta(days=365)]  # by a clock that was wrong
    assert pace.room_at(at(12), ahead) == at(12)


def test_room_within_quiet_hours_is_room_after_them() -> None:
    assert Pace(most_a_day=1, quiet=NIGHT).room_at(at(12), [at(20, day=5)]) == at(3, day=7)


def news(**others: Any) -> News:
    values: dict[str, Any] = {
        "about": About.ALERT,
        "thread": "a1",
        "occasion": "opened",
        "countries": ("TGO",),
        "facts": lambda _: {},
        "region": "TG-M",
        "target": Target.FORCE,
        "band": Band.HIGH,
        "probability": 0.3,
    }
    return News(**(values | others))


DESK = Recipient("r1", "dakar", "log", "desk", "fr", countries=("TGO", "GHA"))


@pytest.mark.parametrize(
    ("wish", "wants"),
    [
        ({}, True),
        ({"countries": ("GHA",)}, False),
        ({"countries": ("*",)}, True),
        ({"regions": ("TG-M",)}, True),
        ({"regions": ("TG-K",)}, False),
        ({"targets": ("force",)}, True),
        ({"targets": ("escalation",)}, False),
        ({"level": Band.HIGH}, True),
        ({"level": Band.CRITICAL}, False),
        ({"at_least": 0.3}, True),
        ({"at_least": 0.31}, False),
        ({"tier": 2}, False),
    ],
)
def test_a_recipient_wants_what_it_asked_for(wish: dict[str, Any], wants: bool) -> None:
    assert replace(DESK, **wish).wants(news()) is wants


def test_a_later_tier_hears_when_it_is_its_turn_and_an_uncalibrated_level_has_no_probability() -> (
    None
):
    assert replace(DESK, tier=2).wants(news(tier=2))
    assert not replace(DESK, at_least=0.1).wants(news(probability=None))
    assert replace(DESK, at_least=0.1).wants(news(about=About.SOURCE, band=None))
    assert DESK.wants(news(countries=("*",)))


@pytest.mark.parametrize(
    ("channel", "waits"),
    [("email", True), ("log", True), ("webhook", False), ("alertmanager", False)],
)
def test_what_has_patience_waits_for_other_news_unless_a_program_reads_it(
    channel: str, waits: bool
) -> None:
    desk = replace(DESK, channel=channel)
    assert desk.due_at(at(8), news()) == at(8)
    assert desk.due_at(at(8), news(max_wait=WEEK)) == at(8) + WEEK * waits
    night = replace(desk, pace=Pace(quiet=NIGHT))
    assert night.due_at(at(20), news()) == at(3, day=7)
