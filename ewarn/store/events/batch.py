"""Conversion of an event frame to plain columns for the store, ordered by `known_at`."""

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
    """The rows of an event frame, ordered by `known_at`, column by column.

    Attributes:
        columns: Values by column name: the columns of `event_version` except `id` and
            `recorded_at`.
        keys: (source, source_event_id) of each row.
    """

    columns: dict[str, list[Any]]
    keys: list[EventKey]

    def cells(self) -> Iterator[tuple[Cell, ...]]:
        """Yield the cells in which each row counts.

        There are many of them: do not store those that you do not need.
        """
        return Counting().cells([self.columns[name] for name in Counting.FIELDS])


def batch_of(frame: pd.DataFrame) -> Batch:
    """Return the batch of an event frame."""
    known_at = frame["known_at"].to_numpy(dtype="datetime64[us]")
    frame = frame.iloc[np.argsort(known_at, kind="stable")]
    columns = {name: _plain(frame[name]) for name in _TOLD}
    for name in ("latitude", "longitude"):
        columns[name] = _coarse(frame[name])
    days = zip(columns["occurred_on"], columns["known_at"], strict=True)
    columns["ahead"] = [day > known_at.date() for day, known_at in days]
    columns["content_hash"] = content_hashes(columns, columns["deleted"])
    keys = zip(columns["source"], columns["source_event_id"], strict=True)
    return Batch(columns, list(keys))


def _coarse(column: pd.Series) -> list[Any]:
    """Return degrees rounded to a tenth, which is about eleven kilometres.

    A map of a country needs no finer position. The rows were assigned to their regions before, by
    the exact coordinates.
    """
    return _plain(column.round(1) + 0.0)  # not -0.0


def _plain(column: pd.Series) -> list[Any]:
    """Return a column as plain Python values, None where missing; equal times share one object."""
    if column.dtype.kind == "M":
        codes, times = pd.factorize(column)
        found = pd.DatetimeIndex(times)
        plain: list[Any] = (found.date if found.tz is None else found.to_pydatetime()).tolist()
        return [plain[code] for code in codes.tolist()]
    values = column.to_numpy(dtype=np.object_, copy=True)
    values[column.isna().to_numpy()] = None
    known: list[Any] = values.tolist()
    return known
