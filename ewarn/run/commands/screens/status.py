"""`ewarn status`: how the service is doing, on one screen, with what is wrong first."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from typing import Any

import typer

from ewarn.domain.alert import Alert
from ewarn.domain.source import Health, SourceStatus
from ewarn.languages.formats import length_words
from ewarn.notify.messages.labels import target_words
from ewarn.pipeline.intake.source_news import HEALTHY
from ewarn.run import settings
from ewarn.run.clock import wall
from ewarn.run.commands.screens.problems import leading, minute, problems
from ewarn.run.commands.screens.service_state import ServiceState, read_state
from ewarn.run.commands.screens.words import level_cell
from ewarn.run.console import Tone, Toned, Voice
from ewarn.run.options import Json
from ewarn.run.wiring import open_service
from ewarn.store.delivery import outbox

_SHOWN = 10  # new alerts that are shown; JSON has them all
_STATES = (outbox.DELIVERED, outbox.WAITING, outbox.DEAD)


def status(json: Json = False) -> None:
    """Show how the service is doing, and first what is wrong.

    Ends with exit code 1 if something is wrong.

    Example: `ewarn status --json`
    """
    voice = Voice(json=json)
    with open_service(settings.load(), forgiving=True) as service:
        state = read_state(service, wall())
    wrong = problems(state)
    if voice.json:
        voice.result(_record(state, wrong), "")
    else:
        _show(voice, state, wrong)
    if wrong:
        raise typer.Exit(1)


def _show(voice: Voice, state: ServiceState, wrong: list[str]) -> None:
    voice.say(f"ewarn at {minute(state.now)}")
    if wrong:
        number = f"{len(wrong)} thing{'' if len(wrong) == 1 else 's'}"
        voice.heading(f"WRONG: {number} to look at", Tone.BAD)
        for sentence in wrong:
            voice.paragraph(f"- {sentence}", hang="  ")
    else:
        voice.heading("All is well", Tone.GOOD)
    _show_sources(voice, state)
    _show_scores(voice, state)
    _show_alerts(voice, state)
    _show_messages(voice, state)
    _show_work(voice, state)


def _show_sources(voice: Voice, state: ServiceState) -> None:
    if not state.sources:
        voice.heading("Sources: none is switched on; name some in EWARN_SOURCES")
        return
    voice.table(
        "Sources",
        ("source", "health", "newest event", "last read"),
        (
            (each.source, _health(each), each.last_event_on or "none", _ago(state, each))
            for each in state.sources
        ),
    )
    for each in state.sources:
        if each.health in HEALTHY:  # the others are named above
            voice.paragraph(f"{each.source}: {each.reason}", hang="  ")
    for baseline in state.baselines.values():
        voice.paragraph(f"{baseline.source} baseline: {baseline.sentence}", hang="  ")
    for item in state.outcomes:
        voice.paragraph(f"{item.source} outcomes: {item.sentence}", hang="  ")


def _health(item: SourceStatus) -> Toned:
    if item.health is Health.OK:
        return Toned(item.health.value, Tone.GOOD)
    return Toned(item.health.value, Tone.CAUTION if item.health in HEALTHY else Tone.BAD)


def _ago(state: ServiceState, item: SourceStatus) -> str:
    if item.last_success_at is None:
        return "never"
    return f"{length_words(state.now - item.last_success_at, 'en')} ago"


def _show_scores(voice: Voice, state: ServiceState) -> None:
    if not state.runs:
        voice.heading("Last scores: none yet")
        return
    voice.table(
        "Last scores",
        ("source", "origin", "scores", "age", "valid until"),
        (
            (
                run.source,
                run.origin,
                run.scores,
                length_words(state.now - run.recorded_at, "en"),
                _valid(state, run.source),
            )
            for run in state.runs
        ),
    )


def _valid(state: ServiceState, source: str) -> Toned:
    until = state.valid_until.get(source)
    if until is None:
        return Toned("unknown", None)
    is_over = until <= state.now
    return Toned(f"{until:%Y-%m-%d}{' (over)' if is_over else ''}", Tone.BAD if is_over else None)


def _show_alerts(voice: Voice, state: ServiceState) -> None:
    if not state.new_alerts:
        voice.heading("New alerts of the last 7 days: none")
        return
    notified = _notified(state)
    voice.table(
        "New alerts of the last 7 days",
        ("id", "risk of", "level", "opened", "notified"),
        (
            (
                alert.id,
                f"{alert.region}: {target_words(alert.target)}",
                level_cell(alert.band),
                alert.opened_on,
                notified.get(alert.id, "nobody so far"),
            )
            for alert in state.new_alerts[:_SHOWN]
        ),
    )
    if len(state.new_alerts) > _SHOWN:
        voice.say(f"... and {len(state.new_alerts) - _SHOWN} more; see `ewarn alerts`")


def _notified(state: ServiceState) -> dict[str, str]:
    """Return who was notified of each alert, in words: how many, and since when."""
    by_alert: dict[str, list[tuple[datetime, str]]] = defaultdict(list)
    for sent in state.notified:
        if sent.delivered_at is not None:
            by_alert[sent.thread].append((sent.delivered_at, sent.endpoint))
    return {
        alert: f"{len({endpoint for _, endpoint in sent})}, first {minute(min(sent)[0])}"
        for alert, sent in by_alert.items()
    }


def _show_messages(voice: Voice, state: ServiceState) -> None:
    waiting, dead = (state.outbox.get(each, 0) for each in (outbox.WAITING, outbox.DEAD))
    if not state.messages:
        voice.heading("Messages of the last 7 days: none")
    else:
        columns = ("recipient", "delivered", "waiting", "given up", "last made")
        voice.table("Messages of the last 7 days", columns, _by_recipient(state))
    said = f"; {state.audit.sentence}" if state.audit.is_healthy else ""
    voice.paragraph(f"Outbox: {waiting} waiting, {dead} given up{said}", hang="  ")


def _by_recipient(state: ServiceState) -> Iterator[tuple[object, ...]]:
    for endpoint in sorted({each.endpoint for each in state.messages}):
        own = [each for each in state.messages if each.endpoint == endpoint]
        numbers = {each.state: each.number for each in own}
        delivered, waiting, dead = (numbers.get(name, 0) for name in _STATES)
        given_up = Toned(str(dead), Tone.BAD if dead else None)
        yield endpoint, delivered, waiting, given_up, minute(max(each.last for each in own))


def _show_work(voice: Voice, state: ServiceState) -> None:
    voice.heading("Work")
    voice.paragraph(f"leader: {leading(state.leader, state.now)}", hang="  ")
    done = ", ".join(f"{job} {minute(at)}" for job, at in state.finished.items())
    voice.paragraph(f"last done: {done or 'nothing yet'}", hang="  ")
    voice.paragraph(f"rules: {state.rules.sentence}", hang="  ")
    voice.paragraph(f"database: {state.database}", hang="  ")


def _record(state: ServiceState, wrong: list[str]) -> dict[str, Any]:
    """Return the state as values for JSON."""
    leader, audit = state.leader, state.audit
    return {
        "well": not wrong,
        "wrong": wrong,
        "database": state.database,
        "newest_origin": max((run.origin for run in state.runs), default=None),
        "scores": [
            asdict(run) | {"valid_until": state.valid_until.get(run.source)} for run in state.runs
        ],
        "sources": {item.source: f"{item.health}: {item.reason}" for item in state.sources},
        "outages": [asdict(drop) for drop in state.outages],
        "baselines": {name: each.sentence for name, each in state.baselines.items()},
        "outcomes": [asdict(item) | {"words": item.sentence} for item in state.outcomes],
        "rules": asdict(state.rules),
        "new_alerts": [_alert(alert, state) for alert in state.new_alerts],
        "messages": [asdict(each) for each in state.messages],
        "outbox": state.outbox,
        "deliveries": asdict(audit) | {"well": audit.is_healthy},
        "jobs": state.finished,
        "failed_jobs": state.failing,
        "overdue": state.overdue and {"job": state.overdue[0], "since": state.overdue[1]},
        "leader": leader
        and {
            "worker": leader.holder,
            "until": leader.leased_until,
            "lapsed": leader.has_lapsed(state.now),
        },
        "clocks": list(state.ahead),
    }


def _alert(alert: Alert, state: ServiceState) -> dict[str, Any]:
    delivered = [each for each in state.notified if each.thread == alert.id and each.delivered_at]
    names = ("id", "rule", "region", "target", "state", "band", "probability", "opened_on")
    return {name: getattr(alert, name) for name in names} | {
        "notified": sorted({each.endpoint for each in delivered})
    }
