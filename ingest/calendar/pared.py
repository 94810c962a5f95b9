"""Paring of calendars to what may be stored: days, places, kinds and ids of their entries.

Anything in a calendar may name people: titles and guests, but also a place (the address of a home),
a category, or the name of a zone. So a file is rewritten before it is stored or read, with the
understood values only. A place is written as the id in the gazetteer, a UID as the id that the
entry has in this service, and a zone that only the file knows as `zone-1`. A required value that
was not understood is replaced by a word that the reader refuses. Everything else is dropped.
"""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from zoneinfo import available_timezones

from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from ewarn.errors import RecordRejected
from ewarn.files.decoding import decoded, recoded
from ewarn.ports import Places
from ingest.calendar.facts import Topic, What, placed
from ingest.shared.decompress import unpacked

UNREAD = "unread"  # stands for a value that was not understood
CALLED_OFF = "cancelled"  # a category that withdraws its entry, as STATUS:CANCELLED does
STATUSES = ("TENTATIVE", "CONFIRMED", "CANCELLED")
MAX_BYTES = 4 * 1024 * 1024  # before paring
MOST_LINES = 40_000  # after paring

_OURS = re.compile(r"ics-[0-9a-f]{20}")
_OUR_FILE = re.compile(r"calendar-[0-9a-f]{12}\.ics")
_BEGIN = re.compile(rb"\s*BEGIN:VCALENDAR\b", re.IGNORECASE)
_FOLD = re.compile(rb"(?:\r\n|\n|\r)[ \t]")
_LINE = re.compile(r"\r\n|\n|\r")
_NAMED = re.compile(r"([A-Za-z0-9-]++)[ \t]*+(?=[;:])")
# All quantifiers are possessive, so that the time for a line only grows with its length.
_QUOTED = r'(?:"[^"]*+"|[^";:]++)*+'
_PARTS = re.compile(rf'((?:;[^=;:"]++={_QUOTED})*+):(.*)', re.DOTALL)
_PARAMETER = re.compile(rf';([^=;:"]++)=({_QUOTED})')
_ESCAPED = re.compile(r"\\(.)")

_COMPONENTS = frozenset(
    (
        *("VCALENDAR", "VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY", "VALARM"),
        *("VTIMEZONE", "STANDARD", "DAYLIGHT"),
    )
)
_OTHER_COMPONENT = "X-OTHER"
_KINDS = {str(kind): str(kind) for kind in (*Topic, *What)}
_KINDS |= {CALLED_OFF: CALLED_OFF, "canceled": CALLED_OFF}
_APART = re.compile(r"[\s_]+")  # between the words of a kind, where the known names have a hyphen
_ON_THE_EDGE = " \t;"  # at the ends of a word, where it has no meaning
_VALUE_TYPES = frozenset(("DATE", "DATE-TIME", "PERIOD"))
_PCODE = re.compile(r"[A-Z]{2}\d{1,8}")  # P-codes of OCHA, which not every gazetteer has

_MOMENT = r"\d{8}(?:T\d{6}Z?)?"
_LENGTH = r"[+-]?P(?:\d{1,5}W|(?:\d{1,5}D)?(?:T(?:\d{1,5}H)?(?:\d{1,5}M)?(?:\d{1,5}S)?)?)"
_MOMENTS = rf"{_MOMENT}(?:/(?:{_MOMENT}|{_LENGTH}))?"
_NUMBERS = r"[+-]?\d{1,3}(?:,[+-]?\d{1,3})*"
_WEEKDAY = r"[+-]?\d{0,2}(?:MO|TU|WE|TH|FR|SA|SU)"
_RULE_PART = "|".join(
    (
        "FREQ=(?:SECONDLY|MINUTELY|HOURLY|DAILY|WEEKLY|MONTHLY|YEARLY)",
        r"(?:INTERVAL|COUNT)=\d{1,10}",
        f"UNTIL={_MOMENT}",
        rf"BY(?:SECOND|MINUTE|HOUR|MONTHDAY|YEARDAY|WEEKNO|MONTH|SETPOS)={_NUMBERS}",
        f"BYDAY={_WEEKDAY}(?:,{_WEEKDAY})*",
        f"WKST={_WEEKDAY}",
    )
)


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.ASCII | re.IGNORECASE)


