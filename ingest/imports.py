"""Reader of any file that a person imports: it recognises calendars and exchange files."""

from datetime import datetime

from ewarn.files.tables import read_table
from ewarn.frames.events import EXCHANGE_REQUIRED, ParsedBatch
from ewarn.ports import Places
from ingest.calendar import csv_layouts as calendar_csv
from ingest.calendar import ics as calendar_ics
from ingest.calendar.facts import SOURCE as CALENDAR
from ingest.calendar.pared import is_icalendar
from ingest.exchange.format import read_events
from ingest.exchange.source import ExchangeFolder
from ingest.shared.decompress import unpacked


def read_import(body: bytes, places: Places, read_at: datetime) -> tuple[str, ParsedBatch]:
    """Read a file, and return its source (`calendar` or `exchange`) and its content.

    Raises:
        InputError: If the file is neither.
    """
    body = unpacked(body)
    if is_icalendar(body):
        return CALENDAR, calendar_ics.read_icalendar(body, places, read_at)
    table = read_table(body, (EXCHANGE_REQUIRED, *calendar_csv.LAYOUTS))
    reader = calendar_csv.reader_of(table)
    if reader is not None:
        return CALENDAR, reader(table, places, read_at)
    return ExchangeFolder.name, read_events(table, places, read_at)
