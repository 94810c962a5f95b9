"""CSV: events in the event-exchange format, other records as flat tables."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from ewarn.domain.event import Event
from ewarn.domain.time import midnight
from ewarn.egress.alerts import AlertRecord
from ewarn.egress.forecasts import ForecastRecord
from ewarn.egress.response import RecommendationRecord
from ewarn.egress.scores import ScoreRecord
from ewarn.egress.shapes import table_columns
from ewarn.frames.events import EXCHANGE_COLUMNS
from ewarn.frames.spreadsheet_escape import escape_formula

# `participants` is a way to write both bounds in one cell; the export has them in two.
EVENT_COLUMNS = tuple(name for name in EXCHANGE_COLUMNS if name != "participants")


SCORE_COLUMNS = table_columns(ScoreRecord)
FORECAST_COLUMNS = table_columns(ForecastRecord)
ALERT_COLUMNS = table_columns(AlertRecord)
RECOMMENDATION_COLUMNS = table_columns(RecommendationRecord)


def table(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> str:
    """A CSV text with a header; a missing value is an empty cell."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_cell(row.get(name)) for name in columns])
    return file.getvalue()


def exchange_row(event: Event, record: Mapping[str, Any]) -> dict[str, Any]:
    """An outbound event as a row of the exchange format: importing it again changes nothing."""
    return {
        **record,
        "known_on": _known_on(event.known_at),
        "admin1": event.region if event.region != event.country else None,
        "tags": ";".join(event.tags),
    }


def _known_on(known_at: datetime) -> date:
    """The first day at whose midnight it was known: an export must not claim earlier knowledge."""
    day = known_at.date()
    return day if known_at == midnight(day) else day + timedelta(days=1)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return escape_formula(value)
    return value.isoformat() if isinstance(value, date) else str(value)
