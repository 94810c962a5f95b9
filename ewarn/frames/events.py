"""The event frame, which every `Source.parse` returns and `store.events` stores.

It has one row per record. Days are naive `datetime64[us]` at midnight, moments are UTC, counts are
nullable integers, and unknown texts are missing (NaN). An empty field is unknown, never zero.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaError

from ewarn.domain.event import DatePrecision, LocationPrecision
from ewarn.domain.kinds import EventKind
from ewarn.domain.source import Coverage, Rejection, Series
from ewarn.domain.text import storable, written
from ewarn.frames.column_specs import COUNT, DAY, FLAG, MOMENT, NUMBER, TEXT, ColumnSpec

_ANY_TEXT, _ANY_COUNT = ColumnSpec(TEXT, nullable=True), ColumnSpec(COUNT, nullable=True, low=0)

_SPECS = {
    "source": ColumnSpec(TEXT),
    "source_event_id": ColumnSpec(TEXT, length=(1, 200)),
    "kind": ColumnSpec(TEXT, choices=tuple(kind.value for kind in EventKind)),
    "occurred_on": ColumnSpec(DAY),
    "ended_on": ColumnSpec(DAY),
    "date_precision": ColumnSpec(TEXT, choices=tuple(p.value for p in DatePrecision)),
    "known_at": ColumnSpec(MOMENT),
    "known_at_estimated": ColumnSpec(FLAG),
    "country": ColumnSpec(TEXT, length=(3, 3)),
    "region": ColumnSpec(TEXT),
    "place": _ANY_TEXT,
    "latitude": ColumnSpec(NUMBER, nullable=True, low=-90, high=90),
    "longitude": ColumnSpec(NUMBER, nullable=True, low=-180, high=180),
    "location_precision": ColumnSpec(TEXT, choices=tuple(p.value for p in LocationPrecision)),
    "participants_low": _ANY_COUNT,
    "participants_high": _ANY_COUNT,
    "fatalities_low": _ANY_COUNT,
    "fatalities_high": _ANY_COUNT,
    "injured": _ANY_COUNT,
    "arrests": _ANY_COUNT,
    "tags": ColumnSpec(TEXT),  # ;-joined, sorted, "" for none
    "summary": _ANY_TEXT,
    "source_url": _ANY_TEXT,
    "deleted": ColumnSpec(FLAG),
    "line": ColumnSpec(COUNT, nullable=True),  # physical line in its file: not part of the content
}
# Columns of free text and how each is cleaned. Characters that a database refuses, or that reverse
# the direction of text on a terminal or page, are replaced by a space for every source.
_WRITTEN: Mapping[str, Callable[[str], str]] = {
    "source_event_id": storable,
    "place": written,
    "tags": written,
    "summary": written,
    "source_url": written,
}
EVENT_SCHEMA = pa.DataFrameSchema(
    {name: spec.column() for name, spec in _SPECS.items()},
    strict=True,
    ordered=True,
    coerce=True,
)
EVENT_COLUMNS = tuple(EVENT_SCHEMA.columns)

# Columns of an event-exchange file, which `ewarn import` reads and the CSV of the API writes.
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
    """The content of a payload or of a part of it.

    This is: events, rejected records, the number of skipped records by reason, remarks (`notes`),
    and coverage. `fields` are the names of the fields of its records, if the provider fixes them:
    other names than before make the source `changed`. `volume` counts records of all kinds by
    region and day, also the skipped ones; event counts are compared with it. `refused_ids` are the
    ids of events whose records were refused, so that they do not count as absent from the payload.
    `series` are the repeated events that it holds with all their days.
    """

    events: pd.DataFrame
    rejected: tuple[Rejection, ...] = ()
    skipped: Counter[str] = field(default_factory=Counter)
    notes: tuple[str, ...] = ()
    coverage: tuple[Coverage, ...] = ()
    fields: tuple[str, ...] = ()
    volume: Counter[tuple[str, date]] = field(default_factory=Counter)
    refused_ids: frozenset[str] = frozenset()
    series: tuple[Series, ...] = ()


def event_frame(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Build and validate an event frame.

    Raises:
        pandera.errors.SchemaError: If a value has a wrong type or is out of bounds.
    """
    if not rows:
        return empty_event_frame()
    kept = [_kept(row) for row in rows]
    found = _of_plain(kept)
    return _validated(kept) if found is None else found


def checked_frame(columns: Mapping[str, Any]) -> pd.DataFrame:
    """Build an event frame of columns that already have their types, and check it.

    Nothing is converted or copied, and each column is checked in a few passes, so that many small
    files are checked quickly.

    Args:
        columns: Arrays by column name; texts may be lists of str and None. All values of a column
            that is left out are missing.

    Raises:
        pandera.errors.SchemaError: If `EVENT_SCHEMA` would refuse a value or have to convert it.
    """
    unknown = sorted(set(columns) - set(_SPECS))
    if unknown:
        raise _refusal(f"an event frame has no column {', '.join(unknown)}")
    lengths = {len(values) for values in columns.values()}
    if len(lengths) > 1:
        raise _refusal(f"columns differ in length: {sorted(lengths)}")
    number = max(lengths, default=0)
    checked = {}
    for name, spec in _SPECS.items():
        try:
            given = name in columns
            values = columns.get(name)
            if name in _WRITTEN and isinstance(values, list):
                values = [value and _WRITTEN[name](value) for value in values]
            checked[name] = spec.checked(values) if given else spec.missing(number)
        except ValueError as error:
            raise _refusal(f"column {name} {error}") from None
    return pd.DataFrame(checked, index=range(number), copy=False)


def _kept(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row with its texts cleaned for storage."""
    return {**row, **{name: keep(row[name]) for name, keep in _WRITTEN.items() if row.get(name)}}


def _refusal(reason: str) -> SchemaError:
    return SchemaError(EVENT_SCHEMA, None, reason)  # type: ignore[no-untyped-call]


def empty_event_frame() -> pd.DataFrame:
    """Return an event frame without rows."""
    return _no_rows().copy()


@lru_cache(maxsize=1)
def _no_rows() -> pd.DataFrame:
    """Return the frame without rows, validated only once: a replay reads many empty payloads."""
    return _validated([])


def _of_plain(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame | None:
    """Return the frame of rows whose values already have their types, as nearly all rows do.

    Return None if a value must be converted or refused, which is left to pandera.
    """
    if any(row.keys() - _SPECS.keys() for row in rows):
        return None
    checked = {}
    for name, spec in _SPECS.items():
        try:
            checked[name] = spec.checked(spec.of_plain([row.get(name) for row in rows]))
        except (TypeError, ValueError, OverflowError):
            return None
    return pd.DataFrame(checked, index=range(len(rows)), copy=False)


def _validated(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    frame = pd.DataFrame.from_records(list(rows), columns=list(EVENT_COLUMNS))
    return EVENT_SCHEMA.validate(frame)
