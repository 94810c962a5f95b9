"""The days of an entry of iCalendar: whole days, moments in some zone, and yearly repetitions.

Programs mix the two: the days of a series may be whole, while its end and its exceptions are
moments in UTC, the midnights of the calendar's own zone.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import islice, takewhile
from typing import Any
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr
from icalendar import vDDDLists, vRecur
from icalendar.error import BrokenCalendarProperty
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from ewarn.errors import RecordRejected

YEARS_AHEAD = 2  # of the year of reading: how far repetitions are written out
MOST_DAYS = 400  # of one entry
_REPEATED_BY = {"FREQ", "INTERVAL", "COUNT", "BYMONTH", "BYMONTHDAY", "BYDAY", "BYSETPOS", "WKST"}
_DAY = timedelta(days=1)
# What `icalendar` and `dateutil` raise on values that are none.
UNREADABLE = (
    ValueError,
    TypeError,
    KeyError,
    AttributeError,
    IndexError,
    OverflowError,
    BrokenCalendarProperty,
)


def zone_of_calendar(calendar: Any) -> tzinfo | None:
    """The zone that a calendar names as its own, or the only one that it describes."""
    named = str(calendar.get("X-WR-TIMEZONE", "")).strip()
    if named:
        try:
            return ZoneInfo(WINDOWS_TO_OLSON.get(named, named))
        except (*UNREADABLE, OSError):
            return None
    described = [part for part in calendar.subcomponents if part.name == "VTIMEZONE"]
    zone: tzinfo | None = described[0].to_tz() if len(described) == 1 else None
    return zone


def zone_of(event: Any, calendar_zone: tzinfo | None) -> tzinfo | None:
    """The zone that its first day is written in, else its calendar's."""
    start = value_of(event, "DTSTART")
    own = start.tzinfo if isinstance(start, datetime) else None
    return calendar_zone if own is None or _is_utc(start) else own


def value_of(event: Any, name: str) -> Any:
    """The value of a property of time; None where it is absent or broken."""
    try:
        return event[name].dt
    except UNREADABLE:
        return None


def is_whole(event: Any) -> bool:
    """Whether it is on whole days, not at an hour."""
    return not isinstance(value_of(event, "DTSTART"), datetime)


def day_at(event: Any, name: str, zone: tzinfo | None, *, whole: bool) -> date:
    """The day of a property of time; raises RecordRejected where it has none."""
    value = value_of(event, name)
    if not isinstance(value, date):
        raise RecordRejected(f"its {name} cannot be read")
    return local_day(value, zone, whole=whole)


def local_day(value: date | datetime, zone: tzinfo | None, *, whole: bool) -> date:
    """The day of a moment where the vote is: a vote is on its own country's day.

    A moment in UTC is read in the zone. Where none is known, one that stands for a whole day is a
    midnight, or the second before it, in whichever zone that makes it one.
    """
    if not isinstance(value, datetime):
        return value
    if not _is_utc(value):
        return value.date() if zone is None or value.tzinfo is None else _in(value, zone).date()
    if zone is not None:
        return _in(value, zone).date()
    if not whole:
        return value.date()
    before = timedelta(seconds=value.second == 59)
    midnight = value + before
    hours = timedelta(hours=midnight.hour, minutes=midnight.minute, seconds=midnight.second)
    offset = -hours if hours < timedelta(hours=12) else _DAY - hours
    return (value + offset).date()


def span_of(event: Any, zone: tzinfo | None) -> tuple[date, timedelta]:
    """Its first day, and how many days later its last is. An end is the first moment after it."""
    start = value_of(event, "DTSTART")
    if not isinstance(start, date):
        raise RecordRejected("its DTSTART cannot be read")
    if "DTEND" in event:
        end = event["DTEND"].dt
    else:
        end = start + event["DURATION"].dt if "DURATION" in event else start
    if isinstance(start, datetime) and zone is not None and _is_utc(start):
        start, end = _in(start, zone), _in(end, zone)
    first, last = local_day(start, zone, whole=False), local_day(end, zone, whole=False)
    ends_whole = not isinstance(end, datetime) or end.time() == time()
    if ends_whole and last > first:
        last -= _DAY
    return first, last - first


