"""The command `ewarn ingest SOURCE --since DAY --until DAY`."""

import time
from datetime import date

from ewarn.domain.source import ListedPayload
from ewarn.domain.time import week_of
from ewarn.errors import UnknownName, UsageError
from ewarn.pipeline.intake.backfill import BackFillReport
from ewarn.pipeline.intake.backfill import back_fill as verb
from ewarn.pipeline.service import Service
from ewarn.ports import BackFill
from ewarn.run import settings
from ewarn.run.clock import wall
from ewarn.run.console import Voice, leave_at_once
from ewarn.run.wiring import open_service

_SHOWN = 10  # unreadable files that are printed; all are recorded in the database


def back_fill(names: list[str], since: date, until: date | None, *, voice: Voice) -> None:
    """Back-fill one source.

    Raises:
        UsageError: Not exactly one source is named, or the source has no archive.
    """
    if len(names) != 1:
        raise UsageError("--since back-fills one source: name it, as in `ewarn ingest gdelt`")
    try:
        report = _read(names[0], since, until, voice)
    except KeyboardInterrupt:
        voice.say("Interrupted. What was read is stored; run the same command again to go on.")
        leave_at_once(130)
    for name, reason in report.unread[:_SHOWN]:
        voice.say(f"not read: {name}: {reason}")
    if len(report.unread) > _SHOWN:
        voice.say(f"... and {len(report.unread) - _SHOWN} more files")
    voice.result(_counts(report), _sentence(report))


def _read(name: str, since: date, until: date | None, voice: Voice) -> BackFillReport:
    with open_service(settings.load()) as service:
        source = _source(service, name)
        until = until or wall().date()
        began = time.monotonic()
        days = (until - since).days + 1
        told: set[date] = set()
        with voice.progress(f"{source.name} {since}", total=max(days, 1)) as steps:

            def tell(item: ListedPayload, report: BackFillReport) -> None:
                rate = report.rows / max(time.monotonic() - began, 0.001)
                title = f"{source.name} {item.last_day}, {rate:,.0f} rows/s"
                steps.reached((item.last_day - since).days + 1, title)
                week = week_of(item.last_day)
                if week not in told and not voice.console.is_terminal:
                    told.add(week)
                    voice.say(title)

            return verb(service, source, since, until, wall, tell)


def _source(service: Service, name: str) -> BackFill:
    source = service.sources.get(name)
    if source is None:
        raise UnknownName(
            f"the source {name!r} is not switched on; EWARN_SOURCES has "
            f"{', '.join(service.sources) or 'none'}"
        )
    if source.obstacle is not None:
        raise UsageError(f"{name} cannot be read: {source.obstacle}")
    if not isinstance(source, BackFill):
        able = [key for key, other in service.sources.items() if isinstance(other, BackFill)]
        raise UsageError(
            f"{name} keeps no archive to back-fill from; those switched on that do: "
            f"{', '.join(able) or 'none'}"
        )
    return source


def _counts(report: BackFillReport) -> dict[str, object]:
    done = report.appended
    return {
        "source": report.source,
        "since": report.since,
        "until": report.until,
        "files": report.read,
        "known": report.known,
        "warnings": len(report.unread),
        "unread": [{"name": name, "reason": reason} for name, reason in report.unread],
        "rows": report.rows,
        "accepted": done.accepted,
        "versions": done.versions,
        "unchanged": done.unchanged,
        "skipped": report.skipped,
        "rejected": report.rejected,
        "weeks": report.weeks,
    }


def _sentence(report: BackFillReport) -> str:
    return (
        f"{report.source} {report.since} to {report.until}: {report.read} files read, "
        f"{report.known} known, {len(report.unread)} not read; {report.appended.accepted} new "
        f"events, {report.appended.versions} new versions, {report.rejected} rows refused"
    )
