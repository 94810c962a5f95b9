"""Any file that a person imports: a calendar or events, told apart by what stands in it."""

from datetime import datetime

from ewarn.files.tables import read_table
from ewarn.frames.events import EXCHANGE_REQUIRED, ParsedBatch
from ewarn.ports import Places
from ingest import calendar_csv, calendar_ics
from ingest.calendar_facts import SOURCE as CALENDAR
from ingest.calendar_pared import is_icalendar
from ingest.exchange import read_events
from ingest.exchange_folder import ExchangeFolder
from ingest.packed import unpacked


def read_import(body: bytes, places: Places, read_at: datetime) -> tuple[str, ParsedBatch]:
    """The source that a file is read as, `calendar` or `exchange`, and what it holds.

    Raises InputError where it is neither.
    """
    body = unpacked(body)
    if is_icalendar(body):
        return CALENDAR, calendar_ics.read_icalendar(body, places, read_at)
    table = read_table(body, (EXCHANGE_REQUIRED, *calendar_csv.LAYOUTS))
    reader = calendar_csv.reader_of(table)
    if reader is not None:
        return CALENDAR, reader(table, places, read_at)
    return ExchangeFolder.name, read_events(table, places, read_at)
