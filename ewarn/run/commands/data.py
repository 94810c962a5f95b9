"""The commands for each step of the pipeline: import, ingest, score, alert, deliver."""

from collections.abc import Collection
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from ewarn.domain.source import Payload, Rejection
from ewarn.domain.time import origin_at
from ewarn.errors import InputError, UnknownName, UsageError
from ewarn.pipeline.alerts import alert as alert_verb
from ewarn.pipeline.alerts import corrections
from ewarn.pipeline.delivery import deliver as deliver_verb
from ewarn.pipeline.intake import ingest as ingest_verb
from ewarn.pipeline.intake.intake import IngestReport, IntakeOptions, store_batches
from ewarn.pipeline.scoring import score as score_verb
from ewarn.pipeline.scoring.scorable import ScoringOutlook, outlook, outlooks
from ewarn.pipeline.service import Service
from ewarn.run import settings
from ewarn.run.clock import wall
from ewarn.run.commands.backfill import back_fill
from ewarn.run.console import Voice
from ewarn.run.options import Json, Origin, Sources, day_option
from ewarn.run.schedule import FAILURES, queue_scoring
from ewarn.run.wiring import open_service
from ingest.calendar.pared import is_icalendar, kept_name, pared
from ingest.imports import read_import

_SHOWN = 10  # refused rows and notes that are printed; all are recorded in the database


def import_file(
    file: Annotated[Path, typer.Argument(help="CSV file, workbook or iCalendar.", metavar="FILE")],
    strict: Annotated[
        bool, typer.Option(help="Refuse the whole file if one row is refused.")
    ] = False,
    json: Json = False,
) -> None:
    """Import a file of events in the event-exchange format, or a calendar.

    Example: `ewarn import events.csv.gz --json`
    """
    voice = Voice(json=json)
    sent = read_file(file)
    now = wall()
    with open_service(settings.load()) as service:
        body = pared(sent, service.places)  # fields of a calendar that may name people are dropped
        name = kept_name(file.name) if is_icalendar(body) else file.name
        source, batch = read_import(body, service.places, now)
        if strict and batch.rejected:
            say_rejected(voice, batch.rejected)
            raise InputError(
                f"{file}: {len(batch.rejected)} rows are refused, so nothing was stored (--strict)"
            )
        payload = Payload(source, name, body, now)
        # The cursor belongs to the watched folder. Moving it would skip unread files there.
        report = store_batches(service, payload, [batch], now, IntakeOptions(move_cursor=False))
        named = sorted(set(batch.events["source"]))
        is_new = report.appended.total > report.appended.unchanged
        found = to_be_scored(service, named, now, is_new=is_new)
    say_rejected(voice, report.rejected)
    for note in report.notes[:_SHOWN]:
        voice.say(f"note: {note}")
    for reason, number in report.skipped.items():
        voice.say(f"skipped: {number}, {reason}")
    for item in found:
        voice.say(scoring_sentence(item))
    scoring = {"scoring": [asdict(item) for item in found]}
    voice.result(counts_of(report) | scoring, f"{file.name}: {sentence_of(report)}")
    if report.rejected and batch.events.empty:
        raise InputError(f"{file}: nothing was imported, {len(report.rejected)} rows are refused")


def to_be_scored(
    service: Service, names: Collection[str], now: datetime, *, is_new: bool
) -> list[ScoringOutlook]:
    """Return whether and when sources with new events are scored.

    If `is_new`, scoring is queued, so that the worker does not wait for its next slot.
    """
    with service.store.read() as connection:
        found = [outlook(service, connection, name, now, origin_at(now)) for name in names]
    if is_new and any(item.is_scored for item in found):
        queue_scoring(service, now)
    return found


def scoring_sentence(item: ScoringOutlook) -> str:
    """Describe whether and when a source is scored."""
    if not item.is_scored:
        return f"{item.source} is not scored: {item.reason}"
    when = "at the next run of the worker (`ewarn work`)"
    limits = f"; {item.reason}" if item.reason else ""
    return f"{item.source} is scored {when}, or now by `ewarn score {item.source}`{limits}"


