"""Take in one payload: store it raw, parse and check it, store its events and counts."""

import traceback
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import chain, islice
from pathlib import Path

from sqlalchemy import Connection

from ewarn.domain.source import Coverage, Health, Payload, Rejection
from ewarn.domain.time import WEEK, origin_at
from ewarn.errors import EwarnError, RecordRejected
from ewarn.frames.events import ParsedBatch
from ewarn.languages import source_reasons
from ewarn.pipeline.intake import payload_checks
from ewarn.pipeline.service import Service
from ewarn.ports import Source
from ewarn.store.events import events, volumes
from ewarn.store.events.events import Appended
from ewarn.store.intake import fields, payloads, runs


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What one read of a source brought."""

    source: str
    health: Health
    reason: str
    payloads: int = 0
    appended: Appended = field(default_factory=Appended)
    rejected: tuple[Rejection, ...] = ()
    skipped: Counter[str] = field(default_factory=Counter)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class IntakeOptions:
    """How a payload is taken in.

    With `keep_body` it is stored as the source gave it, else only its hash, because the text of a
    provider or a person may name people. With `move_cursor` the next fetch continues after it.
    `trusted` names the person who checked it and found it correct.
    """

    keep_body: bool = False
    move_cursor: bool = True
    trusted: str | None = None


@dataclass
class _Sum:
    """The content of all batches of a payload together."""

    appended: dict[str, Appended] = field(default_factory=dict)
    last_days: dict[str, date] = field(default_factory=dict)
    rejected: list[Rejection] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)
    coverage: list[Coverage] = field(default_factory=list)
    fields: set[str] = field(default_factory=set)
    volume: Counter[tuple[str, date]] = field(default_factory=Counter)
    ids: set[str] = field(default_factory=set)
    refused_ids: set[str] = field(default_factory=set)

    def add(self, batch: ParsedBatch, appended: dict[str, Appended], *, with_ids: bool) -> None:
        """Add one more batch."""
        for name, rows in batch.events.groupby("source"):
            source, last = str(name), rows["occurred_on"].max().date()
            self.appended[source] = self.appended.get(source, Appended()) + appended[source]
            self.last_days[source] = max(self.last_days.get(source, last), last)
        self.rejected += batch.rejected
        self.skipped += batch.skipped
        self.notes += batch.notes
        self.coverage += batch.coverage
        self.fields |= set(batch.fields)
        self.volume += batch.volume
        self.refused_ids |= batch.refused_ids
        if with_ids:
            self.ids |= set(batch.events["source_event_id"])


def take_in(
    service: Service,
    source: Source,
    payload: Payload,
    now: datetime,
    options: IntakeOptions | None = None,
) -> IngestReport:
    """Store one payload, then parse it and store its events.

    The payload is committed before it is parsed: what a provider sent is never lost because of an
    error of ours.

    Raises:
        RecordRejected: The payload cannot be read.
    """
    options = options or IntakeOptions()
    with service.store.write() as connection:
        kept = payloads.keep(connection, payload, body=options.keep_body, sealer=service.sealer)
    batches = _parsed(service, source, payload)
    # Most payloads are one batch: it is parsed before the write lock is taken.
    first = list(islice(batches, 1))
    return store_batches(service, payload, chain(first, batches), now, options, kept=kept)


def _parsed(service: Service, source: Source, payload: Payload) -> Iterator[ParsedBatch]:
    """Yield the batches of a payload.

    An error in a parser counts as a payload that cannot be read, so that the payloads after it are
    still read. The text of the error is not reported, because it may quote the payload.

    Raises:
        RecordRejected: The payload cannot be read.
    """
    try:
        yield from source.parse(payload, service.places)
    except EwarnError:
        raise
    except Exception as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{Path(where.filename).name}, line {where.lineno}"
        raise RecordRejected(
            f"a fault of ewarn while it was read ({type(error).__name__} in {place})"
        ) from None


def store_batches(
    service: Service,
    payload: Payload,
    batches: Iterable[ParsedBatch],
    now: datetime,
    options: IntakeOptions | None = None,
    *,
    kept: int | None = None,
) -> IngestReport:
    """Store the events of a payload, and the payload itself if it is not stored yet, in one commit.

    Args:
        kept: The id under which the payload was stored before, if it was: it is not hashed again.
    """
    options = options or IntakeOptions()
    with service.store.write() as connection:
        payload_id = kept or payloads.keep(
            connection, payload, body=options.keep_body, sealer=service.sealer
        )
        was_counted = runs.is_recorded(connection, payload.source, payload.name, payload_id)
        found = _append(connection, payload, batches, now)
        verdict = payload_checks.judge(
            connection,
            payload,
            found.fields,
            found.ids | found.refused_ids,
            has_records=bool(found.appended or found.rejected or found.skipped),
            has_refused=len(found.rejected) > len(found.refused_ids),
            trusted=options.trusted is not None,
        )
        if verdict.tombstones is not None:
            deleted = events.append(connection, verdict.tombstones, now)
            found.appended[payload.source] = (
                found.appended.get(payload.source, Appended()) + deleted
            )
        if verdict.accepts_fields:
            by = options.trusted or "first payload"
            fields.accept(connection, payload.source, found.fields, now, by)
        for reading in _readings(service, found, payload, payload_id, verdict, now, options):
            run_id = runs.record_run(connection, reading)
            if reading.run.source == payload.source and found.volume and not was_counted:
                volumes.add(
                    connection,
                    run_id,
                    payload.source,
                    found.volume,
                    now,
                    parents=service.places.parents,
                    published_at=payload.published_at,
                )
    return IngestReport(
        source=payload.source,
        health=verdict.health,
        reason=verdict.reason,
        payloads=1,
        appended=sum(found.appended.values(), Appended()),
        rejected=tuple(found.rejected),
        skipped=found.skipped,
        notes=(*found.notes, *verdict.notes),
    )


def _append(
    connection: Connection, payload: Payload, batches: Iterable[ParsedBatch], now: datetime
) -> _Sum:
    found = _Sum()
    for batch in batches:
        older = payload_checks.overtaken(connection, payload.source, batch.series, batch.events)
        appended = {
            str(name): events.append(connection, rows, now)
            for name, rows in batch.events.groupby("source")
        }
        found.add(batch, appended, with_ids=bool(payload.whole))
        found.notes += older.notes
        ids = batch.refused_ids.union(batch.events["source_event_id"])
        removed = payload_checks.shortened(connection, payload.source, batch.series, ids)
        for deletions in (removed, older.tombstones):
            if deletions is not None:
                deleted = events.append(connection, deletions, now)
                before = found.appended.get(payload.source, Appended())
                found.appended[payload.source] = before + deleted
    return found


def _readings(
    service: Service,
    found: _Sum,
    payload: Payload,
    payload_id: int,
    verdict: payload_checks.PayloadVerdict,
    now: datetime,
    options: IntakeOptions,
) -> Iterator[runs.Reading]:
    """Yield a run of the payload's own source, and one of each archive that a file brings."""
    is_read = verdict.moves_cursor and options.move_cursor
    own = runs.Run(
        source=payload.source,
        recorded_at=now,
        health=verdict.health,
        reason=verdict.reason,
        appended=found.appended.get(payload.source, Appended()),
        rejected=len(found.rejected),
        skipped=found.skipped,
        last_event_on=found.last_days.get(payload.source),
        read_until=(payload.published_at or now) if is_read else None,
        payload_name=payload.name,
        published_at=payload.published_at,
        payload_id=payload_id,
    )
    covered = (
        ended_weeks(found.coverage, payload.source, now) if verdict.health is Health.OK else []
    )
    yield runs.Reading(own, found.rejected, covered)
    for name in sorted(set(found.appended) - service.reserved - {payload.source}):
        run = replace(
            own,
            source=name,
            health=Health.OK,
            reason=source_reasons.IMPORTED_FROM(file=payload.name),
            appended=found.appended[name],
            rejected=0,
            skipped={},
            last_event_on=found.last_days.get(name),
        )
        yield runs.Reading(run, covered=ended_weeks(found.coverage, name, now))


def ended_weeks(coverage: Iterable[Coverage], source: str, now: datetime) -> list[Coverage]:
    """Return the covered weeks that have ended: nobody has observed a week in the future."""
    last = origin_at(now) - WEEK
    return [
        replace(item, last_week=min(item.last_week, last))
        for item in coverage
        if item.source == source and item.first_week <= last
    ]
