"""Weeks, origins and the rule that every time knows its zone.

Weeks are ISO weeks, named by their Monday. An origin is Monday 00:00 UTC, the exclusive end of
the last observed week.
"""

import re
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import available_timezones

DAY, WEEK = timedelta(days=1), timedelta(days=7)
YEAR = timedelta(days=365.25)
WEEKS_PER_YEAR = YEAR / WEEK
# Days that people may state. What lies outside was mistyped.
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2100, 12, 31)
_CLOCK = re.compile(r"[0-2]\d:[0-5]\d(?::[0-5]\d)?", re.ASCII)


def week_of(day: date) -> date:
    """Monday of the ISO week that holds `day`."""
    return day - timedelta(days=day.weekday())


def whole_weeks(first_day: date, last_day: date) -> tuple[date, date] | None:
    """The first and last ISO week (Mondays) that lie wholly in [first_day, last_day], if any."""
    first = week_of(first_day + 6 * DAY)
    last = week_of(last_day + DAY) - WEEK
    return (first, last) if first <= last else None


def midnight(day: date) -> datetime:
    """`day` at 00:00 UTC."""
    return datetime.combine(day, time(), tzinfo=UTC)


def origin_at(now: datetime) -> date:
    """The last origin at or before `now`: the Monday of its ISO week in UTC."""
    return week_of(require_utc(now).date())


def known_after(day: date) -> datetime:
    """When an event that ended on `day` counts as known if nobody said when: the day after."""
    return midnight(day + DAY)


def require_utc(moment: datetime) -> datetime:
    """`moment` in UTC; raises ValueError if it is naive."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment.isoformat()} has no time zone")
    return moment.astimezone(UTC)


def parse_day(text: str) -> date:
    """An ISO calendar day, exactly `YYYY-MM-DD`; raises ValueError that says so."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is not a day written YYYY-MM-DD") from None
    if day.isoformat() != text:
        raise ValueError(f"{text!r} is not a day written YYYY-MM-DD")
    return day


def parse_moment(text: str) -> datetime:
    """An ISO day (its midnight) or a date-time with zone, in UTC; raises ValueError."""
    if len(text) == len("YYYY-MM-DD"):
        return midnight(parse_day(text))
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is not an ISO 8601 day or date-time") from None
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no time zone; write YYYY-MM-DD or a time with its zone")
    return require_utc(moment)


def end_of_day(day: date) -> datetime:
    """The last moment of `day` in UTC."""
    return midnight(day + DAY) - timedelta(microseconds=1)


def parse_as_of(text: str) -> datetime:
    """As of which moment somebody asks, in UTC: an ISO day means its end, so that the answer
    includes all of it, and a date-time with zone that moment. Raises ValueError."""
    if len(text) == len("YYYY-MM-DD"):
        return end_of_day(parse_day(text))
    return parse_moment(text)


def stated_day(text: str) -> date:
    """A day that somebody states, of 1900 to 2100; raises ValueError."""
    day = parse_day(text)
    if not FIRST_DAY <= day <= LAST_DAY:
        raise ValueError(f"{text!r} does not lie in the years {FIRST_DAY.year} to {LAST_DAY.year}")
    return day


def parse_clock(text: str) -> time:
    """A time of day without a zone, which is a field of its own; raises ValueError."""
    if _CLOCK.fullmatch(text):
        try:
            return time.fromisoformat(text)
        except ValueError:
            pass
    raise ValueError(f"{text[:60]!r} is not a time of day written 18:00")


def require_zone(name: str) -> str:
    """The name of a time zone that a place has, or `UTC`; raises ValueError.

    Names without a place are kept for machines (`posixrules`, `localtime`), or mean two things.
    """
    if name != "UTC" and not ("/" in name and name in _zones()):
        raise ValueError(f"{name[:60]!r} is not a time zone such as Africa/Dakar, or UTC")
    return name


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())
