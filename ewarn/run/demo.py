"""`ewarn demo`: replay the shipped chronicle week by week, then serve the result."""

import hashlib
import socket
from collections.abc import Callable
from datetime import date, datetime
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from time import perf_counter
from typing import Annotated

import typer

from ewarn.access.keys import issue
from ewarn.domain.alert import WARNINGS
from ewarn.domain.key import READ_SCOPES
from ewarn.domain.target import Basis
from ewarn.domain.time import midnight
from ewarn.errors import UsageError
from ewarn.notify.messages import labels
from ewarn.pipeline.service import Service
from ewarn.run import demo_deployment, demo_report, settings
from ewarn.run.console import Voice, leave_at_once
from ewarn.run.logging import quiet
from ewarn.run.options import Json, day_option
from ewarn.run.replay import Week, origins, replay
from ewarn.run.serve import open_socket, serve
from ewarn.run.settings import Settings
from ewarn.run.wiring import open_service
from ewarn.run.wiring_api import limits_of, make_api
from ewarn.store.access import keys
from ewarn.store.database import store_metadata
from ingest.chronicle.source import NAME as SOURCE

FIRST_WEEK = date(2014, 1, 6)
LAST_DAY = date(2021, 3, 31)  # the chronicle ends here
TOGO = date(2017, 8, 25)  # the week after the deaths of 19 August
DONE = "demonstration"
ACTS = {"alerts:act", "subscriptions:write", "deployments:write"}  # that visitors can try


def demo(
    until: Annotated[date, day_option("Last day of the replay.")] = date(2017, 12, 31),
    leave: Annotated[bool, typer.Option("--exit", help="End after the replay.")] = False,
    fresh: Annotated[bool, typer.Option(help="Replay again, even if a replay is stored.")] = False,
    json: Json = False,
) -> None:
    """Replay the shipped event chronicle week by week, then serve the result.

    Example: `ewarn demo --until 2017-12-31`
    """
    voice = Voice(json=json)
    if not FIRST_WEEK <= until <= LAST_DAY:
        raise UsageError(f"--until must be between {FIRST_WEEK} and {LAST_DAY}, not {until}")
    started = perf_counter()
    chosen = _settings(settings.load(), until)
    opened = None if leave else open_socket(chosen.host, chosen.port)
    path = Path(chosen.database.removeprefix("sqlite:///"))
    stamp = _stamp(chosen, until)
    replayed = fresh or _stamp_of(path, chosen) != stamp
    if replayed:
        _remove(path)
    with quiet(), open_service(chosen) as service:
        voice.say(f"ewarn {version('ewarn')}, demonstration up to {until}")
        voice.say(labels.basis_notice(Basis.ILLUSTRATION).capitalize() + ".")
        if replayed:
            _replay(service, until, stamp, voice)
        else:
            voice.say(f"The replay is stored in {path} (use --fresh to run it again).")
            demo_report.say_alerts(service, midnight(until), voice)
        if until.year >= demo_report.YEAR:
            demo_report.say_togo(service, until, voice)
        demo_deployment.say(service, midnight(until), voice)
        seconds = round(perf_counter() - started, 2)
        result = demo_report.result(service, midnight(until)) | {
            "deployments": demo_deployment.result(service, midnight(until)),
            "seconds": seconds,
            "replayed": replayed,
            "until": until,
            "notice": labels.basis_notice(Basis.ILLUSTRATION),
        }
        voice.result(result, f"{len(result['alerts'])} alerts in {seconds:.1f} seconds.")
        if opened is not None:
            _serve(service, until, chosen, opened, voice)
    if opened is not None:
        leave_at_once(0)


def _settings(loaded: Settings, until: date) -> Settings:
    """Return the settings with the demonstration's own database and source, not the live ones."""
    path = loaded.data_dir / f"demo-{until}.db"
    return loaded.model_copy(
        update={
            "database_url": f"sqlite:///{path}",
            "sources": (SOURCE,),
            "deliver": ("log",),
        }
    )


def _stamp(chosen: Settings, until: date) -> str:
    """Return a hash of what a replay depends on: the packages and the operator's own rules."""
    digest = hashlib.sha256()
    digest.update(f"{version('ewarn')} {until} {chosen.public_url}".encode())
    folders = [Path(str(files(package))) for package in ("ewarn", "ingest", "models")]
    if chosen.config_dir is not None:
        folders.append(chosen.config_dir)
    for path in (path for folder in folders for path in sorted(folder.rglob("*"))):
        if path.is_file() and path.suffix != ".pyc":
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _stamp_of(path: Path, chosen: Settings) -> str | None:
    """Return the stamp that a finished replay stored in its database, or None."""
    if not path.exists():
        return None
    with open_service(chosen) as service, service.store.read() as connection:
        return store_metadata.get(connection, DONE)


def _remove(path: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def _replay(service: Service, until: date, stamp: str, voice: Voice) -> None:
    mondays = origins(FIRST_WEEK, until)
    play = demo_deployment.Play(service)
    with voice.progress("replaying", len(mondays)) as steps:
        for week in replay(service, SOURCE, mondays, meanwhile=play):
            _say_week(service, week, voice)
            steps.done(f"week of {week.origin}")
    play(midnight(until))
    with service.store.write() as connection:
        store_metadata.put(connection, store_metadata.REPLAY_DAY, until.isoformat())
        store_metadata.put(connection, DONE, stamp)


def _say_week(service: Service, week: Week, voice: Voice) -> None:
    for told in week.alerted.changes:
        if told.change.kind in WARNINGS:
            voice.say(demo_report.alert_line(service, told.change, told.score))
            if told.suppression is not None:
                voice.say(f"    suppressed: {told.suppression}")
    for sent in week.delivered.composed:
        voice.say(f"    {sent.channel} → {sent.recipient}: {sent.subject}")


def _serve(
    service: Service, until: date, chosen: Settings, opened: socket.socket, voice: Voice
) -> None:
    day = midnight(until)

    def clock() -> datetime:
        return day

    text = _visitor_key(service, clock)
    limits = limits_of(chosen)
    app = make_api(service, clock, is_replay=True, page_key=text, limits=limits)

    def ready() -> None:
        voice.say("")
        voice.say(f"Serving {chosen.public_url}/ as of {until}; stop it with Ctrl+C.")
        voice.say("Open it in a browser: you are signed in as a visitor and may try everything.")
        voice.say(f"The week of Togo: {chosen.public_url}/?where=TGO&as_of={min(until, TOGO)}")
        voice.say(f"A key for this demonstration: {text}")
        voice.say(
            f"Try: curl -H 'Authorization: Bearer {text}' "
            f"'{chosen.public_url}/v1/scores?country=TGO'"
        )

    # No balancer sends requests to a demonstration, so it stops at once.
    serve(app, opened, drain=0, proxies=chosen.trusted_proxies, ready=ready)


def _visitor_key(service: Service, clock: Callable[[], datetime]) -> str:
    """Create a key for this run, and revoke those of earlier runs.

    Visitors can try everything that an office does. No worker runs, so nothing is sent.
    """
    key, text = issue("demonstration", READ_SCOPES | ACTS, ["*"], clock())
    with service.store.write() as connection:
        for old in keys.every(connection):
            keys.revoke(connection, old.prefix, clock())
        keys.add(connection, key)
    return text
