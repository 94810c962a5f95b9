"""GDELT's files: the meaning of their names, and the lists that name them.

GDELT 2.0 has a file for every 15 minutes since February 2015, and another of machine-translated
news. GDELT 1.0 has a file for every day since April 2013, and before that for every month or year.
"""

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from ewarn.domain.source import ListedPayload
from ewarn.domain.time import midnight
from ingest.gdelt.editions import HISTORY, VERSION_1, VERSION_2, Edition

SLOT = timedelta(minutes=15)
TRANSLATED = "translation."
_SLOT_NAME = re.compile(r"(\d{14})\.(translation\.)?export\.CSV\.zip", re.IGNORECASE)
_DAY_NAME = re.compile(r"(\d{8})\.export\.CSV\.zip", re.IGNORECASE)
_HISTORY_NAME = re.compile(r"(\d{4})(\d{2})?\.zip")
_LISTED = re.compile(r"\s*(\d{1,15}) ([0-9a-f]{32}) \S*/([^/\s]+)\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class FileFacts:
    """The facts in the name of a file: its edition, feed, days, mark and time span.

    The `span` of a file of translated news is zero, because it covers the same time as the other
    file of its slot.
    """

    edition: Edition
    feed: str
    first_day: date
    last_day: date
    published_at: datetime
    span: timedelta


def described(name: str) -> FileFacts | None:
    """Parse the name of a file; return None if it is not the name of an export file."""
    try:
        if match := _SLOT_NAME.fullmatch(name):
            moment = datetime.strptime(match[1], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
            feed, span = (TRANSLATED, timedelta(0)) if match[2] else ("", SLOT)
            return FileFacts(VERSION_2, feed, moment.date(), moment.date(), moment, span)
        if match := _DAY_NAME.fullmatch(name):
            day = datetime.strptime(match[1], "%Y%m%d").replace(tzinfo=UTC).date()
            return _days(VERSION_1, day, day)
        if match := _HISTORY_NAME.fullmatch(name):
            year, month = int(match[1]), int(match[2] or 0)
            last = date(year, month or 12, monthrange(year, month or 12)[1])
            return _days(HISTORY, date(year, month or 1, 1), last)
    except ValueError:  # such as a thirteenth month
        return None
    return None


def _days(edition: Edition, first: date, last: date) -> FileFacts:
    span = last - first + timedelta(days=1)
    return FileFacts(edition, "", first, last, midnight(first), span)


def slot_name(moment: datetime, feed: str = "") -> str:
    """Return the name of the file of a 15-minute mark."""
    return f"{moment:%Y%m%d%H%M%S}.{feed}export.CSV.zip"


def slot_before(moment: datetime) -> datetime:
    """Return the 15-minute mark at or before a moment."""
    return moment - (moment - midnight(moment.date())) % SLOT


def listed_in(line: str) -> ListedPayload | None:
    """Parse a line of `lastupdate.txt` or `masterfilelist.txt`; None if it has no export file."""
    match = _LISTED.fullmatch(line)
    return _listed(match[3], int(match[1]), match[2].lower()) if match else None


def listed_days(md5sums: str, filesizes: str) -> list[ListedPayload]:
    """Return the files of GDELT 1.0, oldest first, from its lists of checksums and sizes."""
    sums = {name: md5.lower() for md5, name in _pairs(md5sums)}
    sizes = {name: int(size) for size, name in _pairs(filesizes) if size.isdigit()}
    found = (_listed(name, size, sums.get(name)) for name, size in sizes.items())
    return sorted(
        (item for item in found if item is not None and item.span >= timedelta(days=1)),
        key=lambda item: (item.first_day, item.name),
    )


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    """Yield the lines that have two words."""
    for line in text.splitlines():
        words = line.split()
        if len(words) == 2:
            yield words[0], words[1]


def _listed(name: str, size: int, md5: str | None) -> ListedPayload | None:
    about = described(name)
    if about is None:
        return None
    return ListedPayload(
        name, size, md5, about.published_at, about.first_day, about.last_day, about.span
    )