# Patterns of understood values. If another value has one of these names, the reader refuses it.
_REQUIRED = {
    **dict.fromkeys(("DTSTART", "DTEND", "RECURRENCE-ID"), _pattern(_MOMENT)),
    **dict.fromkeys(("RDATE", "EXDATE"), _pattern(rf"{_MOMENTS}(?:,{_MOMENTS})*")),
    "DURATION": _pattern(_LENGTH),
    "RRULE": _pattern(rf"(?:{_RULE_PART})(?:;(?:{_RULE_PART}))*;?"),
    "EXRULE": _pattern("(?!)"),
    "SEQUENCE": _pattern(r"\d{1,10}"),
    **dict.fromkeys(("TZOFFSETFROM", "TZOFFSETTO"), _pattern(r"[+-]\d{4}(?:\d\d)?")),
}
# If another value has one of these names, it is left out.
_OPTIONAL = {
    **dict.fromkeys(("DTSTAMP", "LAST-MODIFIED", "CREATED"), _pattern(_MOMENT)),
    "VERSION": _pattern(r"[12]\.0"),
}
# These words decide whether an entry is valid, so the reader refuses an unknown one.
_STATUSES = {status: status for status in STATUSES} | {"CANCELED": "CANCELLED"}
METHODS = {"CANCEL": "CANCEL"} | {
    method: method
    for method in (
        *("PUBLISH", "REQUEST", "REPLY", "ADD", "REFRESH"),
        *("COUNTER", "DECLINECOUNTER"),
    )
}


def is_icalendar(body: bytes) -> bool:
    """Return whether a file begins like a calendar, in any of the supported encodings."""
    try:
        return _BEGIN.match(recoded(body)) is not None
    except RecordRejected:
        return False


def pared(body: bytes, places: Places) -> bytes:
    """Rewrite a calendar with its understood values only; return any other file unchanged.

    A file that was pared before is returned unchanged.

    Raises:
        RecordRejected: If an archive is damaged or a calendar is too large.
    """
    plain = unpacked(body)
    if not is_icalendar(plain):
        return body
    if len(plain) > MAX_BYTES:
        raise RecordRejected(f"The calendar holds more than {MAX_BYTES >> 20} MiB: split it.")
    text, _ = decoded(_FOLD.sub(b"", recoded(plain)))
    kept = []
    writer = _Writer(places)
    for line in _LINE.split(text):
        written = writer.line(line)
        if written is not None:
            kept.append(written)
        if len(kept) > MOST_LINES:
            raise RecordRejected(f"The calendar holds more than {MOST_LINES} lines: split it.")
    return "\r\n".join([*kept, ""]).encode()


def kept_name(name: str) -> str:
    """Return the name under which a calendar file is stored, because its own may name people.

    It is `calendar-`, twelve hexadecimal digits of the SHA-256 of the name, and `.ics`.
    """
    if _OUR_FILE.fullmatch(name):
        return name
    digest = hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()[:12]
    return f"calendar-{digest}.ics"


def entry_id(uid: str) -> str:
    """Return the id of an entry: a hash of its UID, or the UID if it is such a hash already."""
    if _OURS.fullmatch(uid):
        return uid
    return f"ics-{hashlib.sha256(uid.encode('utf-8', 'replace')).hexdigest()[:20]}"


