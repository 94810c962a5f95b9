"""The columns of the event-exchange format: the CSV of events has them, `ewarn import` reads it."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from ewarn.domain.time import midnight
from ewarn.egress.definition.tables import Column, columns_of
from ewarn.egress.events import EventRecord
from ewarn.frames.events import EXCHANGE_COLUMNS

# `participants` holds both bounds in one cell; the export has two columns for them.
_LEFT_OUT = "participants"


def _known_on(record: Mapping[str, Any]) -> date:
    """Return the first day at whose midnight the event was known.

    An export must not claim that something was known earlier than it was.
    """
    known_at = record["known_at"]
    day: date = known_at.date()
    return day if known_at == midnight(day) else day + timedelta(days=1)


_KNOWN_ON = Column("known_on", date, _known_on, "#date+known")


def _columns() -> Iterator[Column]:
    own = {column.name: column for column in (*columns_of(EventRecord), _KNOWN_ON)}
    for name in EXCHANGE_COLUMNS:
        if name != _LEFT_OUT:
            yield own[name]


COLUMNS = tuple(_columns())
