"""Deployments and recommendations from the command line."""

import secrets
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from ewarn.domain.deployment import Deployment, StepKind
from ewarn.domain.kinds import EventKind
from ewarn.domain.recommendation import Recommendation
from ewarn.domain.region import Level
from ewarn.errors import InputError, UnknownName, UsageError
from ewarn.pipeline.response import deployments as verbs
from ewarn.pipeline.response.recommendations import take_in
from ewarn.pipeline.service import Service
from ewarn.places.gazetteer import Gazetteer, load_gazetteer
from ewarn.response.words import step_words, team_words
from ewarn.run import settings
from ewarn.run.clock import wall
from ewarn.run.console import Voice
from ewarn.run.wiring import open_service
from ewarn.store.response import deployments, recommendations
from ewarn.store.response.recommendations import RecommendationFilter

_TAKEN = tuple(kind for kind in StepKind if kind not in (StepKind.PROPOSED, StepKind.JUDGED))


def list_deployments(countries: Sequence[str], *, voice: Voice) -> None:
    """Show deployments of some countries."""
    chosen = _countries(countries)
    with open_service(settings.load()) as service, service.store.read() as connection:
        found = deployments.find(connection, wall(), countries=chosen)
    if voice.json:
        voice.result({"deployments": [_plain(each) for each in found]}, "")
        return
    rows = (
        (each.id, each.country, each.stage, team_words(each.proposal.team), each.next_review)
        for each in found
    )
    voice.table("Deployments", ("id", "country", "stage", "team", "next review"), rows)
    voice.say(f"{len(found)} deployments")


def show_deployment(id_: str, *, voice: Voice) -> None:
    """Show a deployment with its steps; raises UnknownName."""
    now = wall()
    with open_service(settings.load()) as service, service.store.read() as connection:
        found = deployments.find(connection, now, ids=[id_])
        steps = [each.step for each in deployments.steps(connection, id_, now)]
    if not found:
        raise UnknownName(f"there is no deployment {id_!r}; see `ewarn deployments list`")
    made = found[0]
    told = [
        {"kind": each.kind, "on": each.on, "at": each.at, "by": each.actor, "reason": each.reason}
        for each in steps
    ]
    lines = [f"{made.id}: {team_words(made.proposal.team)} to {made.country}, {made.stage}"]
    lines += [f"{each.on}  {step_words(each.kind)}, {each.actor}: {each.reason}" for each in steps]
    voice.result(_plain(made) | {"steps": told}, "\n".join(lines))


def propose(
    country: str,
    playbook: str,
    alert: str | None,
    by: str,
    reason: str,
    on: date | None,
    *,
    voice: Voice,
) -> None:
    """Propose what a playbook says; raises UnknownName or UsageError."""
    now = wall()
    (code,) = _countries([country])
    id_ = f"deployment-{secrets.token_hex(8)}"
    with open_service(settings.load()) as service:
        proposal = verbs.proposal_of(service, playbook, code, alert, now)
        made = verbs.propose_deployment(service, id_, proposal, by, now, reason, on=on)
    team = team_words(proposal.team)
    voice.result(_plain(made.deployment), f"{id_} is proposed: {team} to {code}")


def take_step(id_: str, name: str, by: str, reason: str, on: date | None, *, voice: Voice) -> None:
    """Take a deployment one step on; raises UnknownName or UsageError."""
    if name not in _TAKEN:
        raise UsageError(f"{name!r} is no step; the steps are {', '.join(_TAKEN)}")
    with open_service(settings.load()) as service:
        made = verbs.step(service, id_, (), StepKind(name), by, wall(), reason, on=on)
    _tell(made, voice)


def judge(id_: str, source: str | None, kind: str, donors: Sequence[str], *, voice: Voice) -> None:
    """Judge the effect of a deployment; raises UnknownName, UsageError or InputError."""
    if kind not in list(EventKind):
        raise UsageError(f"--kind {kind}: the kinds are {', '.join(EventKind)}")
    chosen = _countries(donors)
    with open_service(settings.load()) as service:
        made = verbs.judge(
            service, id_, (), wall(), source=source, kind=EventKind(kind), donors=chosen
        )
    _tell(made, voice)


def import_recommendations(path: Path, by: str, *, voice: Voice) -> None:
    """Take in a file of recommendations; raises InputError where it is no such file."""
    try:
        body = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}; check the path") from None
    with open_service(settings.load()) as service:
        found = _take_in(service, path, body, by)
    lines = [f"line {each['line']}: {each['reason']}" for each in found["rejected"]]
    lines += found["notes"]
    lines.append(
        f"{found['added']} added, {found['amended']} amended, {found['unchanged']} unchanged, "
        f"{len(found['rejected'])} refused"
    )
    voice.result(found, "\n".join(lines))


def list_recommendations(countries: Sequence[str], late: bool, *, voice: Voice) -> None:
    """Show recommendations of some countries, or those of them that are overdue."""
    chosen, now = _countries(countries), wall()
    wanted = RecommendationFilter(overdue_on=now.date() if late else None)
    with open_service(settings.load()) as service, service.store.read() as connection:
        found = recommendations.find(connection, now, wanted, countries=chosen)
    if voice.json:
        voice.result({"recommendations": [asdict(each) for each in found]}, "")
        return
    voice.table(
        "Recommendations",
        ("id", "country", "theme", "status", "due on", "owner", "text"),
        (_row(each) for each in found),
    )
    voice.say(f"{len(found)} recommendations")


def _row(item: Recommendation) -> tuple[object, ...]:
    return (item.id, item.country, item.theme, item.status, item.due_on, item.owner, item.text)


def _take_in(service: Service, path: Path, body: bytes, by: str) -> dict[str, Any]:
    reason = f"imported from {path.name}"
    return asdict(take_in(service.store, service.places, body, (), by, wall(), reason))


def _tell(made: Deployment, voice: Voice) -> None:
    effect = "" if made.effect is None else f"; effect: {made.effect.verdict}"
    voice.result(_plain(made), f"{made.id} stands at {made.stage}{effect}")


def _plain(made: Deployment) -> dict[str, Any]:
    """A deployment as values; of its effect what was found, not what it was found from."""
    effect = made.effect
    return {
        "id": made.id,
        **asdict(made.proposal),
        "stage": made.stage,
        "proposed_on": made.proposed_on,
        "deployed_on": made.deployed_on,
        "ended_on": made.ended_on,
        "next_review": made.next_review,
        "effect": effect and {"verdict": effect.verdict, "reasons": effect.reasons},
    }


def _countries(codes: Sequence[str]) -> list[str]:
    """Alpha-3 codes of countries; raises UnknownName or UsageError."""
    places: Gazetteer = load_gazetteer()
    found = [places.find(code.upper()) or places.get(code) for code in codes]
    for region in found:
        if region.level is not Level.COUNTRY:
            raise UsageError(f"{region.id} is not a country")
    return [region.id for region in found]
