"""Parser of the properties of an iCalendar entry: status, version, category and place.

The calendar was pared before, so no error message can quote a word that may name people.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from typing import Any

from ewarn.errors import RecordRejected
from ewarn.ports import Places
from ingest.calendar.days import UNREADABLE, utc, value_of
from ingest.calendar.facts import USUAL, Place, Topic, What, placed
from ingest.calendar.pared import CALLED_OFF, STATUSES, UNREAD
from ingest.exchange.format import NOWHERE

_FIRST_STAMP = date(1990, 1, 1)
_READ = (
    *("DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXRULE", "EXDATE"),
    *("STATUS", "CATEGORIES", "LOCATION"),
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A VEVENT with its position in the file, the zone of its calendar, and its version."""

    position: int
    event: Any
    id: str  # its own id, or that of the series to which it belongs
    zone: tzinfo | None
    sequence: int
    stamp: tuple[datetime | None, bool]
    is_cancelled: bool
    is_tentative: bool

    @property
    def newness(self) -> tuple[int, datetime]:
        """The sort key of versions: of several in a file, the one with the greatest key counts."""
        return self.sequence, self.stamp[0] or datetime.min.replace(tzinfo=UTC)

    @property
    def repeats(self) -> bool:
        """Whether the entry is a series."""
        return "RRULE" in self.event or "RDATE" in self.event

    @property
    def is_of_a_series(self) -> bool:
        """Whether the entry stands for a single day of a series."""
        return "RECURRENCE-ID" in self.event


def entry_of(
    position: int, event: Any, zone: tzinfo | None, method: str, read_at: datetime
) -> Entry:
    """Parse a VEVENT.

    Args:
        position: Its position in the file.
        zone: The zone of its calendar.
        method: The METHOD with which the calendar was sent, "" if it was not sent.

    Raises:
        RecordRejected: If its id, version or status is unclear.
    """
    id_ = event.get("UID")
    if not id_ or isinstance(id_, list):
        raise RecordRejected("it has several UIDs" if id_ else "it has no UID")
    try:
        sequence = int(event.get("SEQUENCE", 0))
    except UNREADABLE:
        raise RecordRejected("its SEQUENCE is not a number") from None
    status = status_of(event)
    is_cancelled = method == "CANCEL" or status == "CANCELLED" or is_called_off(event)
    return Entry(
        position,
        event,
        str(id_),
        zone,
        sequence,
        stamp_of(event, read_at, is_published=bool(method)),
        is_cancelled=is_cancelled,
        is_tentative=status == "TENTATIVE",
    )


def said_by(event: Any) -> tuple[object, ...]:
    """Return all that is read of an entry, for comparison with another."""
    values = [event.get(name) for name in _READ]
    lists = [value if isinstance(value, list) else [value] for value in values]
    return tuple(
        (value.to_ical(), str(value.params)) if value is not None else None
        for items in lists
        for value in items
    )


def status_of(event: Any) -> str:
    """Return the STATUS of an entry, "" if it has none.

    Raises:
        RecordRejected: If it is unclear.
    """
    said = _lines(event, "STATUS")
    if len(said) > 1:
        raise RecordRejected("it has several STATUS lines that differ: keep one")
    status = said.pop() if said else ""
    if status == UNREAD:
        raise RecordRejected(f"its STATUS is not one of {', '.join(STATUSES)}: write one of these")
    return status


def stamp_of(event: Any, read_at: datetime, *, is_published: bool) -> tuple[datetime | None, bool]:
    """Return since when this version is known (or None), and whether that is an estimate.

    In a calendar that was sent (`is_published`), DTSTAMP is the time of sending, which is an
    estimate. A stamp from before calendar programs existed, or after the reading, is ignored.
    """
    is_doubted = False
    for name, is_estimated in (("LAST-MODIFIED", False), ("DTSTAMP", is_published)):
        value = value_of(event, name)
        if isinstance(value, datetime):
            if _FIRST_STAMP <= value.date() <= read_at.date():
                return utc(value), is_estimated or is_doubted
            is_doubted = True
    return None, True


def is_called_off(event: Any) -> bool:
    """Return whether the CATEGORIES of an entry say that it is cancelled."""
    return CALLED_OFF in _categories(event)


def has_unknown_category(event: Any) -> bool:
    """Return whether one of the CATEGORIES of an entry is unknown."""
    return UNREAD in _categories(event)


def kind_of(event: Any, *, is_cancelled: bool) -> tuple[Topic, What]:
    """Return the topic of an entry and what happens; a cancelled entry need not state them.

    Raises:
        RecordRejected: If its CATEGORIES do not name exactly one topic and at most one act.
    """
    words = _categories(event)
    topics, whats = words & set(Topic), words & set(What)
    if len(topics) == 1 and len(whats) <= 1:
        topic = Topic(topics.pop())
        return topic, What(whats.pop()) if whats else USUAL[topic]
    if is_cancelled:
        return Topic.ELECTION, What.VOTE
    if not topics:
        raise RecordRejected(f"its CATEGORIES must name one of {', '.join(Topic)}")
    several = topics if len(topics) > 1 else whats
    raise RecordRejected(f"its CATEGORIES name both {' and '.join(sorted(several))}: keep one")


def place_of(event: Any, places: Places, *, is_cancelled: bool) -> Place:
    """Return the place of an entry; a cancelled entry need not have a known one.

    Raises:
        RecordRejected: If the place is unknown.
    """
    try:
        return _place(event, places)
    except RecordRejected:
        if is_cancelled:
            return Place(NOWHERE, NOWHERE)
        raise


def _place(event: Any, places: Places) -> Place:
    said = _lines(event, "LOCATION")
    if len(said) > 1:
        raise RecordRejected("it has several LOCATION lines that differ: write an entry for each")
    parts = [part.strip() for part in "".join(said).split(",") if part.strip()]
    if not parts:
        raise RecordRejected("its LOCATION names no country")
    if parts[-1] == UNREAD:
        raise RecordRejected(
            "its LOCATION ends with no country that is known: write `TGO` or `Kara, Togo`"
        )
    try:
        return placed(places, parts[-1], parts[0] if len(parts) > 1 else "")
    except RecordRejected:
        if len(parts) == 1:
            raise
        said_of = f"its LOCATION begins with no subdivision of {parts[-1]} that is known"
        raise RecordRejected(said_of) from None


def _lines(event: Any, name: str) -> set[str]:
    """Return the distinct values of the lines of one name."""
    value = event.get(name, [])
    return {str(line) for line in (value if isinstance(value, list) else [value])} - {""}


def _categories(event: Any) -> set[str]:
    value = event.get("CATEGORIES", [])
    lists = value if isinstance(value, list) else [value]
    return {str(word).strip().lower() for item in lists for word in getattr(item, "cats", ())}
