"""Weeks, origins, and the rule that every time has a zone.

Weeks are ISO weeks, named by their Monday. An origin is Monday 00:00 UTC, the exclusive end of the
last observed week.
"""

import re
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import available_timezones

DAY, WEEK = timedelta(days=1), timedelta(days=7)
YEAR = timedelta(days=365.25)
WEEKS_PER_YEAR = YEAR / WEEK
# People may state days in this range. Any other day is a typing error.
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2100, 12, 31)
_CLOCK = re.compile(r"[0-2]\d:[0-5]\d(?::[0-5]\d)?", re.ASCII)


def week_of(day: date) -> date:
    """Return the Monday of the ISO week that holds `day`."""
    return day - timedelta(days=day.weekday())


def whole_weeks(first_day: date, last_day: date) -> tuple[date, date] | None:
    """Return the first and last ISO week (Mondays) wholly inside [first_day, last_day], if any."""
    first = week_of(first_day + 6 * DAY)
    last = week_of(last_day + DAY) - WEEK
    return (first, last) if first <= last else None


def midnight(day: date) -> datetime:
    """Return `day` at 00:00 UTC."""
    return datetime.combine(day, time(), tzinfo=UTC)


def origin_at(now: datetime) -> date:
    """Return the last origin at or before `now`: the Monday of its ISO week in UTC."""
    return week_of(require_utc(now).date())


def known_after(day: date) -> datetime:
    """Return when an event that ended on `day` counts as known by default: the next day."""
    return midnight(day + DAY)


def require_utc(moment: datetime) -> datetime:
    """Return `moment` in UTC; raise ValueError if it is naive."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment.isoformat()} has no time zone")
    return moment.astimezone(UTC)


def parse_day(text: str) -> date:
    """Return an ISO calendar day, written exactly `YYYY-MM-DD`; raise ValueError for others."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is not a day written YYYY-MM-DD") from None
    if day.isoformat() != text:
        raise ValueError(f"{text!r} is not a day written YYYY-MM-DD")
    return day


def parse_moment(text: str) -> datetime:
    """Return an ISO day (its midnight) or a date-time with zone, in UTC; raise ValueError."""
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
    """Return the last moment of `day` in UTC."""
    return midnight(day + DAY) - timedelta(microseconds=1)


def parse_as_of(text: str) -> datetime:
    """Return the moment as of which somebody asks, in UTC.

    An ISO day means its end, so that the answer includes all of it. A date-time with zone means
    that moment.

    Raises:
        ValueError: The text is neither.
    """
    if len(text) == len("YYYY-MM-DD"):
        return end_of_day(parse_day(text))
    return parse_moment(text)


def stated_day(text: str) -> date:
    """Return a day of 1900 to 2100 that somebody states; raise ValueError for others."""
    day = parse_day(text)
    if not FIRST_DAY <= day <= LAST_DAY:
        raise ValueError(f"{text!r} does not lie in the years {FIRST_DAY.year} to {LAST_DAY.year}")
    return day


def parse_clock(text: str) -> time:
    """Return a time of day without a zone, which is a separate field; raise ValueError."""
    if _CLOCK.fullmatch(text):
        try:
            return time.fromisoformat(text)
        except ValueError:
            pass
    raise ValueError(f"{text[:60]!r} is not a time of day written 18:00")


def require_zone(name: str) -> str:
    """Return the name of a time zone with a place, or `UTC`.

    Names without a place are reserved for machines (`posixrules`, `localtime`), or have two
    meanings.

    Raises:
        ValueError: The name is another one.
    """
    if name != "UTC" and not ("/" in name and name in _zones()):
        raise ValueError(f"{name[:60]!r} is not a time zone such as Africa/Dakar, or UTC")
    return name


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())
