"""`ewarn deployments` and `ewarn recommendations`."""

import secrets
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from ewarn.domain.deployment import Deployment, StepKind
from ewarn.domain.kinds import EventKind
from ewarn.domain.recommendation import Recommendation
from ewarn.errors import InputError, UnknownName, UsageError
from ewarn.pipeline.response import deployments as verbs
from ewarn.pipeline.response.recommendations import take_in
from ewarn.pipeline.service import Service
from ewarn.response.labels import step_words, team_words
from ewarn.run import settings
from ewarn.run.clock import wall
from ewarn.run.commands.screens.places import country_ids
from ewarn.run.console import Voice
from ewarn.run.options import By, Countries, Json, Reason, day_option
from ewarn.run.wiring import open_service
from ewarn.store.response import deployments, recommendations
from ewarn.store.response.recommendations import RecommendationFilter

deployments_app = typer.Typer(help="Propose and follow deployments.", no_args_is_help=True)
recommendations_app = typer.Typer(help="Import and follow recommendations.", no_args_is_help=True)
Id = Annotated[str, typer.Argument(help="Id of a deployment, from `ewarn deployments list`.")]
On = Annotated[date | None, day_option("Day of the step; default today.")]

_TAKEN = tuple(kind for kind in StepKind if kind not in (StepKind.PROPOSED, StepKind.JUDGED))


@deployments_app.command("list")
def list_deployments(country: Countries = None, json: Json = False) -> None:
    """Show deployments, the newest proposal first.

    Example: `ewarn deployments list --country TGO`
    """
    voice = Voice(json=json)
    chosen = country_ids(country or [])
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


@deployments_app.command("show")
def show_deployment(id: Id, json: Json = False) -> None:
    """Show a deployment: its steps, who took them and why, and its effect.

    Example: `ewarn deployments show deployment-0123456789abcdef`
    """
    voice = Voice(json=json)
    now = wall()
    with open_service(settings.load()) as service, service.store.read() as connection:
        found = deployments.find(connection, now, ids=[id])
        steps = [each.step for each in deployments.steps(connection, id, now)]
    if not found:
        raise UnknownName(f"there is no deployment {id!r}; see `ewarn deployments list`")
    made = found[0]
    told = [
        {"kind": each.kind, "on": each.on, "at": each.at, "by": each.actor, "reason": each.reason}
        for each in steps
    ]
    lines = [f"{made.id}: {team_words(made.proposal.team)} to {made.country}, {made.stage}"]
    lines += [f"{each.on}  {step_words(each.kind)}, {each.actor}: {each.reason}" for each in steps]
    voice.result(_plain(made) | {"steps": told}, "\n".join(lines))


@deployments_app.command("propose")
def propose(
    country: Annotated[str, typer.Argument(help="Country of the deployment.")],
    reason: Reason,
    by: By,
    playbook: Annotated[str, typer.Option(help="A playbook of playbooks.yaml.")] = "deployment",
    alert: Annotated[str | None, typer.Option(help="Id of the alert that is the reason.")] = None,
    on: On = None,
    json: Json = False,
) -> None:
    """Propose a deployment by a playbook. Nobody is deployed before consent is given.

    Example: `ewarn deployments propose TGO --by "Dakar office" --reason "force in three towns"`
    """
    voice = Voice(json=json)
    now = wall()
    (code,) = country_ids([country])
    id_ = f"deployment-{secrets.token_hex(8)}"
    with open_service(settings.load()) as service:
        proposal = verbs.proposal_of(service, playbook, code, alert, now)
        made = verbs.propose_deployment(service, id_, proposal, by, now, reason, on=on)
    team = team_words(proposal.team)
    voice.result(_plain(made.deployment), f"{id_} is proposed: {team} to {code}")


@deployments_app.command("step")
def take_step(
    id: Id,
    step: Annotated[str, typer.Argument(help="What happened, such as `consented`.")],
    reason: Reason,
    by: By,
    on: On = None,
    json: Json = False,
) -> None:
    """Record a step: consent_requested, consented, refused, deployed, ended, withdrawn, reviewed.

    Example: `ewarn deployments step deployment-0123456789abcdef consented --by "Dakar office"
    --reason "note of the Foreign Ministry"`
    """
    voice = Voice(json=json)
    if step not in _TAKEN:
        raise UsageError(f"{step!r} is not a step; the steps are {', '.join(_TAKEN)}")
    with open_service(settings.load()) as service:
        made = verbs.step(service, id, (), StepKind(step), by, wall(), reason, on=on)
    _tell(made, voice)


@deployments_app.command("judge")
def judge(
    id: Id,
    source: Annotated[
        str | None, typer.Option(help="Source of the events; default that of the alert.")
    ] = None,
    kind: Annotated[str, typer.Option(help="Kind of event to count.")] = "force",
    donor: Annotated[
        list[str] | None,
        typer.Option(
            help="Country to compare with, chosen before the outcome is known; repeatable."
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Estimate the effect of a deployment that has ended, and store the result.

    Example: `ewarn deployments judge deployment-0123456789abcdef --source gdelt`
    """
    voice = Voice(json=json)
    if kind not in list(EventKind):
        raise UsageError(f"--kind {kind}: the kinds are {', '.join(EventKind)}")
    chosen = country_ids(donor or [])
    with open_service(settings.load()) as service:
        made = verbs.judge(
            service, id, (), wall(), source=source, kind=EventKind(kind), donors=chosen
        )
    _tell(made, voice)


@recommendations_app.command("import")
def import_recommendations(
    file: Annotated[Path, typer.Argument(help="A CSV file or an XLSX workbook.", metavar="FILE")],
    by: By,
    json: Json = False,
) -> None:
    """Import a list of recommendations. Wrong rows are refused, and their lines are named.

    Example: `ewarn recommendations import upr.xlsx --by "Dakar office"`
    """
    voice = Voice(json=json)
    try:
        body = file.read_bytes()
    except OSError as error:
        raise InputError(f"{file} cannot be read: {error.strerror}; check the file") from None
    with open_service(settings.load()) as service:
        found = _take_in(service, file, body, by)
    lines = [f"line {each['line']}: {each['reason']}" for each in found["rejected"]]
    lines += found["warnings"]
    lines.append(
        f"{found['added']} added, {found['amended']} amended, {found['unchanged']} unchanged, "
        f"{len(found['rejected'])} refused"
    )
    voice.result(found, "\n".join(lines))


@recommendations_app.command("list")
def list_recommendations(
    country: Countries = None,
    overdue: Annotated[bool, typer.Option(help="Only overdue ones.")] = False,
    json: Json = False,
) -> None:
    """Show recommendations, the newest first.

    Example: `ewarn recommendations list --country TGO --overdue`
    """
    voice = Voice(json=json)
    chosen, now = country_ids(country or []), wall()
    wanted = RecommendationFilter(overdue_on=now.date() if overdue else None)
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
    voice.result(_plain(made), f"{made.id} is now {made.stage}{effect}")


def _plain(made: Deployment) -> dict[str, Any]:
    """Return a deployment as values for JSON. Its effect is shown without the data behind it."""
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