def read_file(path: Path) -> bytes:
    """Return the bytes of a file. Raises InputError if it cannot be read."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise InputError(f"there is no file {path}; check the path") from None
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from None


def counts_of(report: IngestReport) -> dict[str, object]:
    """Return the counts of one reading, for programs."""
    done = report.appended
    return {
        "accepted": done.accepted,
        "unchanged": done.unchanged,
        "versions": done.versions,
        "tombstones": done.tombstones,
        "older": done.older,
        "skipped": report.skipped.total(),
        "rejected": [{"line": row.line, "reason": row.reason} for row in report.rejected],
    }


def sentence_of(report: IngestReport) -> str:
    """Describe the result of one reading."""
    done = report.appended
    are = "version is" if done.older == 1 else "versions are"
    older = f"; {done.older} {are} older than the stored ones" if done.older else ""
    return (
        f"{done.accepted} new events, {done.versions} new versions, {done.tombstones} deletions, "
        f"{done.unchanged} unchanged, {report.skipped.total()} skipped, "
        f"{len(report.rejected)} refused{older}"
    )


def say_rejected(voice: Voice, rejected: tuple[Rejection, ...]) -> None:
    """Print the first refused rows with their reasons, and the number of the others."""
    for row in rejected[:_SHOWN]:
        where = "refused" if row.line is None else f"line {row.line} refused"
        voice.say(f"{where}: {row.reason}")
    if len(rejected) > _SHOWN:
        voice.say(f"... and {len(rejected) - _SHOWN} more refused rows")


def ingest(
    source: Sources = None,
    since: Annotated[date | None, day_option("Back-fill one source from this day.")] = None,
    until: Annotated[date | None, day_option("Last day of a back-fill; default today.")] = None,
    json: Json = False,
) -> None:
    """Read what sources published since they were last read, or back-fill one source.

    Ends with exit code 1 if a source is late, denied or broken. A back-fill reads whole weeks,
    skips files that were read before, and can be interrupted at any time.

    Example: `ewarn ingest gdelt --since 2015-02-19 --until 2016-01-01`
    """
    voice, names = Voice(json=json), source or []
    if since is not None:
        back_fill(names, since, until, voice=voice)
        return
    if until is not None:
        raise UsageError("--until is the end of a back-fill: give its first day with --since")
    with open_service(settings.load()) as service:
        reports = {}
        for name in names or list(service.sources):
            if name not in service.sources:
                raise UnknownName(
                    f"the source {name!r} is not switched on; EWARN_SOURCES has "
                    f"{', '.join(service.sources) or 'none'}"
                )
            report = ingest_verb.ingest(service, service.sources[name], wall())
            if report.appended.is_news:
                queue_scoring(service, wall())
            reports[name] = counts_of(report) | {"health": report.health, "reason": report.reason}
            voice.say(f"{name}: {report.health.value} ({report.reason}); {sentence_of(report)}")
    voice.result({"sources": reports}, "")
    if any(report["health"] in FAILURES for report in reports.values()):
        raise typer.Exit(1)


def score(
    source: Sources = None,
    origin: Origin = None,
    json: Json = False,
) -> None:
    """Score every region that sources observe.

    Example: `ewarn score mass-mobilization --origin 2017-09-04`
    """
    names = source or []
    voice = Voice(json=json)
    now = wall()
    at = _past(origin, now)
    with open_service(settings.load()) as service:
        found = {item.source: item for item in outlooks(service, now, origin=at)}
        for name in names:
            if name not in found:
                region = service.places.find(name.upper())
                hint = f"; see the scores of a region with `ewarn scores {name}`" if region else ""
                raise UnknownName(
                    f"nothing is known of a source {name!r}; there are {', '.join(found)}{hint}"
                )
        reports = [
            score_verb.score(service, name, now, origin=at)
            if names or found[name].is_scored
            else score_verb.ScoreReport(name, at, None, 0, f"not scored: {found[name].reason}")
            for name in names or found
        ]
    for report in reports:
        outcome = report.reason if report.run is None else f"{report.scores} scores"
        if report.raised:
            outcome += f"; the week so far raises {report.raised}"
        voice.say(f"{report.source}, origin {report.origin}: {outcome}")
    rows = [
        {
            "source": item.source,
            "origin": item.origin,
            "scores": item.scores,
            "raised": item.raised,
            "reason": item.reason,
        }
        for item in reports
    ]
    voice.result({"runs": rows}, "")


def _past(origin: date | None, now: datetime) -> date:
    """An origin that has come; raises UsageError for one that has not."""
    last = origin_at(now)
    if origin is not None and origin > last:
        raise UsageError(f"--origin: {origin} is in the future; the last origin is {last}")
    return origin or last


def alert(origin: Origin = None, json: Json = False) -> None:
    """Apply the rules to the newest scores.

    Example: `ewarn alert`
    """
    voice = Voice(json=json)
    now = wall()
    at = _past(origin, now)
    with open_service(settings.load()) as service:
        report = alert_verb.alert(service, now, origin=at)
        # For a past origin, only its own decision is wanted, no corrections.
        held = None if origin is not None else corrections.correct(service, now)
    if not report.scored:
        voice.say(f"there are no scores for origin {report.origin}; run `ewarn score` first")
    for sentence in report.silent:
        voice.say(f"does not fire: {sentence}")
    corrected = held.changes if held is not None else ()
    for told in (*report.changes, *corrected):
        change = told.change
        voice.say(f"{change.alert.region} {change.alert.rule}: {change.kind} ({change.reason})")
    result = {
        "origin": report.origin,
        "changes": len(report.changes),
        "corrections": len(corrected),
        "notifications": len(report.notifications),
    }
    voice.result(
        result,
        f"origin {report.origin}: {len(report.changes)} changes, {len(corrected)} corrections, "
        f"{len(report.notifications)} notifications",
    )


def deliver(json: Json = False) -> None:
    """Send the notifications that are due.

    Example: `ewarn deliver`
    """
    voice = Voice(json=json)
    with open_service(settings.load()) as service:
        report = deliver_verb.deliver(service, wall)
    voice.result(
        {"delivered": report.delivered, "waiting": report.waiting, "dead": report.dead},
        f"{report.delivered} delivered, {report.waiting} to be tried again, {report.dead} given up",
    )
