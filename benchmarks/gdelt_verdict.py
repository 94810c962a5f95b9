"""Evaluation of messages on an invented world: surges they warned of, and messages on no surge.

A message warns of a planted surge if it names its country, or a subdivision of it, between the
surge's first day and four weeks after its last. A surge is warned of within one run if such a
message is sent by the first Monday after a whole calendar week of the surge. All other countries
that a warning names count as other messages, once for each day.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta

from benchmarks.gdelt_world import WEEKS, WEEKS_BEFORE, Surge, World
from ewarn.domain.target import Band
from ewarn.domain.time import WEEK

BELONGS = 4 * WEEK  # after a surge's last day
BAR = "bar: 10 of 12, and 0.2"


@dataclass(frozen=True, slots=True)
class SentMessage:
    """A country that a message warns of on a day, and whether it names the country as a whole."""

    country: str
    day: date
    is_whole: bool
    level: Band


@dataclass
class Verdict:
    """The surges by when they were warned of, and the messages that are of no surge."""

    told: list[Surge] = field(default_factory=list)
    later: list[Surge] = field(default_factory=list)
    missed: list[Surge] = field(default_factory=list)
    others: list[SentMessage] = field(default_factory=list)


def judged(planted: World, messages: list[SentMessage]) -> Verdict:
    """Sort surges by warnings within one run, later, or never, and find the other messages."""
    found = Verdict()
    for surge in planted.surges:
        days = [message.day for message in messages if _warns_of(message, surge)]
        in_time = bool(days) and min(days) <= first_run_after(surge)
        (found.told if in_time else found.later if days else found.missed).append(surge)
    found.others = [
        message
        for message in messages
        if not any(_warns_of(message, surge) for surge in planted.surges)
    ]
    return found


def _warns_of(message: SentMessage, surge: Surge) -> bool:
    last = surge.last_day + BELONGS
    return message.country == surge.country and surge.first_day <= message.day <= last


def first_run_after(surge: Surge) -> date:
    """Return the first Monday after a whole calendar week of a surge."""
    return surge.first_day + timedelta(days=-surge.first_day.weekday() % 7) + WEEK


def years_of(planted: World) -> float:
    """Return the number of countries times the years in which messages could be sent."""
    return len(planted.countries) * (WEEKS - WEEKS_BEFORE) / 52
