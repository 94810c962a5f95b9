"""What may be kept of a calendar: days, places and kinds of its entries, and who they are to us.

Titles, descriptions, organisers, guests and comments may name people. They are taken out before a
file is kept or read, so that they never reach the database. A UID often holds an address: it is
replaced by the id that the entry has here.
"""

import hashlib
import re

from ewarn.errors import RecordRejected
from ingest.packed import unpacked

_OURS = re.compile(r"ics-[0-9a-f]{20}")
_FOLD = re.compile(rb"\r?\n[ \t]")
_NAME = re.compile(rb"[A-Za-z0-9-]+(?=[;:])")
_KEPT = frozenset(
    (
        *(b"BEGIN", b"END", b"VERSION", b"METHOD", b"X-WR-TIMEZONE", b"CALSCALE"),
        *(b"TZID", b"TZOFFSETFROM", b"TZOFFSETTO", b"X-LIC-LOCATION"),
        *(b"DTSTART", b"DTEND", b"DUE", b"DURATION", b"RRULE", b"RDATE", b"EXRULE", b"EXDATE"),
        *(b"RECURRENCE-ID", b"SEQUENCE", b"DTSTAMP", b"LAST-MODIFIED", b"CREATED"),
        *(b"STATUS", b"CATEGORIES", b"LOCATION", b"UID"),
    )
)


def is_icalendar(body: bytes) -> bool:
    """Whether a file begins as a calendar does."""
    return body.removeprefix(b"\xef\xbb\xbf").lstrip()[:15].upper() == b"BEGIN:VCALENDAR"


def pared(body: bytes) -> bytes:
    """A file without what may name people, if it is a calendar; any other file as it is."""
    try:
        text = unpacked(body)
    except RecordRejected:
        return body  # whoever reads it says what is wrong
    if not is_icalendar(text):
        return body
    lines = (line.rstrip(b"\r") for line in _FOLD.sub(b"", text).split(b"\n"))
    kept = [_pared_line(line) for line in lines if _name_of(line) in _KEPT]
    return b"\r\n".join([*kept, b""])


def entry_id(uid: str) -> str:
    """The id of an entry: a hash of its UID, or that hash where the file was pared before."""
    if _OURS.fullmatch(uid):
        return uid
    return f"ics-{hashlib.sha256(uid.encode('utf-8', 'replace')).hexdigest()[:20]}"


def _name_of(line: bytes) -> bytes:
    found = _NAME.match(line.removeprefix(b"\xef\xbb\xbf"))
    return found.group().upper() if found else b""


def _pared_line(line: bytes) -> bytes:
    if _name_of(line) != b"UID":
        return line
    value = line.partition(b":")[2].decode("utf-8", "replace").strip()
    return b"UID:" + entry_id(value).encode() if value else b"UID:"
