"""Weeks, origins and the rule that every time knows its zone.

Weeks are ISO weeks, named by their Monday. An origin is Monday 00:00 UTC, the exclusive end of
the last observed week.
"""

from datetime import UTC, date, datetime, time, timedelta

WEEK = timedelta(days=7)


def week_of(day: date) -> date:
    """Monday of the ISO week that holds `day`."""
    return day - timedelta(days=day.weekday())


def whole_weeks(first_day: date, last_day: date) -> tuple[date, date] | None:
    """The first and last ISO week (Mondays) that lie wholly in [first_day, last_day], if any."""
    first = week_of(first_day + timedelta(days=6))
    last = week_of(last_day + timedelta(days=1)) - WEEK
    return (first, last) if first <= last else None


def midnight(day: date) -> datetime:
    """`day` at 00:00 UTC."""
    return datetime.combine(day, time(), tzinfo=UTC)


def origin_at(now: datetime) -> date:
    """The last origin at or before `now`: the Monday of its ISO week in UTC."""
    return week_of(require_utc(now).date())


def known_after(day: date) -> datetime:
    """When an event that ended on `day` counts as known if nobody said when: the day after."""
    return midnight(day + timedelta(days=1))


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
