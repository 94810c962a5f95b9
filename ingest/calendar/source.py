"""Elections, referendums, constitutional bills and anniversaries, from files somebody keeps."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from ewarn.domain.source import Payload, Unread
from ewarn.errors import RecordRejected
from ewarn.files.tables import read_table
from ewarn.frames.events import ParsedBatch
from ewarn.places.gazetteer import load_gazetteer
from ewarn.ports import Places
from ingest.calendar import csv_layouts as calendar_csv
from ingest.calendar import ics as calendar_ics
from ingest.calendar.facts import SOURCE
from ingest.calendar.pared import is_icalendar, kept_name, pared
from ingest.shared.decompress import unpacked
from ingest.shared.folder import TABLE_ENDINGS, FolderSource


def read_calendar(body: bytes, places: Places, read_at: datetime) -> ParsedBatch:
    """Entries of a calendar of any layout; raises RecordRejected for a file of none."""
    body = unpacked(body)
    if is_icalendar(body):
        return calendar_ics.read_icalendar(body, places, read_at)
    table = read_table(body, calendar_csv.LAYOUTS)
    reader = calendar_csv.reader_of(table)
    if reader is None:
        raise RecordRejected(
            "The file is no calendar: neither iCalendar, nor a table with the columns "
            f"{', '.join(calendar_csv.REQUIRED)}, nor the election list of REIGN."
        )
    return reader(table, places, read_at)


_ENDING = ".ics"


def _pared(item: Payload | Unread) -> Payload | Unread:
    """A file without what may name people; what cannot be pared is not given out."""
    is_named_so = item.name.lower().endswith(_ENDING)
    name = kept_name(item.name) if is_named_so else item.name
    if isinstance(item, Unread):
        return replace(item, name=name)
    try:
        body = pared(item.body, load_gazetteer())
    except RecordRejected as error:
        return Unread(item.source, kept_name(item.name), str(error), item.published_at)
    if is_icalendar(body):
        return replace(item, name=kept_name(item.name), body=body)
    if is_named_so:
        reason = "The file is no iCalendar, as its name says: export the calendar again."
        return Unread(item.source, name, reason, item.published_at)
    return item


class CalendarSource(FolderSource):
    """Days on which a country votes or was to vote, and days that it remembers.

    Terms: as whoever keeps the calendar says; entries are passed on, nothing is fitted on them
    unless they agree. Cadence: a folder is looked at every 15 minutes; nobody says when an entry
    comes, so its silence says nothing. Lag: known from its announcement where the file has it,
    else an estimate. Revisions: an edited entry is a new version, a cancelled one is withdrawn.
    Geography: countries, or the subdivision that an entry names.
    """

    name = SOURCE
    endings = (*TABLE_ENDINGS, _ENDING)
    setting = "EWARN_CALENDAR_FOLDER"
    not_scored = "it says when countries vote: models of the other sources read it beside theirs"

    def fetch(self, since: datetime | None, now: datetime) -> Iterator[Payload | Unread]:
        """Files that changed since the last look, without what may name people."""
        for item in super().fetch(since, now):
            yield _pared(item)

    def fetch_again(self, name: str, now: datetime) -> Payload | Unread:
        """One file by its name, without what may name people."""
        return _pared(replace(self._files(), kept_as=kept_name).fetch_again(name, now))

    def parse(self, payload: Payload, places: Places) -> Iterator[ParsedBatch]:
        """Entries of a file, in one batch; raises RecordRejected."""
        yield read_calendar(payload.body, places, payload.fetched_at)
