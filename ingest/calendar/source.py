"""The source of elections, referendums, constitutional bills and anniversaries, from files."""

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
    """Read the entries of a calendar of any layout.

    Raises:
        RecordRejected: If the file has none of the layouts.
    """
    body = unpacked(body)
    if is_icalendar(body):
        return calendar_ics.read_icalendar(body, places, read_at)
    table = read_table(body, calendar_csv.LAYOUTS)
    reader = calendar_csv.reader_of(table)
    if reader is None:
        raise RecordRejected(
            "The file is not a calendar: neither iCalendar, nor a table with the columns "
            f"{', '.join(calendar_csv.REQUIRED)}, nor the election list of REIGN."
        )
    return reader(table, places, read_at)


_ENDING = ".ics"


def _pared(item: Payload | Unread) -> Payload | Unread:
    """Return a file without what may name people; a file that cannot be pared is `Unread`."""
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
        reason = "The file is not iCalendar, although its name says so: export the calendar again."
        return Unread(item.source, name, reason, item.published_at)
    return item


class CalendarSource(FolderSource):
    """Days on which a country votes or was to vote, and days of remembrance.

    Terms: those of the author of the calendar; entries are passed on, but no model is fitted on
    them unless the author agrees. Cadence: a folder is checked every 15 minutes; entries come at
    no fixed times, so an absence of new ones means nothing. Lag: known from the announcement if
    the file states it, else an estimate. Revisions: an edited entry is a new version, a cancelled
    one is withdrawn. Geography: countries, or the subdivision that an entry names.
    """

    name = SOURCE
    endings = (*TABLE_ENDINGS, _ENDING)
    setting = "EWARN_CALENDAR_FOLDER"
    not_scored = "it says when countries vote: models of the other sources read it beside theirs"

    def fetch(self, since: datetime | None, now: datetime) -> Iterator[Payload | Unread]:
        """Yield the files that changed after `since`, without what may name people."""
        for item in super().fetch(since, now):
            yield _pared(item)

    def fetch_again(self, name: str, now: datetime) -> Payload | Unread:
        """Return one file by its name, without what may name people."""
        return _pared(replace(self._files(), kept_as=kept_name).fetch_again(name, now))

    def parse(self, payload: Payload, places: Places) -> Iterator[ParsedBatch]:
        """Yield the entries of a file in one batch.

        Raises:
            RecordRejected: If the file is not a calendar.
        """
        yield read_calendar(payload.body, places, payload.fetched_at)
