"""The verb `ingest`: fetch, store the raw payload, parse, append, and record the outcome."""

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
from ewarn.languages import source_reasons
from ewarn.pipeline.intake.intake import IngestReport, IntakeOptions, take_in
from ewarn.pipeline.service import Service
from ewarn.ports import Archive, Source
from ewarn.store.events.events import Appended
from ewarn.store.intake import newest_runs, payloads, runs

# A payload that could not be read is asked for again, each time after twice the wait. After about
# a week it is given up, and stays listed as missed.
FIRST_WAIT = timedelta(minutes=10)
MOST_TRIES = 10

_HEALTH: tuple[tuple[type[SourceError], Health], ...] = (
    (SourceUnreachable, Health.LATE),
    (SourceDenied, Health.DENIED),
    (SourceEmbargoed, Health.EMBARGOED),
)


def ingest(service: Service, source: Source, now: datetime) -> IngestReport:
    """Read what a source published since its last successful read.

    A provider that fails is recorded as the health of the source and is never raised, so the
    service continues. Each payload is committed by itself: a later failure loses none before it,
    and one that cannot be read does not block those after it.
    """
    if source.obstacle is not None:
        return IngestReport(source.name, Health.DISABLED, source.obstacle)
    with service.store.read() as connection:
        since = runs.read_until(connection, source.name)
        last = newest_runs.latest_runs(connection, now).get(source.name)
    report = IngestReport(source.name, Health.OK, source_reasons.NOTHING_NEW())
    try:
        again = _read_missed(service, source, report, now)
        report = replace(again, health=Health.OK, reason=source_reasons.NOTHING_NEW())
        options = IntakeOptions(keep_body=source.retention > timedelta(0))
        for item in source.fetch(since, now):
            report, options = _take_in_next(service, source, report, item, options, now)
    except SourceError as error:
        return _record(service, report, health_of(error), str(error), now)
    found_nothing = report.payloads == again.payloads and report.health is Health.OK
    if found_nothing and last is None:
        return _record(service, report, Health.OK, "answers, nothing there yet", now)
    was_unwell = last is not None and last.health is not Health.OK
    if found_nothing and (was_unwell or again.health is not Health.OK):
        return _record(service, report, Health.OK, "answers again, nothing new", now)
    return report


def accept(service: Service, source: Source, now: datetime, by: str) -> IngestReport:
    """Take in the payload that made a source doubtful, because a person has checked it.

    If only its hash was stored, the payload is fetched again.

    Raises:
        UsageError: No payload waits for a check, or it cannot be fetched any more.
        SourceError: The provider fails.
        SealBroken: The payload was sealed and cannot be opened.
    """
    with service.store.read() as connection:
        last = newest_runs.latest_runs(connection, now).get(source.name)
        if last is None or last.health not in (Health.CHANGED, Health.SUSPECT):
            raise UsageError(f"no payload of {source.name} is waiting to be checked")
        payload, digest = None, None
        if last.payload_id is not None:
            payload = payloads.read(connection, last.payload_id, sealer=service.sealer)
            digest = payloads.digest_of(connection, last.payload_id)
    options = IntakeOptions(keep_body=payload is not None, trusted=by)
    if payload is None and last.payload_name is not None:
        payload = _fetched_again(service, source, last.payload_name, now)
    if payload is None or digest != payloads.digest(payload, service.sealer):
        raise UsageError(
            f"{last.payload_name} was changed or removed by its provider: run `ewarn ingest "
            f"{source.name}` to read it again"
        )
    return take_in(service, source, payload, now, options)


def _fetched_again(service: Service, source: Source, name: str, now: datetime) -> Payload | None:
    """Fetch a payload again by its name; None if the provider has none that can be read."""
    if isinstance(source, Archive):
        found: Payload | Unread | None = source.fetch_again(name, now)
    else:
        with service.store.read() as connection:
            since = runs.read_until(connection, source.name)
        found = next((item for item in source.fetch(since, now) if item.name == name), None)
    return found if isinstance(found, Payload) else None


def health_of(error: SourceError) -> Health:
    """Return the health of a source that failed with an error."""
    return next((health for kind, health in _HEALTH if isinstance(error, kind)), Health.BROKEN)


def _take_in_next(
    service: Service,
    source: Source,
    report: IngestReport,
    item: Payload | Unread,
    options: IntakeOptions,
    now: datetime,
) -> tuple[IngestReport, IntakeOptions]:
    """Take in one more payload.

    If it cannot be read, the cursor moves past it only if it can be asked for by its name.
    Otherwise the cursor stays before it, so that the next fetch brings it again.

    Returns:
        The report with this payload, and the options for the payloads after it.
    """
    try:
        if isinstance(item, Unread):
            raise RecordRejected(item.reason)
        taken = take_in(service, source, item, now, options)
        if taken.health is Health.SUSPECT:
            options = _after_unread(source, options)
        return _add(report, taken), options
    except RecordRejected as error:
        reason = _named(item, str(error))
        options = _after_unread(source, options)
        passed = item.published_at if options.move_cursor else None
        after = _record(service, report, Health.BROKEN, reason, now, item=item, read_until=passed)
        return after, options


def _after_unread(source: Source, options: IntakeOptions) -> IntakeOptions:
    """Return the options for the payloads after one that was not read or is doubtful."""
    return replace(options, move_cursor=options.move_cursor and isinstance(source, Archive))


def _read_missed(
    service: Service, source: Source, report: IngestReport, now: datetime
) -> IngestReport:
    """Ask again for payloads that could not be read, if the source can and it is time.

    They lie behind the cursor and do not move it.
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
        options = IntakeOptions(keep_body=source.retention > timedelta(0), move_cursor=False)
        report, _ = _take_in_next(service, source, report, again, options, now)
    return report


def _is_due(missed: runs.UnreadPayload, now: datetime) -> bool:
    wait = FIRST_WAIT * 2 ** (missed.tries - 1)
    return missed.tries < MOST_TRIES and now >= missed.last_tried_at + wait


def _named(item: Payload | Unread, reason: str) -> str:
    """Return a reason that names its payload once."""
    return reason if reason.startswith(item.name) else f"{item.name}: {reason}"


def note_unread(service: Service, item: Unread, now: datetime) -> None:
    """Record a payload that could not be read, so that it is listed and asked for again."""
    report = IngestReport(item.source, Health.OK, "")
    _record(service, report, Health.BROKEN, _named(item, item.reason), now, item=item)


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


def _record(
    service: Service,
    report: IngestReport,
    health: Health,
    reason: str,
    now: datetime,
    *,
    item: Payload | Unread | None = None,
    read_until: datetime | None = None,
) -> IngestReport:
    """Record a read without a stored payload, and up to which moment the source was read."""
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
