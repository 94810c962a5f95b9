"""An event frame as the store takes it: plain columns in order of knowledge, and versions."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ewarn.domain.event import CONTENT_FIELDS, content_hashes
from ewarn.store.events.versions import Cell, Counting

EventKey = tuple[str, str]

_TOLD = (*CONTENT_FIELDS, "source", "source_event_id", "deleted", "known_at", "known_at_estimated")


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of an event frame by `known_at`: a list for each column, and the keys of the rows.

    `columns` are those of the table of versions except its `id` and `recorded_at`.
    """

    columns: dict[str, list[Any]]
    keys: list[EventKey]

    def cells(self) -> Iterator[tuple[Cell, ...]]:
        """Where each row counts. They are many: keep none that is not needed."""
        return Counting().cells([self.columns[name] for name in Counting.FIELDS])


def batch_of(frame: pd.DataFrame) -> Batch:
    """The batch of an event frame."""
    known_at = frame["known_at"].to_numpy(dtype="datetime64[us]")
    frame = frame.iloc[np.argsort(known_at, kind="stable")]
    columns = {name: _plain(frame[name]) for name in _TOLD}
    for name in ("latitude", "longitude"):
        columns[name] = _coarse(frame[name])
    columns["content_hash"] = content_hashes(columns, columns["deleted"])
    keys = zip(columns["source"], columns["source_event_id"], strict=True)
    return Batch(columns, list(keys))


def _coarse(column: pd.Series) -> list[Any]:
    """Degrees to a tenth, some eleven kilometres: as fine as a map of a country needs them. Rows
    were placed in their region before, by what was told.
    """
    return _plain(column.round(1) + 0.0)  # not -0.0


def _plain(column: pd.Series) -> list[Any]:
    """Plain Python values of a column, None where missing; equal times are one object."""
    if column.dtype.kind == "M":
        codes, times = pd.factorize(column)
        found = pd.DatetimeIndex(times)
        plain: list[Any] = (found.date if found.tz is None else found.to_pydatetime()).tolist()
        return [plain[code] for code in codes.tolist()]
    values = column.to_numpy(dtype=np.object_, copy=True)
    values[column.isna().to_numpy()] = None
    known: list[Any] = values.tolist()
    return known
