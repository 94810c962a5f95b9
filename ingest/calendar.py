"""Elections, referendums, constitutional bills and anniversaries, from files somebody keeps."""

from collections.abc import Iterator
from datetime import datetime

from ewarn.domain.source import Payload
from ewarn.errors import RecordRejected
from ewarn.frames.events import ParsedBatch
from ewarn.ports import Places
from ingest import calendar_csv, calendar_ics
from ingest.calendar_facts import SOURCE
from ingest.folder import FolderSource
from ingest.packed import unpacked
from ingest.records import read_header


def is_calendar(body: bytes) -> bool:
    """Whether a file is a calendar: by what stands in it, whatever it is called."""
    try:
        return _reader_of(unpacked(body)) is not None
    except RecordRejected:
        return False


def read_calendar(body: bytes, places: Places, read_at: datetime) -> ParsedBatch:
    """Entries of a calendar of any layout; raises RecordRejected for a file of none."""
    body = unpacked(body)
    reader = _reader_of(body)
    if reader is None:
        raise RecordRejected(
            "The file is no calendar: neither iCalendar, nor CSV with the columns "
            f"{', '.join(calendar_csv.REQUIRED)}, nor the election list of REIGN."
        )
    return reader(body, places, read_at)


class CalendarSource(FolderSource):
    """Days on which a country votes or was to vote, and days that it remembers.

    Terms: as whoever keeps the calendar says; entries are passed on, nothing is fitted on them
    unless they agree. Cadence: a folder is looked at every 15 minutes; nobody says when an entry
    comes, so its silence says nothing. Lag: known from its announcement where the file has it,
    else an estimate. Revisions: an edited entry is a new version, a cancelled one is withdrawn.
    Geography: countries, or the subdivision that an entry names.
    """

    name = SOURCE
    endings = (".csv", ".csv.gz", ".ics")
    setting = "EWARN_CALENDAR_FOLDER"

    def parse(self, payload: Payload, places: Places) -> Iterator[ParsedBatch]:
        """Entries of a file, in one batch; raises RecordRejected."""
        yield read_calendar(payload.body, places, payload.fetched_at)


def _reader_of(body: bytes) -> "calendar_ics.Reader | None":
    if calendar_ics.is_icalendar(body):
        return calendar_ics.read_icalendar
    header = set(read_header(body))
    if header >= set(calendar_csv.REQUIRED):
        return calendar_csv.read_own
    return calendar_csv.read_reign if header >= set(calendar_csv.REIGN_REQUIRED) else None
