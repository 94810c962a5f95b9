"""Whether a payload can be believed: fields that changed, an emptiness that never was, a file that
is said to be whole and lacks half of what is known. Doubt is told; it is never read as peace."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

import pandas as pd
from sqlalchemy import Connection

from ewarn.domain.event import Event
from ewarn.domain.source import Health, Payload, Series, Span
from ewarn.frames.events import EVENT_COLUMNS, event_frame
from ewarn.store import event_queries, fields, runs
from ewarn.store.cuts import Cut
from ewarn.store.event_queries import EventFilter

NEVER_EMPTY = 5  # payloads with records, and none without, before an empty one is suspect
LOOKED_BACK = 100  # payloads
# Deletions of one payload that are believed without a look: a few, or a small share.
FEW_DELETIONS = 20
SHARE_DELETED = 0.2


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is made of a payload, and the deletions that its silence on known events means."""

    health: Health = Health.OK
    reason: str = "read"
    moves_cursor: bool = True
    accepts_fields: bool = False
    tombstones: pd.DataFrame | None = None
    notes: tuple[str, ...] = ()


def judge(
    connection: Connection,
    payload: Payload,
    found_fields: Collection[str],
    ids: Collection[str],
    *,
    has_records: bool,
    has_refused: bool,
    trusted: bool,
) -> Verdict:
    """The verdict on a payload that was parsed. `trusted` by a person it is believed whole."""
    if not has_records and not trusted and _was_never_empty(connection, payload.source):
        return Verdict(
            Health.SUSPECT,
            f"{payload.name} is empty, as no payload of {payload.source} ever was: look at it, "
            f"then run `ewarn sources accept {payload.source}` if that is true",
            moves_cursor=False,
        )
    verdict = _deletions(connection, payload, ids, has_refused=has_refused, trusted=trusted)
    if verdict.health is not Health.OK or not found_fields:
        return verdict
    before = fields.accepted(connection, payload.source)
    if before == frozenset(found_fields):
        return verdict
    if before is None or trusted:
        return replace(verdict, accepts_fields=True)
    return replace(
        verdict, health=Health.CHANGED, reason=_changed(payload, before, frozenset(found_fields))
    )


def _was_never_empty(connection: Connection, source: str) -> bool:
    earlier = runs.payload_runs(connection, source, LOOKED_BACK)
    return len(earlier) >= NEVER_EMPTY and all(run.records for run in earlier)


def _changed(payload: Payload, before: frozenset[str], now: frozenset[str]) -> str:
    parts = [
        f"{what} {', '.join(sorted(names))}"
        for what, names in (("lacks", before - now), ("has the new fields", now - before))
        if names
    ]
    return (
        f"{payload.name} {' and '.join(parts)}: look whether its rows still mean the same, then "
        f"run `ewarn sources accept {payload.source}`"
    )


def _deletions(
    connection: Connection,
    payload: Payload,
    ids: Collection[str],
    *,
    has_refused: bool,
    trusted: bool,
) -> Verdict:
    """Tombstones for events in the days a payload holds wholly, and that it no longer has."""
    if not payload.whole:
        return Verdict()
    if has_refused and not trusted:
        # A refused row is not an absent one, and its id may be what could not be read.
        return Verdict(notes=("rows were refused, so absent events were not taken for deleted",))
    known = absent = 0
    rows = []
    for span in payload.whole:
        stored = _stored(connection, payload.source, span)
        gone = [event for event in stored if event.source_event_id not in ids]
        known, absent = known + len(stored), absent + len(gone)
        rows += [_tombstone(event, span.known_at) for event in gone]
    if absent > max(FEW_DELETIONS, SHARE_DELETED * known) and not trusted:
        return Verdict(
            Health.SUSPECT,
            f"{payload.name} lacks {absent} of {known} known events: see whether it came whole, "
            f"then run `ewarn sources accept {payload.source}` if they were deleted",
            moves_cursor=False,
        )
    return Verdict(tombstones=event_frame(rows) if rows else None)


def shortened(
    connection: Connection, source: str, series: Collection[Series], ids: Collection[str]
) -> pd.DataFrame | None:
    """Tombstones for days that a series has in store and no longer holds; None where there are
    none. What is stored as known later than the series stands.
    """
    known_at = {item.id: item.known_at for item in series}
    rows = []
    for event in event_queries.current(connection, Cut(), EventFilter(sources=(source,))):
        id_ = event.source_event_id
        read_at = known_at.get(id_) or known_at.get(id_.rpartition("-")[0])
        if read_at is not None and id_ not in ids and event.known_at <= read_at:
            rows.append(_tombstone(event, read_at))
    return event_frame(rows) if rows else None


def _stored(connection: Connection, source: str, span: Span) -> list[Event]:
    wanted = EventFilter(
        countries=() if span.country == "*" else (span.country,),
        sources=(source,),
        since=span.first_day,
        until=span.last_day,
    )
    return event_queries.current(connection, Cut(as_of=span.known_at), wanted)


def _tombstone(event: Event, known_at: datetime) -> dict[str, object]:
    row: dict[str, object] = dict.fromkeys(EVENT_COLUMNS)
    return row | {
        "source": event.source,
        "source_event_id": event.source_event_id,
        "kind": event.kind.value,
        "occurred_on": event.occurred_on,
        "ended_on": event.ended_on,
        "date_precision": event.date_precision.value,
        "known_at": known_at,
        "known_at_estimated": False,
        "country": event.country,
        "region": event.region,
        "location_precision": event.location_precision.value,
        "tags": "",
        "deleted": True,
    }
