"""Events: append-only versions, written with their ledger, read under two cuts."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd
from sqlalchemy import Connection, Row, insert, select

from ewarn.domain.event import CONTENT_FIELDS, DatePrecision, content_hash, counted_weeks
from ewarn.domain.kinds import EventKind, signals_of
from ewarn.store.tables import count_delta, event_version
from ewarn.store.versions import Cell, Delta, Placed, Timeline, Version

_KEYS_PER_QUERY = 500  # under SQLite's limit on bound parameters
_STORED = (
    *CONTENT_FIELDS,
    "source",
    "source_event_id",
    "deleted",
    "known_at",
    "known_at_estimated",
)

EventKey = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Appended:
    """What an append did, in events: new ones, versions of known ones, deletions, no news."""

    accepted: int = 0
    versions: int = 0
    tombstones: int = 0
    unchanged: int = 0

    def __add__(self, other: "Appended") -> "Appended":
        """The sum of two appends."""
        return Appended(
            self.accepted + other.accepted,
            self.versions + other.versions,
            self.tombstones + other.tombstones,
            self.unchanged + other.unchanged,
        )


def append(connection: Connection, frame: pd.DataFrame, recorded_at: datetime) -> Appended:
    """Store what is new in an event frame, with its changes of the ledger.

    The outcome does not depend on the order of rows, nor on how they are split over calls.
    Raises ValueError if the frame holds two contents of one event with one `known_at`.
    """
    rows = _plain_rows(frame)
    if not rows:
        return Appended()
    timelines = _timelines(connection, [(row["source"], row["source_event_id"]) for row in rows])
    ledger: Counter[Delta] = Counter()
    placed: list[tuple[Placed, dict[str, Any]]] = []
    seen: dict[tuple[EventKey, datetime], str] = {}
    for row in sorted(rows, key=lambda row: row["known_at"]):
        key = (row["source"], row["source_event_id"])
        if seen.setdefault((key, row["known_at"]), row["content_hash"]) != row["content_hash"]:
            raise ValueError(f"event {key} has two contents known at {row['known_at']}")
        version = Version(row["known_at"], row["content_hash"], cells_of(row))
        placed.append((timelines.setdefault(key, Timeline()).place(version, ledger), row))
    _insert(connection, [row for place, row in placed if place is not Placed.KNOWN], recorded_at)
    _insert_deltas(connection, ledger, recorded_at)
    return _summary(placed)


def cells_of(row: Mapping[str, Any]) -> tuple[Cell, ...]:
    """Where a version counts: nowhere if it is a tombstone."""
    if row["deleted"]:
        return ()
    kind = EventKind(row["kind"])
    first, last = counted_weeks(
        row["occurred_on"], row["ended_on"], DatePrecision(row["date_precision"])
    )
    tags = row["tags"].split(";") if row["tags"] else ()
    names = signals_of(row["source"], kind, row["fatalities_low"], tags)
    return tuple(Cell(row["region"], first, last, name) for name in names)


def timelines(connection: Connection, recorded_by: datetime) -> Iterator[Timeline]:
    """Every event's versions recorded up to `recorded_by`, for a recount."""
    table = event_version
    rows = connection.execute(
        select(table)
        .where(table.c.recorded_at <= recorded_by)
        .order_by(table.c.source, table.c.source_event_id, table.c.known_at, table.c.id)
        .execution_options(yield_per=5_000)
    )
    current: EventKey | None = None
    timeline = Timeline()
    for row in rows:
        key = (row.source, row.source_event_id)
        if key != current:
            if current is not None:
                yield timeline
            current, timeline = key, Timeline()
        timeline.versions.append(_version(row))
    if current is not None:
        yield timeline


def _version(row: Row[Any]) -> Version:
    return Version(row.known_at, row.content_hash, cells_of(dict(row._mapping)))


def _plain_rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The frame's rows as plain Python values, None where missing, with their content hash."""
    columns: dict[str, list[Any]] = {}
    for name in _STORED:
        column = frame[name]
        if name in ("occurred_on", "ended_on"):
            columns[name] = column.dt.date.tolist()
        elif name == "known_at":
            columns[name] = column.dt.to_pydatetime().tolist()
        else:
            values = column.astype(object)
            columns[name] = values.where(column.notna(), None).tolist()
    rows = [
        dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)
    ]
    for row in rows:
        row["content_hash"] = content_hash(row, deleted=row["deleted"])
    return rows


def _timelines(connection: Connection, keys: Sequence[EventKey]) -> dict[EventKey, Timeline]:
    """The stored versions of the events named, in order of knowledge, then of arrival."""
    table = event_version
    found: dict[EventKey, Timeline] = {}
    for source in sorted({source for source, _ in keys}):
        names = sorted({name for owner, name in keys if owner == source})
        for start in range(0, len(names), _KEYS_PER_QUERY):
            some = names[start : start + _KEYS_PER_QUERY]
            rows = connection.execute(
                select(table)
                .where(table.c.source == source, table.c.source_event_id.in_(some))
                .order_by(table.c.known_at, table.c.id)
            )
            for row in rows:
                timeline = found.setdefault((row.source, row.source_event_id), Timeline())
                timeline.versions.append(_version(row))
    return found


def _insert(connection: Connection, rows: list[dict[str, Any]], recorded_at: datetime) -> None:
    if rows:
        connection.execute(
            insert(event_version), [row | {"recorded_at": recorded_at} for row in rows]
        )


def _insert_deltas(connection: Connection, ledger: Counter[Delta], recorded_at: datetime) -> None:
    rows = [
        {
            **delta.cell._asdict(),
            "known_at": delta.known_at,
            "recorded_at": recorded_at,
            "delta": number,
        }
        for delta, number in ledger.items()
        if number
    ]
    if rows:
        connection.execute(insert(count_delta), rows)


def _summary(placed: Sequence[tuple[Placed, Mapping[str, Any]]]) -> Appended:
    counts: Counter[str] = Counter()
    for place, row in placed:
        if place in (Placed.KNOWN, Placed.RESTATED):
            counts["unchanged"] += 1
        elif row["deleted"]:
            counts["tombstones"] += 1
        elif place is Placed.FIRST:
            counts["accepted"] += 1
        else:
            counts["versions"] += 1
    return Appended(
        counts["accepted"], counts["versions"], counts["tombstones"], counts["unchanged"]
    )
