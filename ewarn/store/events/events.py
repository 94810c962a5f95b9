"""Writing events: append-only versions together with their changes of the count ledger."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import compress, groupby
from operator import itemgetter
from typing import Any

import pandas as pd
from sqlalchemy import Connection, Result, select

from ewarn.store.database.bulk import BulkInsert
from ewarn.store.database.id_lists import among
from ewarn.store.events.batch import Batch, EventKey, batch_of
from ewarn.store.events.versions import Cell, Counting, Delta, Placed, Timeline, Version
from ewarn.store.tables.events import count_delta, event_version

# The columns that a timeline needs: the key of its event, the version, and where it counts.
_PLACING = tuple(
    event_version.c[name]
    for name in ("source", "source_event_id", "known_at", "content_hash", *Counting.FIELDS)
)
_ROWS_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class Appended:
    """The result of an append, in numbers of rows.

    Attributes:
        accepted: New events.
        versions: New versions of known events.
        tombstones: Deletions.
        unchanged: Rows that brought nothing new.
        older: Those of the versions and deletions that were known before the version in force.
    """

    accepted: int = 0
    versions: int = 0
    tombstones: int = 0
    unchanged: int = 0
    older: int = 0  # a part of versions and tombstones

    @property
    def total(self) -> int:
        """The number of rows that were appended or already known."""
        return self.accepted + self.versions + self.tombstones + self.unchanged

    @property
    def is_news(self) -> bool:
        """Whether anything was appended."""
        return self.accepted + self.versions + self.tombstones > 0

    def __add__(self, other: "Appended") -> "Appended":
        """Return the sum of two results."""
        return Appended(
            self.accepted + other.accepted,
            self.versions + other.versions,
            self.tombstones + other.tombstones,
            self.unchanged + other.unchanged,
            self.older + other.older,
        )


def append(connection: Connection, frame: pd.DataFrame, recorded_at: datetime) -> Appended:
    """Store what is new in an event frame, together with its changes of the ledger.

    The outcome depends neither on the order of the rows nor on how they are split over calls.

    Raises:
        ValueError: The frame holds two different contents of one event with the same `known_at`.
    """
    if frame.empty:
        return Appended()
    batch = batch_of(frame)
    ledger: Counter[Delta] = Counter()
    stored = _stored(connection, batch.keys)
    stands = {key: timeline.versions[-1].known_at for key, timeline in stored.items()}
    placed = _place(batch, stored, ledger)
    bulk = BulkInsert(connection)
    _insert_versions(bulk, batch, placed, recorded_at)
    _insert_deltas(bulk, ledger, recorded_at)
    older = sum(
        place is Placed.CHANGED and key in stands and known_at < stands[key]
        for place, key, known_at in zip(placed, batch.keys, batch.columns["known_at"], strict=True)
    )
    return replace(_summary(placed, batch.columns["deleted"]), older=older)


def _place(
    batch: Batch, timelines: dict[EventKey, Timeline], ledger: Counter[Delta]
) -> list[Placed]:
    """Return what becomes of each version of a batch, and add its changes to `ledger`."""
    for key, times in Counter(batch.keys).items():
        if times > 1:
            timelines.setdefault(key, Timeline())
    placed: list[Placed] = []
    added: list[Delta] = []
    said: dict[tuple[EventKey, datetime], str] = {}
    known_ats, contents = batch.columns["known_at"], batch.columns["content_hash"]
    rows = zip(batch.keys, known_ats, contents, batch.cells(), strict=True)
    for key, known_at, content, cells in rows:
        timeline = timelines.get(key)
        if timeline is None:  # the only version of a new event, as nearly all rows are
            placed.append(Placed.FIRST)
            added += [(*cell, known_at) for cell in cells]
        elif said.setdefault((key, known_at), content) == content:
            placed.append(timeline.place(Version(known_at, content, cells), ledger))
        else:
            raise ValueError(f"event {key} has two contents known at {known_at}")
    ledger.update(added)
    return placed


def _stored(connection: Connection, keys: Sequence[EventKey]) -> dict[EventKey, Timeline]:
    """Return the stored versions of some events, ordered by `known_at` and then by arrival."""
    table = event_version
    found: dict[EventKey, Timeline] = {}
    for wanted in sorted({source for source, _ in keys}):
        names = {name for source, name in keys if source == wanted}
        rows = connection.execute(
            select(*_PLACING)
            .where(table.c.source == wanted, among(table.c.source_event_id, names))
            .order_by(table.c.known_at, table.c.id)
        )
        for key, version in _versions(rows):
            found.setdefault(key, Timeline()).versions.append(version)
    return found


def timelines(connection: Connection, recorded_by: datetime) -> Iterator[Timeline]:
    """Yield the versions of every event that were recorded by a moment, for a recount."""
    table = event_version
    rows = connection.execute(
        select(*_PLACING)
        .where(table.c.recorded_at <= recorded_by)
        .order_by(table.c.source, table.c.source_event_id, table.c.known_at, table.c.id)
        .execution_options(yield_per=_ROWS_AT_ONCE)
    )
    for _, versions in groupby(_versions(rows), key=itemgetter(0)):
        yield Timeline([version for _, version in versions])


def _versions(rows: Result[Any]) -> Iterator[tuple[EventKey, Version]]:
    counting = Counting()
    for some in rows.partitions(_ROWS_AT_ONCE):
        sources, names, known_at, contents, *counted = zip(*some, strict=True)
        versions = map(Version, known_at, contents, counting.cells(counted))
        yield from zip(zip(sources, names, strict=True), versions, strict=True)


def _insert_versions(
    bulk: BulkInsert, batch: Batch, placed: Sequence[Placed], recorded_at: datetime
) -> None:
    columns = batch.columns
    if Placed.KNOWN in placed:
        is_new = [place is not Placed.KNOWN for place in placed]
        columns = {name: list(compress(values, is_new)) for name, values in columns.items()}
    recorded = {"recorded_at": [recorded_at] * len(columns["source"])}
    bulk.rows(event_version, columns | recorded)


def _insert_deltas(bulk: BulkInsert, ledger: Counter[Delta], recorded_at: datetime) -> None:
    moved = [(*delta, number) for delta, number in ledger.items() if number]
    names = (*Cell._fields, "known_at", "delta")
    columns = {name: [row[place] for row in moved] for place, name in enumerate(names)}
    bulk.rows(count_delta, columns | {"recorded_at": [recorded_at] * len(moved)})


def _summary(placed: Sequence[Placed], deleted: Sequence[bool]) -> Appended:
    counts: Counter[str] = Counter()
    for (place, is_deleted), number in Counter(zip(placed, deleted, strict=True)).items():
        if place in (Placed.KNOWN, Placed.RESTATED):
            counts["unchanged"] += number
        elif is_deleted:
            counts["tombstones"] += number
        elif place is Placed.FIRST:
            counts["accepted"] += number
        else:
            counts["versions"] += number
    return Appended(**counts)
