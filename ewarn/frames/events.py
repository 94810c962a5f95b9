"""The event frame: what every `Source.parse` returns and `store.events` takes.

One row per record. Days are naive `datetime64[us]` at midnight, moments are UTC, counts are
nullable integers, texts are missing (NaN) where unknown: an empty field is unknown, never zero.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

import pandas as pd
import pandera.pandas as pa

from ewarn.domain.event import DatePrecision, LocationPrecision
from ewarn.domain.kinds import EventKind
from ewarn.domain.source import Coverage, Rejection

_DAY = "datetime64[us]"
_MOMENT = "datetime64[us, UTC]"
_COUNT = pa.Check.ge(0)

EVENT_SCHEMA = pa.DataFrameSchema(
    {
        "source": pa.Column("str"),
        "source_event_id": pa.Column("str", pa.Check.str_length(1, 200)),
        "kind": pa.Column("str", pa.Check.isin([kind.value for kind in EventKind])),
        "occurred_on": pa.Column(_DAY),
        "ended_on": pa.Column(_DAY),
        "date_precision": pa.Column("str", pa.Check.isin([p.value for p in DatePrecision])),
        "known_at": pa.Column(_MOMENT),
        "known_at_estimated": pa.Column("bool"),
        "country": pa.Column("str", pa.Check.str_length(3, 3)),
        "region": pa.Column("str"),
        "place": pa.Column("str", nullable=True),
        "latitude": pa.Column("float64", pa.Check.in_range(-90, 90), nullable=True),
        "longitude": pa.Column("float64", pa.Check.in_range(-180, 180), nullable=True),
        "location_precision": pa.Column("str", pa.Check.isin([p.value for p in LocationPrecision])),
        "participants_low": pa.Column("Int64", _COUNT, nullable=True),
        "participants_high": pa.Column("Int64", _COUNT, nullable=True),
        "fatalities_low": pa.Column("Int64", _COUNT, nullable=True),
        "fatalities_high": pa.Column("Int64", _COUNT, nullable=True),
        "injured": pa.Column("Int64", _COUNT, nullable=True),
        "arrests": pa.Column("Int64", _COUNT, nullable=True),
        "tags": pa.Column("str"),  # ;-joined, sorted, "" for none
        "summary": pa.Column("str", nullable=True),
        "source_url": pa.Column("str", nullable=True),
        "deleted": pa.Column("bool"),
        "line": pa.Column("Int64", nullable=True),  # physical line in its file: not content
    },
    strict=True,
    ordered=True,
    coerce=True,
)
EVENT_COLUMNS = tuple(EVENT_SCHEMA.columns)

# Columns of an event-exchange file, as `ewarn import` reads it and the API's CSV writes it.
EXCHANGE_REQUIRED = ("source", "source_event_id", "kind", "occurred_on", "country")
EXCHANGE_COLUMNS = (
    *EXCHANGE_REQUIRED,
    "ended_on",
    "date_precision",
    "known_on",
    "admin1",
    "place",
    "latitude",
    "longitude",
    "location_precision",
    "participants",
    "participants_low",
    "participants_high",
    "fatalities_low",
    "fatalities_high",
    "injured",
    "arrests",
    "tags",
    "summary",
    "source_url",
    "deleted",
)


@dataclass(frozen=True, slots=True)
class ParsedBatch:
    """What a payload, or a part of it, held: events, refused records, skipped ones by reason,
    remarks, coverage.

    `fields` are the names of the fields of its records, where the provider fixes them: other
    names than before make the source `changed`. `volume` counts its records of all kinds, also
    those skipped, by region and day: what counts are to be measured against. `refused_ids` are the
    events whose records were refused but could be told: they are not absent from the payload.
    """

    events: pd.DataFrame
    rejected: tuple[Rejection, ...] = ()
    skipped: Counter[str] = field(default_factory=Counter)
    notes: tuple[str, ...] = ()
    coverage: tuple[Coverage, ...] = ()
    fields: tuple[str, ...] = ()
    volume: Counter[tuple[str, date]] = field(default_factory=Counter)
    refused_ids: frozenset[str] = frozenset()


def event_frame(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """A validated event frame of `rows`; raises pandera's SchemaError on a value out of type."""
    return _validated(rows) if rows else empty_event_frame()


def empty_event_frame() -> pd.DataFrame:
    """An event frame of no rows."""
    return _no_rows().copy()


@lru_cache(maxsize=1)
def _no_rows() -> pd.DataFrame:
    """Validated once: a replay reads many payloads without a row."""
    return _validated([])


def _validated(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    frame = pd.DataFrame.from_records(list(rows), columns=list(EVENT_COLUMNS))
    return EVENT_SCHEMA.validate(frame)
