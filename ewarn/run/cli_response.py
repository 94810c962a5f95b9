"""Commands of the response: deployments and recommendations. Names, options and help; like all
commands they are loaded only when they are called.
"""

from pathlib import Path
from typing import Annotated

import typer

from ewarn.domain.persons import require_role
from ewarn.run.cli_groups import Json, day_of
from ewarn.run.console import Voice

deployments_app = typer.Typer(help="Propose and follow deployments.", no_args_is_help=True)
recommendations_app = typer.Typer(help="Import and follow recommendations.", no_args_is_help=True)

Countries = Annotated[
    list[str] | None, typer.Option("--country", help="Country; repeat; default all.")
]
Id = Annotated[str, typer.Argument(help="Id of a deployment, from `ewarn deployments list`.")]


def _role(by: str) -> str:
    return require_role(by, "--by")


By = Annotated[
    str, typer.Option(help="The role or office that does it; kept for good.", callback=_role)
]
Reason = Annotated[str, typer.Option(help="Why; it is kept for good.")]
On = Annotated[str | None, typer.Option(help="Day of it, YYYY-MM-DD; default today.")]


@deployments_app.command("list")
def list_deployments(country: Countries = None, json: Json = False) -> None:
    """Show deployments, those proposed last first.

    Example: `ewarn deployments list --country TGO`
    """
    from ewarn.run.commands.response import list_deployments as run

    run(country or [], voice=Voice(json=json))


@deployments_app.command("show")
def show_deployment(id: Id, json: Json = False) -> None:
    """Show a deployment: its steps, who took them and why, and its effect.

    Example: `ewarn deployments show deployment-0123456789abcdef`
    """
    from ewarn.run.commands.response import show_deployment as run

    run(id, voice=Voice(json=json))


@deployments_app.command("propose")
def propose_deployment(
    country: Annotated[str, typer.Argument(help="Country it goes to.")],
    reason: Reason,
    by: By,
    playbook: Annotated[str, typer.Option(help="One of playbooks.yaml.")] = "deployment",
    alert: Annotated[str | None, typer.Option(help="Id of the alert it answers.")] = None,
    on: On = None,
    json: Json = False,
) -> None:
    """Propose what a playbook says for a country. Nobody is deployed before consent is given.

    Example: `ewarn deployments propose TGO --by "Dakar office" --reason "force in three towns"`
    """
    from ewarn.run.commands.response import propose as run

    day = on and day_of(on, "--on")
    run(country, playbook, alert, by, reason, day or None, voice=Voice(json=json))


@deployments_app.command("step")
def step_deployment(
    id: Id,
    step: Annotated[str, typer.Argument(help="What happened, such as `consented`.")],
    reason: Reason,
    by: By,
    on: On = None,
    json: Json = False,
) -> None:
    """Take a deployment one step on: consent_requested, consented, refused, deployed, ended,
    withdrawn or reviewed.

    Example: `ewarn deployments step deployment-0123456789abcdef consented --by "Dakar office"
    --reason "note of the Foreign Ministry"`
    """
    from ewarn.run.commands.response import take_step as run

    day = on and day_of(on, "--on")
    run(id, step, by, reason, day or None, voice=Voice(json=json))


@deployments_app.command("judge")
def judge_deployment(
    id: Id,
    source: Annotated[
        str | None, typer.Option(help="Source to judge by; default that of its alert.")
    ] = None,
    kind: Annotated[str, typer.Option(help="Kind of event that is counted.")] = "force",
    donor: Annotated[
        list[str] | None, typer.Option(help="Country to compare with; repeat; name them first.")
    ] = None,
    json: Json = False,
) -> None:
    """Judge the effect of a deployment that has ended, and keep the answer with it.

    Example: `ewarn deployments judge deployment-0123456789abcdef --source gdelt`
    """
    from ewarn.run.commands.response import judge as run

    run(id, source, kind, donor or [], voice=Voice(json=json))


@recommendations_app.command("import")
def import_recommendations(
    file: Annotated[Path, typer.Argument(help="A CSV text or an XLSX workbook.", metavar="FILE")],
    by: By,
    json: Json = False,
) -> None:
    """Take in a list of recommendations; bad rows are refused with their line, the others go in.

    Example: `ewarn recommendations import upr.xlsx --by "Dakar office"`
    """
    from ewarn.run.commands.response import import_recommendations as run

    run(file, by, voice=Voice(json=json))


@recommendations_app.command("list")
def list_recommendations(
    country: Countries = None,
    overdue: Annotated[bool, typer.Option(help="Only what is overdue.")] = False,
    json: Json = False,
) -> None:
    """Show recommendations, those given last first.

    Example: `ewarn recommendations list --country TGO --overdue`
    """
    from ewarn.run.commands.response import list_recommendations as run

    run(country or [], overdue, voice=Voice(json=json))


def redact(
    about: Annotated[
        str, typer.Argument(help="alert, deployment, recommendation or silence.", metavar="KIND")
    ],
    id: Annotated[str, typer.Argument(help="Its id.")],
    by: By,
    reason: Reason,
    json: Json = False,
) -> None:
    """Take away every word that people wrote of a thing, because a person stands in it.

    The act stays in the audit trail, and the chains are proved as before.

    Example: `ewarn redact silence silence-0123456789abcdef --by "Dakar office" --reason "a name"`
    """
    from ewarn.run.commands.redact import redact as run

    run(about, id, by, reason, voice=Voice(json=json))
