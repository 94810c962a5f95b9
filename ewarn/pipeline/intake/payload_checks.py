"""Checks whether a payload can be believed.

Doubtful are changed fields, an empty payload of a source that never had one, and a file that is
said to be complete and lacks many known events. A doubt is reported; it is never read as calm.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import pandas as pd
from sqlalchemy import Connection

from ewarn.domain.event import Event
from ewarn.domain.source import Health, Payload, Series, Span
from ewarn.frames.events import EVENT_COLUMNS, event_frame
from ewarn.languages import source_reasons
from ewarn.store.database.cuts import Cut
from ewarn.store.events import event_queries
from ewarn.store.events.event_queries import EventFilter
from ewarn.store.intake import fields, runs

NEVER_EMPTY = 5  # an empty payload is suspect after so many with records and none without
LOOKED_BACK = 100  # payloads
# Deletions of one payload that are accepted without a check: a few, or a small share.
FEW_DELETIONS = 20
SHARE_DELETED = 0.2
_KEPT_OF_DELETED = (
    *("source", "source_event_id", "kind", "occurred_on", "ended_on", "date_precision"),
    *("country", "region", "location_precision"),
)


@dataclass(frozen=True, slots=True)
class PayloadVerdict:
    """The result of the checks of a payload, and the deletions of known events that it lacks."""

    health: Health = Health.OK
    reason: str = source_reasons.READ()
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
) -> PayloadVerdict:
    """Check a payload that was parsed. One that a person `trusted` is accepted as a whole."""
    if not has_records and not trusted and _was_never_empty(connection, payload.source):
        return PayloadVerdict(
            Health.SUSPECT,
            source_reasons.WAS_EMPTY(
                file=payload.name, source=payload.source, command=_to_accept(payload)
            ),
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
    said = {"file": payload.name, "command": _to_accept(payload)}
    lacking, added = ", ".join(sorted(before - now)), ", ".join(sorted(now - before))
    if not added:
        return source_reasons.LACKS_FIELDS(**said, lacking=lacking)
    if not lacking:
        return source_reasons.HAS_FIELDS(**said, added=added)
    return source_reasons.LACKS_AND_HAS_FIELDS(**said, lacking=lacking, added=added)


def _to_accept(payload: Payload) -> str:
    """Return the command by which a person accepts a payload as it is."""
    return f"ewarn sources accept {payload.source}"


def _deletions(
    connection: Connection,
    payload: Payload,
    ids: Collection[str],
    *,
    has_refused: bool,
    trusted: bool,
) -> PayloadVerdict:
    """Return tombstones for events that a payload lacks in the days that it covers wholly."""
    if not payload.whole:
        return PayloadVerdict()
    if has_refused and not trusted:
        # A refused row is not absent, and its id may be the part that could not be read.
        return PayloadVerdict(
            notes=("rows were refused, so absent events were not taken for deleted",)
        )
    known = absent = 0
    rows = []
    for span in payload.whole:
        stored = _stored(connection, payload.source, span)
        missing = [event for event in stored if event.source_event_id not in ids]
        known, absent = known + len(stored), absent + len(missing)
        rows += [_deleted(event, span.known_at) for event in missing]
    if absent > max(FEW_DELETIONS, SHARE_DELETED * known) and not trusted:
        return PayloadVerdict(
            Health.SUSPECT,
            source_reasons.LACKS_EVENTS(
                file=payload.name, absent=absent, known=known, command=_to_accept(payload)
            ),
            moves_cursor=False,
        )
    return PayloadVerdict(tombstones=event_frame(rows) if rows else None)


def shortened(
    connection: Connection, source: str, series: Collection[Series], ids: Collection[str]
) -> pd.DataFrame | None:
    """Return tombstones for days that are stored of a series and that it no longer holds, or None.

    What is stored as known later than the series stays.
    """
    if not series:
        return None
    known_at = {item.id: item.known_at for item in series}
    rows = []
    for event in event_queries.current(connection, Cut(), EventFilter(sources=(source,))):
        id_ = event.source_event_id
        of = _series_of(id_, known_at)
        if of is not None and id_ not in ids and event.known_at <= known_at[of]:
            rows.append(_deleted(event, known_at[of]))
    return event_frame(rows) if rows else None


@dataclass(frozen=True, slots=True)
class SupersededSeries:
    """Series of a payload that are stored in a newer version.

    `number` counts them. `tombstones` delete the days that only the older version has: these were
    known from the older version until the newer one.
    """

    number: int
    tombstones: pd.DataFrame | None

    @property
    def notes(self) -> tuple[str, ...]:
        """Return the notes about them for the report."""
        if not self.number:
            return ()
        entries = "1 entry is" if self.number == 1 else f"{self.number} entries are"
        return (
            f"{entries} older in this file than what is stored, which stands: the later "
            "LAST-MODIFIED, or else DTSTAMP, counts, whatever the SEQUENCE of another file.",
        )


def overtaken(
    connection: Connection, source: str, series: Collection[Series], events: pd.DataFrame
) -> SupersededSeries:
    """Return which series are older than what is stored. Call it before `events` are stored."""
    if not series:
        return SupersededSeries(0, None)
    read_at = {item.id: item.known_at for item in series}
    given: dict[str, datetime] = dict(
        zip(events["source_event_id"], events["known_at"], strict=True)
    )
    stored = event_queries.last_known(connection, source)
    newer: dict[str, datetime] = {}
    for id_, known_at in stored.items():
        of = _series_of(id_, read_at)
        if of is not None and known_at > given.get(id_, read_at[of]):
            newer[of] = max(known_at, newer.get(of, known_at))
    rows = []
    for row in events.itertuples():
        id_ = str(row.source_event_id)
        of = _series_of(id_, newer)
        if of is not None and id_ not in stored and given[id_] < newer[of]:
            rows.append(_deleted(row, newer[of]))
    return SupersededSeries(len(newer), event_frame(rows) if rows else None)


def _series_of(id_: str, series: Collection[str]) -> str | None:
    """Return the series that an event is or is a day of, or None."""
    return next((name for name in (id_, id_.rpartition("-")[0]) if name in series), None)


def _stored(connection: Connection, source: str, span: Span) -> list[Event]:
    wanted = EventFilter(
        countries=() if span.country == "*" else (span.country,),
        sources=(source,),
        since=span.first_day,
        until=span.last_day,
    )
    return event_queries.current(connection, Cut(as_of=span.known_at), wanted)


def _deleted(item: Any, known_at: datetime) -> dict[str, Any]:
    """Return the deletion of an event, or of a row of an event frame."""
    row: dict[str, Any] = dict.fromkeys(EVENT_COLUMNS)
    row |= {name: getattr(item, name) for name in _KEPT_OF_DELETED}
    return row | {"known_at": known_at, "known_at_estimated": False, "tags": "", "deleted": True}