def days_of(event: Any, zone: tzinfo | None, read_at: datetime) -> dict[date, bool]:
    """Every day of an entry that repeats, up to the horizon, and whether it is left out.

    Raises RecordRejected where it repeats otherwise than yearly, or gives no day.
    """
    whole = is_whole(event)
    horizon = date(read_at.year + YEARS_AHEAD, 12, 31)
    days = set(_repeated(event, zone, horizon)) if "RRULE" in event else {span_of(event, zone)[0]}
    days |= set(_listed(event, "RDATE", zone, whole=whole))
    days = {day for day in days if day <= horizon}
    if not days:
        raise RecordRejected(f"it gives no day up to {horizon}: see where its repetition ends")
    if len(days) > MOST_DAYS:
        raise RecordRejected(f"it repeats on more than {MOST_DAYS} days")
    left_out = set(_listed(event, "EXDATE", zone, whole=whole))
    return {day: day in left_out for day in sorted(days)}


def _repeated(event: Any, zone: tzinfo | None, horizon: date) -> list[date]:
    rule = event["RRULE"]
    if not isinstance(rule, vRecur):
        raise RecordRejected("it repeats by more than one rule")
    if not rule:
        raise RecordRejected("its RRULE cannot be read: a yearly repetition is FREQ=YEARLY")
    parts = {name: value for name, value in rule.items() if name not in ("UNTIL", "COUNT")}
    if parts.get("FREQ") != ["YEARLY"] or set(parts) - _REPEATED_BY:
        raise RecordRejected("it repeats otherwise than yearly")
    if sum(len(value) for value in parts.values()) > MOST_DAYS:
        raise RecordRejected(f"it repeats on more than {MOST_DAYS} days")
    if int(parts.get("INTERVAL", [1])[0]) < 1:
        raise RecordRejected("its INTERVAL is 0: write how many years lie between two days")
    first, _ = span_of(event, zone)
    last = horizon
    if "UNTIL" in rule:
        last = min(last, local_day(rule["UNTIL"][0], zone, whole=is_whole(event)))
    if first > last:
        return []
    # `dateutil` looks for days as far as it is told: a rule may have none.
    parts["UNTIL"] = [datetime.combine(last, time())]
    text: bytes = vRecur(parts).to_ical()  # type: ignore[no-untyped-call]
    found = rrulestr(text.decode(), dtstart=datetime.combine(first, time()))
    count = min(int(rule.get("COUNT", [MOST_DAYS + 1])[0]), MOST_DAYS + 1)
    days = takewhile(lambda day: day <= last, (moment.date() for moment in found))
    return list(islice(days, max(count, 0)))


def _listed(event: Any, name: str, zone: tzinfo | None, *, whole: bool) -> Iterator[date]:
    value = event.get(name, [])
    for group in value if isinstance(value, list) else [value]:
        if not isinstance(group, vDDDLists):
            raise RecordRejected(f"its {name} cannot be read")
        for item in group.dts:
            moment = item.dt[0] if isinstance(item.dt, tuple) else item.dt  # a period's begin
            if not isinstance(moment, date):
                raise RecordRejected(f"its {name} cannot be read")
            yield local_day(moment, zone, whole=whole)


def _is_utc(value: Any) -> bool:
    return isinstance(value, datetime) and value.tzname() == "UTC"


def _in(value: datetime, zone: tzinfo) -> datetime:
    try:
        return value.astimezone(zone)
    except (OverflowError, ValueError):
        raise RecordRejected("one of its moments is out of reach") from None


def utc(moment: datetime) -> datetime:
    """A moment in UTC, as which one without a zone counts; raises RecordRejected."""
    return _in(moment, UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
