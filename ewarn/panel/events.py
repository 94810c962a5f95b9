"""Construction of a panel from an event frame, by computing the ledger rows of its events."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

import numpy as np
import pandas as pd

from ewarn.domain.event import DatePrecision, counted_weeks
from ewarn.domain.kinds import EventKind, signals_of
from ewarn.domain.source import Coverage
from ewarn.domain.time import require_utc
from ewarn.frames.panel import Panel
from ewarn.panel.ledger import from_ledger

KEY = ["source", "source_event_id"]
DELTA_COLUMNS = ("region", "week", "last_week", "signal", "known_at", "delta")


def from_events(
    frame: pd.DataFrame,
    *,
    as_of: datetime | None,
    regions: Sequence[str],
    parents: Mapping[str, str],
    signals: Sequence[str],
    first_week: date,
    origin: date,
    coverage: Sequence[Coverage],
) -> Panel:
    """Build the panel of the weeks [first_week, origin) of an event frame as known at `as_of`.

    Of each event the version with the greatest `known_at` counts (of equal ones the last row). A
    deleted event counts nothing. If `as_of` is None, all rows of the frame are used.

    Raises:
        ValueError: If `as_of` is naive, or the days are not Mondays in order.
    """
    if as_of is not None:
        frame = frame[frame["known_at"] <= require_utc(as_of)]
    current = frame.sort_values("known_at", kind="stable").drop_duplicates(KEY, keep="last")
    return from_ledger(
        _additions(current),
        regions=regions,
        parents=parents,
        signals=signals,
        first_week=first_week,
        origin=origin,
        coverage=coverage,
    )


def deltas_of(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the ledger rows of every version in an event frame.

    The columns are region, week, last_week, signal, known_at and delta. A version adds its own
    counts and subtracts those of the version before it, so that the sum of the rows with
    `known_at <= T` is what was current at T.
    """
    ordered = frame.sort_values("known_at", kind="stable").reset_index(drop=True)
    superseded_at = ordered.groupby(KEY, sort=False)["known_at"].shift(-1)
    added = _additions(ordered)
    removed = added.assign(known_at=superseded_at.array[added["version"]], delta=-added["delta"])
    removed = removed[removed["known_at"].notna()]
    rows = pd.concat([added, removed], ignore_index=True)
    return rows.loc[:, list(DELTA_COLUMNS)].sort_values("known_at", kind="stable")


def _additions(frame: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each version and signal that it counts in.

    `version` is the position of the version in `frame`.
    """
    living = np.flatnonzero(~frame["deleted"].to_numpy(dtype=bool))
    rows = frame.iloc[living]
    weeks = _weeks(rows)
    names = _signals(rows)
    repeats = [len(each) for each in names]
    position = np.repeat(living, repeats)
    return pd.DataFrame(
        {
            "region": rows["region"].to_numpy().repeat(repeats),
            "week": weeks["first"].to_numpy().repeat(repeats),
            "last_week": weeks["last"].to_numpy().repeat(repeats),
            "signal": pd.array([name for each in names for name in each], dtype="str"),
            "known_at": frame["known_at"].array[position],
            "delta": np.ones(len(position), dtype=np.int64),
            "version": position,
        }
    )


def _weeks(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the Mondays of the first and last week in which each row counts.

    Each distinct span is computed only once.
    """
    codes, spans = pd.factorize(
        pd.MultiIndex.from_frame(rows[["occurred_on", "ended_on", "date_precision"]])
    )
    counted = [
        counted_weeks(first.date(), last.date(), DatePrecision(precision))
        for first, last, precision in spans
    ]
    mondays = pd.DataFrame(counted, columns=["first", "last"], dtype="datetime64[us]")
    return mondays.iloc[codes]


def _signals(rows: pd.DataFrame) -> list[tuple[str, ...]]:
    """Return the signals of each row."""
    fatalities = rows["fatalities_low"].fillna(0).astype("int64")
    return [
        signals_of(source, EventKind(kind), dead, tags.split(";"))
        for source, kind, dead, tags in zip(
            rows["source"], rows["kind"], fatalities, rows["tags"], strict=True
        )
    ]
