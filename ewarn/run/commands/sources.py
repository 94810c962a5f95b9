"""`ewarn sources`: show the health of sources, and accept a doubtful payload."""

import getpass
from datetime import timedelta
from typing import Annotated

import typer

from ewarn.domain.source import SourceStatus, VolumeDrop
from ewarn.errors import UnknownName
from ewarn.pipeline.intake import ingest
from ewarn.pipeline.scoring.scorable import ScoringOutlook, known_sources, outlooks
from ewarn.run import settings
from ewarn.run.clock import wall
from ewarn.run.console import Voice
from ewarn.run.options import Json
from ewarn.run.wiring import open_service, outages_of, source_status
from ewarn.store.intake import newest_runs, runs

sources_app = typer.Typer(invoke_without_command=True)

_REFUSALS_SHOWN = 5  # refused rows of each source that are printed
_COLUMNS = (
    "source",
    "health",
    "scored",
    "expected every",
    "newest event",
    "unchanged",
    "refused",
    "skipped",
)
_UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60))  # seconds


@sources_app.callback()
def list_sources(context: typer.Context, json: Json = False) -> None:
    """Show the health of sources, and the newest refused rows.

    Example: `ewarn sources`
    """
    if context.invoked_subcommand is not None:
        return
    voice = Voice(json=json)
    now = wall()
    with open_service(settings.load()) as service:
        with service.store.read() as connection:
            names = known_sources(service, connection)
            last = newest_runs.latest_runs(connection, now)
            refused = {
                name: runs.recent_rejections(connection, name, _REFUSALS_SHOWN)
                for name in sorted({*names, "exchange"})
            }
            missed = {name: runs.missed(connection, name, now) for name in service.sources}
        found = [source_status(service, name, now) for name in names]
        outages = [drop for name in names for drop in outages_of(service, name, now)]
        scoring = {item.source: item for item in outlooks(service, now)}
    rows = [_row(item, last.get(item.source), scoring[item.source]) for item in found]
    if voice.json:
        voice.result({"sources": rows}, "")
        return
    voice.table("Sources", _COLUMNS, ([_cell(row[name]) for name in _COLUMNS] for row in rows))
    for row in rows:
        voice.say(f"{row['source']}: {row['reason']}")
        if row["scoring"]:
            said = "scored" if row["scored"] else "not scored"
            voice.say(f"{row['source']}, {said}: {row['scoring']}")
        if row["skipped for"]:
            voice.say(f"{row['source']}, skipped last: {row['skipped for']}")
    for drop in outages:
        voice.say(f"outage: {outage_sentence(drop)}")
    for name, items in missed.items():
        for item in items:
            tries = f"{item.tries} {'try' if item.tries == 1 else 'tries'}"
            voice.say(f"{name}: not read so far ({tries}): {item.reason}")
    for name, refusals in refused.items():
        for at, refused_row in refusals:
            where = "a record" if refused_row.line is None else f"line {refused_row.line}"
            voice.say(f"{name}, {at:%Y-%m-%d %H:%M}: {where} refused: {refused_row.reason}")


def _cell(value: object) -> object:
    return ("no", "yes")[value] if isinstance(value, bool) else value


def outage_sentence(drop: VolumeDrop) -> str:
    """Describe a drop of a region's volume."""
    return (
        f"{drop.region}: {drop.records} records of {drop.source} in the three days up to "
        f"{drop.until}, where {drop.expected:.0f} were expected"
    )


@sources_app.command("accept")
def accept(
    name: Annotated[str, typer.Argument(help="A source whose health is `changed` or `suspect`.")],
    json: Json = False,
) -> None:
    """Accept the payload that made a source doubtful, after a person has checked it.

    Example: `ewarn sources accept acled`
    """
    voice = Voice(json=json)
    with open_service(settings.load()) as service:
        if name not in service.sources:
            raise UnknownName(
                f"the source {name!r} is not switched on; EWARN_SOURCES has "
                f"{', '.join(service.sources) or 'none'}"
            )
        report = ingest.accept(service, service.sources[name], wall(), getpass.getuser())
    done = report.appended
    voice.result(
        {
            "source": name,
            "health": report.health,
            "accepted": done.accepted,
            "versions": done.versions,
            "tombstones": done.tombstones,
        },
        f"{name} is {report.health.value} again: {done.accepted} new events, "
        f"{done.versions} new versions, {done.tombstones} deletions",
    )


def _in_words(length: timedelta) -> str:
    """Describe a length of time in its largest whole unit, such as `2 days`."""
    seconds = round(length.total_seconds())
    unit, size = next(item for item in _UNITS if seconds >= item[1] or item[1] == 60)
    number = round(seconds / size)
    return f"{number} {unit}{'' if number == 1 else 's'}"


def _row(item: SourceStatus, last: runs.Run | None, scoring: ScoringOutlook) -> dict[str, object]:
    skipped = last.skipped if last else {}
    return {
        "source": item.source,
        "health": item.health,
        "expected every": _in_words(item.cadence) if item.cadence else "on demand",
        "newest event": item.last_event_on,
        "unchanged": last.appended.unchanged if last else None,
        "refused": last.rejected if last else None,
        "skipped": sum(skipped.values()),
        "skipped for": ", ".join(f"{number} {reason}" for reason, number in skipped.items()),
        "unread": item.unread,
        "scored": scoring.is_scored,
        "scoring": scoring.reason,
        "reason": item.reason,
    }