@dataclass
class _Writer:
    """Rewrites the lines of one file."""

    places: Places
    _zones: dict[str, str] = field(default_factory=dict)
    _written: dict[str, str] = field(default_factory=dict)

    def line(self, line: str) -> str | None:
        """Return a line as it may be stored, or None if nothing of it may."""
        found = _NAMED.match(line)
        if found is None:
            return None
        name, parts = found[1].upper(), _PARTS.fullmatch(line, found.end())
        parameters, value = (parts[1], parts[2].strip()) if parts else ("", UNREAD)
        if name in _REQUIRED:
            sound = value.upper() if _REQUIRED[name].fullmatch(value) else UNREAD
            return f"{name}{''.join(self._parameters(parameters))}:{sound}"
        if name in _OPTIONAL:
            return f"{name}:{value.upper()}" if _OPTIONAL[name].fullmatch(value) else None
        write = self._special.get(name)
        sound = write(value) if write is not None else ""
        return f"{name}:{sound}" if sound else None

    @property
    def _special(self) -> dict[str, Callable[[str], str]]:
        return {
            "BEGIN": _component,
            "END": _component,
            "UID": lambda value: entry_id(value) if value else "",
            "CATEGORIES": _categories,
            "STATUS": lambda value: _word(value, _STATUSES),
            "METHOD": lambda value: _word(value, METHODS),
            "LOCATION": self._location,
            "TZID": self._zone,
            "X-WR-TIMEZONE": lambda value: _known_zone(value) or UNREAD,
        }

    def _parameters(self, text: str) -> Iterator[str]:
        for name, quoted in _PARAMETER.findall(text):
            value = quoted.strip('"')
            if name.upper() == "TZID":
                yield f";TZID={self._zone(value)}"
            elif name.upper() == "VALUE" and value.upper() in _VALUE_TYPES:
                yield f";VALUE={value.upper()}"
            elif name.upper() == "RANGE":
                yield ";RANGE=THISANDFUTURE"

    def _zone(self, name: str) -> str:
        """Return the name of a public zone, or a numbered name for one that only this file has."""
        number = len(self._zones)
        return _known_zone(name) or self._zones.setdefault(name, f"zone-{number}")

    def _location(self, value: str) -> str:
        if value not in self._written:
            self._written[value] = r"\, ".join(self._place(value))
        return self._written[value]

    def _place(self, value: str) -> list[str]:
        """Return the id of the subdivision, if one is named, and that of its country."""
        parts = [part.strip() for part in _ESCAPED.sub(r"\1", value).split(",") if part.strip()]
        if not parts:
            return []
        try:
            place = placed(self.places, parts[-1])
        except RecordRejected:
            return [UNREAD]
        if len(parts) == 1:
            return [place.country]
        try:
            return [placed(self.places, parts[-1], parts[0]).region, place.country]
        except RecordRejected:
            return [parts[0] if _PCODE.fullmatch(parts[0]) else UNREAD, place.country]


def _component(value: str) -> str:
    return value.upper() if value.upper() in _COMPONENTS else _OTHER_COMPONENT


def _categories(value: str) -> str:
    words = (_APART.sub("-", word.strip(_ON_THE_EDGE).lower()) for word in value.split(","))
    return ",".join(_KINDS.get(word, UNREAD) for word in words if word)


def _word(value: str, known: Mapping[str, str]) -> str:
    word = value.strip(_ON_THE_EDGE).upper()
    return known.get(word, UNREAD) if word else ""


def _known_zone(name: str) -> str | None:
    """Return a public zone in its usual spelling, or None for any other zone."""
    return _zones().get(name.strip('" \t').casefold())


@lru_cache
def _zones() -> dict[str, str]:
    """Return the public zones by lower-case name; other names of UTC give `UTC`."""
    names = {name.casefold(): name for name in (*available_timezones(), *WINDOWS_TO_OLSON)}
    also_utc = ("gmt", "gmt0", "gmt+0", "gmt-0", "greenwich", "uct", "universal", "utc", "zulu")
    return names | {f"{area}{name}": "UTC" for area in ("", "etc/") for name in also_utc}
