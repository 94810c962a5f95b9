"""The verb `ingest`: fetch, keep the raw payload, parse, append, write down what happened."""

from dataclasses import replace
from datetime import datetime, timedelta

from ewarn.domain.source import Health, Payload, Unread
from ewarn.errors import (
    RecordRejected,
    SourceDenied,
    SourceEmbargoed,
    SourceError,
    SourceRefused,
    SourceUnreachable,
    UsageError,
)
from ewarn.pipeline.intake.intake import IngestReport, IntakeOptions, take_in
from ewarn.pipeline.service import Service
from ewarn.ports import Archive, Source
from ewarn.store.events.events import Appended
from ewarn.store.intake import payloads, runs

# A payload that could not be read is asked for again, each time after twice the wait, and given
# up after a week: it stays listed as missed.
FIRST_WAIT = timedelta(minutes=10)
MOST_TRIES = 10

_HEALTH: tuple[tuple[type[SourceError], Health], ...] = (
    (SourceUnreachable, Health.LATE),
    (SourceDenied, Health.DENIED),
    (SourceEmbargoed, Health.EMBARGOED),
)


def ingest(service: Service, source: Source, now: datetime) -> IngestReport:
    """Read what a source published since its last good reading.

    A provider that fails is written down as its health, never raised: the service goes on. Each
    payload is committed by itself, so that a failure on the way loses none before it, and one that
    cannot be read does not stand in the way of those after it.
    """
    if source.obstacle is not None:
        return IngestReport(source.name, Health.DISABLED, source.obstacle)
    with service.store.read() as connection:
        since = runs.read_until(connection, source.name)
        last = runs.latest_runs(connection, now).get(source.name)
    report = IngestReport(source.name, Health.OK, "nothing new")
    try:
        again = _read_missed(service, source, report, now)
        report = replace(again, health=Health.OK, reason="nothing new")
        care = IntakeOptions(keep_body=source.retention > timedelta(0))
        for item in source.fetch(since, now):
            report, care = _taken(service, source, report, item, care, now)
    except SourceError as error:
        return _noted(service, report, health_of(error), str(error), now)
    found_nothing = report.payloads == again.payloads and report.health is Health.OK
    if found_nothing and last is None:
        return _noted(service, report, Health.OK, "answers, nothing there yet", now)
    was_unwell = last is not None and last.health is not Health.OK
    if found_nothing and (was_unwell or again.health is not Health.OK):
        return _noted(service, report, Health.OK, "answers again, nothing new", now)
    return report


def accept(service: Service, source: Source, now: datetime, by: str) -> IngestReport:
    """Take in the payload that made a source doubtful, because a person looked at it. Where only
    its hash was kept, it is asked for again.

    Raises UsageError where nothing waits for a look, or the payload cannot be had any more;
    SourceError where its provider fails; SealBroken where it was sealed and does not open.
    """
    with service.store.read() as connection:
        last = runs.latest_runs(connection, now).get(source.name)
        if last is None or last.health not in (Health.CHANGED, Health.SUSPECT):
            raise UsageError(f"no payload of {source.name} waits for a look")
        payload, digest = None, None
        if last.payload_id is not None:
            payload = payloads.read(connection, last.payload_id, sealer=service.sealer)
            digest = payloads.digest_of(connection, last.payload_id)
    care = IntakeOptions(keep_body=payload is not None, trusted=by)
    if payload is None and last.payload_name is not None:
        payload = _had_again(service, source, last.payload_name, now)
    if payload is None or digest != payloads.digest(payload, service.sealer):
        raise UsageError(
            f"{last.payload_name} is not there any more as it was: run `ewarn ingest "
            f"{source.name}` to read anew"
        )
    return take_in(service, source, payload, now, care)


def _had_again(service: Service, source: Source, name: str, now: datetime) -> Payload | None:
    """A payload by its name from its provider; None where it has none that can be read."""
    if isinstance(source, Archive):
        found: Payload | Unread | None = source.fetch_again(name, now)
    else:
        with service.store.read() as connection:
            since = runs.read_until(connection, source.name)
        found = next((item for item in source.fetch(since, now) if item.name == name), None)
    return found if isinstance(found, Payload) else None


def health_of(error: SourceError) -> Health:
    """The health of a source that failed so."""
    return next((health for kind, health in _HEALTH if isinstance(error, kind)), Health.BROKEN)


def _taken(
    service: Service,
    source: Source,
    report: IngestReport,
    item: Payload | Unread,
    care: IntakeOptions,
    now: datetime,
) -> tuple[IngestReport, IntakeOptions]:
    """The report with one more payload. Where one cannot be read, the cursor goes on past it if
    it can be asked for by its name; else it stays before it, so that the next fetch brings it.
    """
    try:
        if isinstance(item, Unread):
            raise RecordRejected(item.reason)
        taken = take_in(service, source, item, now, care)
        if taken.health is Health.SUSPECT:
            care = _after_unread(source, care)
        return _add(report, taken), care
    except RecordRejected as error:
        reason = _named(item, str(error))
        care = _after_unread(source, care)
        passed = item.published_at if care.move_cursor else None
        noted = _noted(service, report, Health.BROKEN, reason, now, item=item, read_until=passed)
        return noted, care


def _after_unread(source: Source, care: IntakeOptions) -> IntakeOptions:
    """How what comes after a payload that was not read, or is doubted, is taken in."""
    return replace(care, move_cursor=care.move_cursor and isinstance(source, Archive))


def _read_missed(
    service: Service, source: Source, report: IngestReport, now: datetime
) -> IngestReport:
    """Ask again for payloads that could not be read, where the source can and their time has
    come. They lie behind the cursor and do not move it.
    """
    if not isinstance(source, Archive):
        return report
    with service.store.read() as connection:
        due = [item for item in runs.missed(connection, source.name, now) if _is_due(item, now)]
    for missed in due:
        again: Payload | Unread
        try:
            again = source.fetch_again(missed.name, now)
        except SourceRefused as error:
            again = Unread(source.name, missed.name, str(error))
        care = IntakeOptions(keep_body=source.retention > timedelta(0), move_cursor=False)
        report, _ = _taken(service, source, report, again, care, now)
    return report


def _is_due(missed: runs.Missed, now: datetime) -> bool:
    wait = FIRST_WAIT * 2 ** (missed.tries - 1)
    return missed.tries < MOST_TRIES and now >= missed.last_tried_at + wait


def _named(item: Payload | Unread, reason: str) -> str:
    """A reason that names its payload, once."""
    return reason if reason.startswith(item.name) else f"{item.name}: {reason}"


def note_unread(service: Service, item: Unread, now: datetime) -> None:
    """Write down a payload that could not be read, so that it is listed and asked for again."""
    report = IngestReport(item.source, Health.OK, "")
    _noted(service, report, Health.BROKEN, _named(item, item.reason), now, item=item)


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


def _noted(
    service: Service,
    report: IngestReport,
    health: Health,
    reason: str,
    now: datetime,
    *,
    item: Payload | Unread | None = None,
    read_until: datetime | None = None,
) -> IngestReport:
    """Write down a reading that brought no payload to write it with, and how far it came."""
    run = runs.Run(
        report.source,
        now,
        health,
        reason,
        Appended(),
        0,
        {},
        None,
        read_until=read_until,
        payload_name=item.name if item else None,
        published_at=item.published_at if item else None,
    )
    with service.store.write() as connection:
        runs.record_run(connection, runs.Reading(run))
    return replace(report, health=health, reason=reason)
