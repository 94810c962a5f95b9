"""The verb `ingest`: fetch, keep the raw payload, parse, append, write down what happened."""

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from ewarn.domain.source import Coverage, Health, Payload, Rejection
from ewarn.domain.time import WEEK, origin_at
from ewarn.errors import InputError, SourceError, SourceUnreachable
from ewarn.frames.events import ParsedBatch
from ewarn.pipeline.service import Service
from ewarn.ports import Source
from ewarn.store import events, runs
from ewarn.store.events import Appended


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What one reading of a source brought."""

    source: str
    health: Health
    reason: str
    payloads: int = 0
    appended: Appended = field(default_factory=Appended)
    rejected: tuple[Rejection, ...] = ()
    skipped: Counter[str] = field(default_factory=Counter)
    notes: tuple[str, ...] = ()


def ingest(service: Service, source: Source, now: datetime) -> IngestReport:
    """Read what a source published since its last good reading.

    A provider that fails is written down as its health, never raised: the service goes on. Each
    payload is committed by itself, so that a failure on the way loses none before it, and one that
    cannot be read does not stand in the way of those after it.
    """
    with service.store.read() as connection:
        since = runs.read_until(connection, source.name)
        last = runs.latest_runs(connection, now).get(source.name)
    report = IngestReport(source.name, Health.OK, "nothing new")
    try:
        for payload in source.fetch(since, now):
            try:
                report = _add(report, take_in(service, source, payload, now))
            except InputError as error:
                reason = f"{payload.name}: {error}"
                report = _noted(service, report, Health.BROKEN, reason, now)
    except SourceError as error:
        return _noted(service, report, _health_of(error), str(error), now)
    was_unwell = last is not None and last.health is not Health.OK
    if was_unwell and report.payloads == 0 and report.health is Health.OK:
        return _noted(service, report, Health.OK, "answers again, nothing new", now)
    return report


def take_in(service: Service, source: Source, payload: Payload, now: datetime) -> IngestReport:
    """Keep one payload, then parse it and store what it says. Raises InputError.

    The payload is committed before it is parsed: what a provider sent is never lost to a fault
    of ours.
    """
    with service.store.write() as connection:
        runs.keep_payload(connection, payload)
    return store_batch(service, payload, source.parse(payload, service.places), now)


def store_batch(
    service: Service, payload: Payload, batch: ParsedBatch, now: datetime
) -> IngestReport:
    """Store what a payload said, and the payload itself if it is not kept yet, in one commit."""
    with service.store.write() as connection:
        payload_id = runs.keep_payload(connection, payload)
        appended = {
            str(name): events.append(connection, rows, now)
            for name, rows in batch.events.groupby("source")
        }
        for reading in _readings(service, batch, payload, appended, now):
            runs.record_run(connection, reading, payload_id=payload_id)
    return IngestReport(
        source=payload.source,
        health=Health.OK,
        reason="read",
        payloads=1,
        appended=sum(appended.values(), Appended()),
        rejected=batch.rejected,
        skipped=batch.skipped,
        notes=batch.notes,
    )


def _readings(
    service: Service,
    batch: ParsedBatch,
    payload: Payload,
    appended: dict[str, Appended],
    now: datetime,
) -> list[runs.Reading]:
    """A run of the payload's own source, and one of each archive that a file brings."""
    archives = sorted(set(appended) - service.reserved - {payload.source})
    own = runs.Run(
        source=payload.source,
        recorded_at=now,
        health=Health.OK,
        reason="read",
        appended=appended.get(payload.source, Appended()),
        rejected=len(batch.rejected),
        skipped=batch.skipped,
        last_event_on=_last_day(batch, payload.source),
        read_until=payload.published_at,
    )
    return [runs.Reading(own, batch.rejected, _ended(batch, payload.source, now))] + [
        runs.Reading(
            runs.Run(
                source=name,
                recorded_at=now,
                health=Health.OK,
                reason=f"imported from {payload.name}",
                appended=appended[name],
                rejected=0,
                skipped={},
                last_event_on=_last_day(batch, name),
            ),
            covered=_ended(batch, name, now),
        )
        for name in archives
    ]


def _last_day(batch: ParsedBatch, source: str) -> date | None:
    days = batch.events.loc[batch.events["source"] == source, "occurred_on"]
    return None if days.empty else days.max().date()


def _ended(batch: ParsedBatch, source: str, now: datetime) -> list[Coverage]:
    """The weeks covered that have ended: nobody has observed a week that is still to come."""
    last = origin_at(now) - WEEK
    return [
        replace(item, last_week=min(item.last_week, last))
        for item in batch.coverage
        if item.source == source and item.first_week <= last
    ]


def _add(report: IngestReport, more: IngestReport) -> IngestReport:
    return IngestReport(
        source=report.source,
        health=more.health,
        reason=more.reason,
        payloads=report.payloads + more.payloads,
        appended=report.appended + more.appended,
        rejected=report.rejected + more.rejected,
        skipped=report.skipped + more.skipped,
        notes=report.notes + more.notes,
    )


def _health_of(error: SourceError) -> Health:
    return Health.LATE if isinstance(error, SourceUnreachable) else Health.BROKEN


def _noted(
    service: Service, report: IngestReport, health: Health, reason: str, now: datetime
) -> IngestReport:
    """Write down a reading that brought no payload to write it with."""
    run = runs.Run(report.source, now, health, reason, Appended(), 0, {}, None)
    with service.store.write() as connection:
        runs.record_run(connection, runs.Reading(run))
    return replace(report, health=health, reason=reason)
