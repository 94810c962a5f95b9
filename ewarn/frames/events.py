"""The event frame: what every `Source.parse` returns and `store.events` takes.

One row per record. Days are naive `datetime64[us]` at midnight, moments are UTC, counts are
nullable integers, texts are missing (NaN) where unknown: an empty field is unknown, never zero.
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
    "line": ColumnSpec(COUNT, nullable=True),  # physical line in its file: not content
}
# Columns of free texts: what no database takes, and what turns a terminal or a page around, is a
# space in them, whoever delivered it.
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
    """A validated event frame of `rows`; raises pandera's SchemaError on a value out of type."""
    if not rows:
        return empty_event_frame()
    kept = [_kept(row) for row in rows]
    found = _of_plain(kept)
    return _validated(kept) if found is None else found


def checked_frame(columns: Mapping[str, Any]) -> pd.DataFrame:
    """An event frame of columns that have their types already; texts may be lists of str and None.

    A column not given is missing throughout. Nothing is converted or copied: what `EVENT_SCHEMA`
    would refuse, or would have to convert, raises pandera's SchemaError. A few passes over each
    column, so that many small files are quick to check.
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
    """A row with its texts as they are kept."""
    return {**row, **{name: keep(row[name]) for name, keep in _WRITTEN.items() if row.get(name)}}


def _refusal(reason: str) -> SchemaError:
    return SchemaError(EVENT_SCHEMA, None, reason)  # type: ignore[no-untyped-call]


def empty_event_frame() -> pd.DataFrame:
    """An event frame of no rows."""
    return _no_rows().copy()


@lru_cache(maxsize=1)
def _no_rows() -> pd.DataFrame:
    """Validated once: a replay reads many payloads without a row."""
    return _validated([])


def _of_plain(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame | None:
    """The frame of rows whose values have their types already, as they nearly always do; None where
    something must be converted, or refused, which pandera does.
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
