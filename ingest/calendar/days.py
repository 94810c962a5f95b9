"""The days of an iCalendar entry: whole days, moments in a time zone, and yearly repetitions.

Programs mix days and moments: the days of a series may be whole days, while its end and exceptions
are moments in UTC that stand for midnights in the calendar's own zone. `recurring-ical-events` does
not handle this. It reads such ends and exceptions a day off, gives one day too many for COUNT if
the first day does not fit the rule, and drops the excluded days, which must be withdrawn by their
ids. So `dateutil` evaluates the rules, and this module handles the mixture.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import islice, takewhile
from typing import Any
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr
from icalendar import vDDDLists, vRecur
from icalendar.error import BrokenCalendarProperty
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from ewarn.domain.time import DAY
from ewarn.errors import RecordRejected
from ingest.calendar.pared import UNREAD

YEARS_AHEAD = 2  # repetitions are expanded up to so many years after the year of reading
MOST_DAYS = 400  # of one entry
_REPEATED_BY = {"FREQ", "INTERVAL", "COUNT", "BYMONTH", "BYMONTHDAY", "BYDAY", "BYSETPOS", "WKST"}
_FARTHEST_WEST, _FARTHEST_EAST = timedelta(hours=-12), timedelta(hours=14)  # from UTC
# The errors that `icalendar` and `dateutil` raise for wrong values.
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
    """Return the zone that a calendar names as its own, else the only one it describes, or None."""
    named = str(calendar.get("X-WR-TIMEZONE", "")).strip()
    if named not in ("", UNREAD):
        try:
            return ZoneInfo(WINDOWS_TO_OLSON.get(named, named))
        except (*UNREADABLE, OSError):
            return None
    described = [part for part in calendar.subcomponents if part.name == "VTIMEZONE"]
    zone: tzinfo | None = described[0].to_tz() if len(described) == 1 else None
    return zone


def zone_of(event: Any, calendar_zone: tzinfo | None) -> tzinfo | None:
    """Return the zone in which the first day of an entry is written, else that of its calendar."""
    start = value_of(event, "DTSTART")
    own = start.tzinfo if isinstance(start, datetime) else None
    return calendar_zone if own is None or is_utc(start) else own


def value_of(event: Any, name: str) -> Any:
    """Return the value of a date or time property, or None if it is absent or broken."""
    try:
        return event[name].dt
    except UNREADABLE:
        return None


def is_whole(event: Any) -> bool:
    """Return whether an entry is on whole days and not at an hour."""
    return not isinstance(value_of(event, "DTSTART"), datetime)


def local_day(value: date | datetime, zone: tzinfo | None, *, whole: bool) -> date:
    """Return the local day of a moment: a vote is on a day of its own country.

    A moment in UTC is converted to `zone`. If the zone is unknown and the moment stands for a whole
    day (`whole`), it must be midnight in some zone, or the second before, and the day of that
    midnight is returned.
    """
    if not isinstance(value, datetime):
        return value
    if not is_utc(value):
        return value.date() if zone is None or value.tzinfo is None else _in(value, zone).date()
    if zone is not None:
        return _in(value, zone).date()
    if not whole:
        return value.date()
    before = timedelta(seconds=value.second == 59)
    midnight = value + before
    hours = timedelta(hours=midnight.hour, minutes=midnight.minute, seconds=midnight.second)
    offset = -hours if hours < timedelta(hours=12) else DAY - hours
    return (value + offset).date()


def span_of(event: Any, zone: tzinfo | None) -> tuple[date, timedelta]:
    """Return the first day of an entry and the time from it to the last day.

    The end that an entry states is the first moment after it.
    """
    start = value_of(event, "DTSTART")
    if not isinstance(start, date):
        raise RecordRejected("its DTSTART cannot be read")
    if "DTEND" in event:
        end = event["DTEND"].dt
    else:
        end = start + event["DURATION"].dt if "DURATION" in event else start
    return _span(start, end, zone)


def _span(start: date, end: Any, zone: tzinfo | None) -> tuple[date, timedelta]:
    if isinstance(start, datetime) and zone is not None and is_utc(start):
        start, end = _in(start, zone), _in(end, zone)
    first, last = local_day(start, zone, whole=False), local_day(end, zone, whole=False)
    ends_whole = not isinstance(end, datetime) or end.time() == time()
    if ends_whole and last > first:
        last -= DAY
    return first, last - first


@dataclass(frozen=True, slots=True)
class EntryDays:
    """The days of an entry up to the horizon.

    `held` maps each first day to the time from it to the last day. `left_out` are those of them
    that the entry excludes. `leaves_out_others` says whether it also excludes days that it does not
    have.
    """

    held: Mapping[date, timedelta]
    left_out: frozenset[date]
    leaves_out_others: bool
    horizon: date


def days_of(event: Any, zone: tzinfo | None, read_at: datetime) -> EntryDays:
    """Return every day of an entry up to the horizon.

    Raises:
        RecordRejected: If it does not repeat yearly, or has no day or too many.
    """
    whole = is_whole(event)
    horizon = date(read_at.year + YEARS_AHEAD, 12, 31)
    repeats = "RRULE" in event or "RDATE" in event
    first, length = span_of(event, zone)
    days = dict.fromkeys(_repeated(event, zone, horizon) if "RRULE" in event else [first], length)
    for begin, end in _listed(event, "RDATE"):
        own = length if end is None else _span(begin, end, zone)[1]
        days.setdefault(local_day(begin, zone, whole=whole), own)
    held = {day: own for day, own in days.items() if day <= horizon or not repeats}
    if not held:
        raise RecordRejected(f"it gives no day up to {horizon}: see where its repetition ends")
    if len(held) > MOST_DAYS:
        raise RecordRejected(f"it repeats on more than {MOST_DAYS} days")
    left_out = {meant_day(begin, zone, held, whole=whole) for begin, _ in _listed(event, "EXDATE")}
    others = any(day <= horizon for day in left_out - held.keys())
    return EntryDays(held, frozenset(held.keys() & left_out), others, horizon)


def meant_day(
    value: date | datetime, zone: tzinfo | None, held: Collection[date], *, whole: bool
) -> date:
    """Return the day of a series that an exception names.

    In an unknown zone a moment may be midnight of two days, one in the far east and one in the far
    west. The day that the series has is then returned.
    """
    day = local_day(value, zone, whole=whole)
    if day in held or not whole or zone is not None or not is_utc(value):
        return day
    assert isinstance(value, datetime)
    others = {(value + offset).date() for offset in (_FARTHEST_WEST, _FARTHEST_EAST)} - {day}
    return next((other for other in others if other in held), day)


def _repeated(event: Any, zone: tzinfo | None, horizon: date) -> list[date]:
    """Return the days of a rule, of which the entry's first day always is the first.

    A rule refers to days in the zone in which its first moment is written. Some programs write that
    moment in UTC, but the rule for their own zone. The zone in which the first day fits the rule is
    used.
    """
    rule = _yearly(event["RRULE"])
    start = value_of(event, "DTSTART")
    first, _ = span_of(event, zone)
    clocks = [start.tzinfo if isinstance(start, datetime) else None]
    if zone is not None and is_utc(start) and first != start.date():
        clocks.append(zone)
    for clock in clocks:
        moments = _moments(rule, start, clock, horizon)
        if moments[:1] == [start]:
            break
    else:
        if len(clocks) > 1:
            raise RecordRejected(
                "its first day is not a day of its RRULE, neither in UTC nor in the calendar's "
                "zone: write its DTSTART in the zone that the rule is meant in"
            )
        moments = [start, *moments]
    count = int(rule.get("COUNT", [len(moments)])[0])
    until = rule["UNTIL"][0] if "UNTIL" in rule else horizon
    lasting = takewhile(lambda moment: not _is_after(moment, until, zone), moments[: max(count, 0)])
    return [local_day(moment, zone, whole=False) for moment in lasting]


def _yearly(rule: Any) -> Any:
    """Return a rule if it can be evaluated.

    Raises:
        RecordRejected: If it cannot, such as one that does not repeat yearly.
    """
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
    return rule


def _moments(
    rule: Any, start: date | datetime, clock: tzinfo | None, horizon: date
) -> list[date | datetime]:
    """Return the occurrences of a rule in a zone, from the start up to the horizon.

    They are moments if the start is one, else days.
    """
    parts = {name: value for name, value in rule.items() if name not in ("UNTIL", "COUNT")}
    # `dateutil` searches up to UNTIL, so it needs one: a rule may have no day at all.
    parts["UNTIL"] = [datetime.combine(horizon + DAY, time.max)]
    text: bytes = vRecur(parts).to_ical()  # type: ignore[no-untyped-call]
    if not isinstance(start, datetime):
        found = rrulestr(text.decode(), dtstart=datetime.combine(start, time()))
        return [moment.date() for moment in islice(found, MOST_DAYS + 1)]
    begin = (start if clock is None else _in(start, clock)).replace(tzinfo=None)
    found = rrulestr(text.decode(), dtstart=begin)
    return [moment.replace(tzinfo=clock) for moment in islice(found, MOST_DAYS + 1)]


def _is_after(value: date | datetime, until: date | datetime, zone: tzinfo | None) -> bool:
    """Return whether an occurrence is after the end of its series.

    Moments are compared if both are moments in known zones, else days.
    """
    if isinstance(value, datetime) and isinstance(until, datetime):
        if until.tzinfo is None:
            return value.replace(tzinfo=None) > until
        if value.tzinfo is not None or zone is not None:
            return (value if value.tzinfo else value.replace(tzinfo=zone)) > until
    whole = not isinstance(value, datetime)
    return local_day(value, zone, whole=whole) > local_day(until, zone, whole=whole)


def _listed(event: Any, name: str) -> Iterator[tuple[date, date | None]]:
    """Yield the moments of a list, each with its end if it is a period, else None."""
    value = event.get(name, [])
    for group in value if isinstance(value, list) else [value]:
        if not isinstance(group, vDDDLists):
            raise RecordRejected(f"its {name} cannot be read")
        for item in group.dts:
            begin, end = item.dt if isinstance(item.dt, tuple) else (item.dt, None)
            if not isinstance(begin, date):
                raise RecordRejected(f"its {name} cannot be read")
            yield begin, begin + end if isinstance(end, timedelta) else end


def is_utc(value: Any) -> bool:
    """Return whether a value is a moment that is written in UTC."""
    return isinstance(value, datetime) and value.tzname() == "UTC"


def _in(value: datetime, zone: tzinfo) -> datetime:
    try:
        return value.astimezone(zone)
    except (OverflowError, ValueError):
        raise RecordRejected("one of its moments is out of reach") from None


def utc(moment: datetime) -> datetime:
    """Convert a moment to UTC; one without a zone is in UTC already.

    Raises:
        RecordRejected: If it is outside the range of dates.
    """
    return _in(moment, UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
