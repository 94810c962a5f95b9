"""Which planted surges messages told of, and which messages were of none.

A message warns of a planted surge where it names its country, or a subdivision of it, from the
surge's first day on to four weeks after its last; a surge is told within one run where such a
message leaves by the first Monday that has seen a whole calendar week of it. All other countries
named by a message that warns count as other messages, once for each day.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta

from benchmarks.gdelt_world import WEEKS, WEEKS_BEFORE, Surge, World
from ewarn.domain.target import Band
from ewarn.domain.time import WEEK

BELONGS = 4 * WEEK  # after a surge's last day
BAR = "bar: 10 of 12, and 0.2"


@dataclass(frozen=True, slots=True)
class Message:
    """A country that a message warns of: on which day, and whether of the country as a whole."""

    country: str
    day: date
    is_whole: bool
    level: Band


@dataclass
class Verdict:
    """What came of the surges, and the messages that are of none."""

    told: list[Surge] = field(default_factory=list)
    later: list[Surge] = field(default_factory=list)
    missed: list[Surge] = field(default_factory=list)
    others: list[Message] = field(default_factory=list)


def judged(planted: World, messages: list[Message]) -> Verdict:
    """Which surges were told of within one run, later, or not at all; and the other messages."""
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


def _warns_of(message: Message, surge: Surge) -> bool:
    last = surge.last_day + BELONGS
    return message.country == surge.country and surge.first_day <= message.day <= last


def first_run_after(surge: Surge) -> date:
    """The first Monday that has seen a whole calendar week of a surge."""
    return surge.first_day + timedelta(days=-surge.first_day.weekday() % 7) + WEEK


def years_of(planted: World) -> float:
    """Countries times years in which messages could be sent."""
    return len(planted.countries) * (WEEKS - WEEKS_BEFORE) / 52
