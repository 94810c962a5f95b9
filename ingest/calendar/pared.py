"""What may be kept of a calendar: days, places and kinds of its entries, and who they are to us.

Anything in a calendar may name people: titles and guests, but also a place (an address of a home),
a category, the name of a zone. So a file is written anew before it is kept or read, of values that
were understood. A place is written as the gazetteer's id, a UID as the id that the entry has here,
a zone that only the file knows as `zone-1`. What had to be understood and was not is replaced by a
word that the reader refuses; the rest is dropped.
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
MAX_BYTES = 4 * 1024 * 1024  # with all that is not kept
MOST_LINES = 40_000  # of those that are

_OURS = re.compile(r"ics-[0-9a-f]{20}")
_OUR_FILE = re.compile(r"calendar-[0-9a-f]{12}\.ics")
_BEGIN = re.compile(rb"\s*BEGIN:VCALENDAR\b", re.IGNORECASE)
_FOLD = re.compile(rb"(?:\r\n|\n|\r)[ \t]")
_LINE = re.compile(r"\r\n|\n|\r")
_NAMED = re.compile(r"([A-Za-z0-9-]++)[ \t]*+(?=[;:])")
# Possessive throughout, so that no line costs more than its length.
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
_APART = re.compile(r"[\s_]+")  # the words of a kind, for which it has a hyphen
_ON_THE_EDGE = " \t;"  # of a word, where it says nothing
_VALUE_TYPES = frozenset(("DATE", "DATE-TIME", "PERIOD"))
_PCODE = re.compile(r"[A-Z]{2}\d{1,8}")  # OCHA's, which not every gazetteer holds

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


# How a value looks that is understood: one that looks otherwise is refused by its reader ...
_REQUIRED = {
    **dict.fromkeys(("DTSTART", "DTEND", "RECURRENCE-ID"), _pattern(_MOMENT)),
    **dict.fromkeys(("RDATE", "EXDATE"), _pattern(rf"{_MOMENTS}(?:,{_MOMENTS})*")),
    "DURATION": _pattern(_LENGTH),
    "RRULE": _pattern(rf"(?:{_RULE_PART})(?:;(?:{_RULE_PART}))*;?"),
    "EXRULE": _pattern("(?!)"),
    "SEQUENCE": _pattern(r"\d{1,10}"),
    **dict.fromkeys(("TZOFFSETFROM", "TZOFFSETTO"), _pattern(r"[+-]\d{4}(?:\d\d)?")),
}
# ... or is as good as absent.
_OPTIONAL = {
    **dict.fromkeys(("DTSTAMP", "LAST-MODIFIED", "CREATED"), _pattern(_MOMENT)),
    "VERSION": _pattern(r"[12]\.0"),
}
# A word of these decides whether an entry holds: one that is not known is refused by its reader.
_STATUSES = {status: status for status in STATUSES} | {"CANCELED": "CANCELLED"}
METHODS = {"CANCEL": "CANCEL"} | {
    method: method
    for method in (
        *("PUBLISH", "REQUEST", "REPLY", "ADD", "REFRESH"),
        *("COUNTER", "DECLINECOUNTER"),
    )
}


def is_icalendar(body: bytes) -> bool:
    """Whether a file begins as a calendar does, in any of the encodings that are read."""
    try:
        return _BEGIN.match(recoded(body)) is not None
    except RecordRejected:
        return False


def pared(body: bytes, places: Places) -> bytes:
    """A calendar written anew of what was understood of it; any other file as it is.

    A file that was pared comes out the same. Raises RecordRejected for an archive that is damaged,
    and for a calendar that is too large.
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
    """What is kept of the name of a calendar's file, which may name people: `calendar-`, twelve
    digits of the SHA-256 of the name, `.ics`.
    """
    if _OUR_FILE.fullmatch(name):
        return name
    digest = hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()[:12]
    return f"calendar-{digest}.ics"


def entry_id(uid: str) -> str:
    """The id of an entry: a hash of its UID, or that hash where the file was pared before."""
    if _OURS.fullmatch(uid):
        return uid
    return f"ics-{hashlib.sha256(uid.encode('utf-8', 'replace')).hexdigest()[:20]}"


@dataclass
class _Writer:
    """Writes the lines of one file anew."""

    places: Places
    _zones: dict[str, str] = field(default_factory=dict)
    _written: dict[str, str] = field(default_factory=dict)

    def line(self, line: str) -> str | None:
        """A line as it may be kept; None where nothing of it is."""
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
        """The name of a zone that all know, or a number for one that only this file does."""
        number = len(self._zones)
        return _known_zone(name) or self._zones.setdefault(name, f"zone-{number}")

    def _location(self, value: str) -> str:
        if value not in self._written:
            self._written[value] = r"\, ".join(self._place(value))
        return self._written[value]

    def _place(self, value: str) -> list[str]:
        """Ids of a subdivision, if it names one, and of its country."""
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
    """A zone that all know, as it is spelt; None for another."""
    return _zones().get(name.strip('" \t').casefold())


@lru_cache
def _zones() -> dict[str, str]:
    """Zones by their names in small letters; those that are UTC by another name are `UTC`."""
    names = {name.casefold(): name for name in (*available_timezones(), *WINDOWS_TO_OLSON)}
    also_utc = ("gmt", "gmt0", "gmt+0", "gmt-0", "greenwich", "uct", "universal", "utc", "zulu")
    return names | {f"{area}{name}": "UTC" for area in ("", "etc/") for name in also_utc}
