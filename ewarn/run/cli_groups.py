"""Commands that belong together: sources, datasets, keys, models, rules. Names, options and help;
like all commands they are loaded only when they are called.
"""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from ewarn.domain.region import Level
from ewarn.domain.target import Target
from ewarn.domain.time import parse_day
from ewarn.errors import UsageError
from ewarn.run.console import Voice

datasets_app = typer.Typer(help="List and fetch data sets.", no_args_is_help=True)
keys_app = typer.Typer(help="Make, list and revoke API keys.", no_args_is_help=True)
models_app = typer.Typer(help="Show, fit, promote and judge models.", no_args_is_help=True)
sources_app = typer.Typer(invoke_without_command=True)
rules_app = typer.Typer(help="Check rules, and try them on the past.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="Print one line of JSON on standard output.")]


def day_of(text: str, option: str) -> date:
    """The day an option names; raises UsageError."""
    try:
        return parse_day(text)
    except ValueError as error:
        raise UsageError(f"{option}: {error}") from None


@sources_app.callback()
def sources(context: typer.Context, json: Json = False) -> None:
    """Show the health of sources, and the newest rows they refused.

    Example: `ewarn sources`
    """
    if context.invoked_subcommand is not None:
        return
    from ewarn.run.commands.sources import list_sources as run

    run(voice=Voice(json=json))


@sources_app.command("accept")
def accept_source(
    name: Annotated[str, typer.Argument(help="The source that is `changed` or `suspect`.")],
    json: Json = False,
) -> None:
    """Accept the payload that made a source doubtful, after you have looked at it.

    Example: `ewarn sources accept acled`
    """
    from ewarn.run.commands.sources import accept as run

    run(name, voice=Voice(json=json))


@datasets_app.command("list")
def list_datasets(json: Json = False) -> None:
    """Show what can be fetched from its publisher.

    Example: `ewarn datasets list`
    """
    from ewarn.run.commands.datasets import list_datasets as run

    run(voice=Voice(json=json))


@datasets_app.command("fetch")
def fetch_dataset(
    name: Annotated[str, typer.Argument(help="One of `ewarn datasets list`.")], json: Json = False
) -> None:
    """Fetch a data set from its publisher and take it in.

    Example: `ewarn datasets fetch mass-mobilization`
    """
    from ewarn.run.commands.datasets import fetch as run

    run(name, voice=Voice(json=json))


@keys_app.command("create")
def create_key(
    name: Annotated[str, typer.Argument(help="Who will hold it.")],
    scope: Annotated[
        list[str] | None, typer.Option(help="What it may do; default all reading.")
    ] = None,
    country: Annotated[
        list[str] | None, typer.Option(help="Country it is limited to; repeat; default all.")
    ] = None,
    days: Annotated[
        int | None, typer.Option(min=1, max=36_500, help="Days until it expires.")
    ] = None,
    licence: Annotated[
        list[str] | None,
        typer.Option(help="Licence it carries, such as `acled` or `office:dakar`; repeat."),
    ] = None,
    json: Json = False,
) -> None:
    """Make a key and show it, once.

    Example: `ewarn keys create dakar --country TGO --country SEN --days 365`
    """
    from ewarn.run.commands.admin import create_key as run

    run(name, scope or [], country or ["*"], days, licence or [], voice=Voice(json=json))


@keys_app.command("list")
def list_keys(json: Json = False) -> None:
    """Show the keys, without their secrets.

    Example: `ewarn keys list`
    """
    from ewarn.run.commands.admin import list_keys as run

    run(voice=Voice(json=json))


@keys_app.command("revoke")
def revoke_key(
    prefix: Annotated[str, typer.Argument(help="The part before the dot.")], json: Json = False
) -> None:
    """Revoke a key.

    Example: `ewarn keys revoke ew0123456789ab`
    """
    from ewarn.run.commands.admin import revoke_key as run

    run(prefix, voice=Voice(json=json))


@models_app.command("list")
def list_models(json: Json = False) -> None:
    """Show the models that serve, and every fit that is stored.

    Example: `ewarn models list`
    """
    from ewarn.run.commands.models import list_models as run

    run(voice=Voice(json=json))


FitId = Annotated[int, typer.Argument(min=1, help="Number of a fit, from `ewarn models list`.")]
OfSource = Annotated[str | None, typer.Option(help="Source by name; default all.")]
OfTarget = Annotated[Target | None, typer.Option(help="What is warned of; default all.")]
OfLevel = Annotated[Level | None, typer.Option(help="Countries or subdivisions; default both.")]


@models_app.command("fit")
def fit_models(
    of: Annotated[str | None, typer.Argument(help="Source by name; default all.")] = None,
    source: OfSource = None,
    outcomes: Annotated[
        str, typer.Option(help="Source that says what happened, if it is another one.")
    ] = "",
    target: OfTarget = None,
    level: OfLevel = None,
    json: Json = False,
) -> None:
    """Fit challengers on the events of sources, and promote those that beat all others.

    Example: `ewarn models fit gdelt --outcomes mass-mobilization`
    """
    from ewarn.run.commands.models import fit as run

    run(of or source, target, level, outcomes, voice=Voice(json=json))


@models_app.command("show")
def show_model(id: FitId, json: Json = False) -> None:
    """Show a fitted model: its card, its figures, and when it served.

    Example: `ewarn models show 3`
    """
    from ewarn.run.commands.models import show as run

    run(id, voice=Voice(json=json))


@models_app.command("promote")
def promote_model(
    id: FitId,
    reason: Annotated[str, typer.Option(help="Why; it is kept for good.")],
    json: Json = False,
) -> None:
    """Make a fitted model the champion by hand, whatever its trial said.

    Example: `ewarn models promote 3 --reason "the newer one was fitted during an outage"`
    """
    from ewarn.run.commands.models import promote as run

    run(id, reason, voice=Voice(json=json))


@models_app.command("scorecard")
def show_scorecard(
    name: Annotated[str, typer.Argument(help="A model, such as `ensemble`.")],
    source: OfSource = None,
    target: OfTarget = None,
    level: OfLevel = None,
    json: Json = False,
) -> None:
    """Show how the scores of a model did, once their outcomes were known.

    Example: `ewarn models scorecard ensemble --target force --level country`
    """
    from ewarn.run.commands.models import scorecard as run

    run(name, source, target, level, voice=Voice(json=json))


@models_app.command("ship")
def ship_models(
    file: Annotated[Path, typer.Argument(help="Events of Mass Mobilization.", metavar="FILE")],
    out: Annotated[Path, typer.Option(help="Folder for the parameters.")],
    created_on: Annotated[str, typer.Option(help="Day written on the cards.")],
    json: Json = False,
) -> None:
    """Fit the models that are shipped, on origins before 2014.

    Example: `ewarn models ship mass_mobilization.csv.gz --out models/shipped
    --created-on 2026-11-21`
    """
    from ewarn.run.commands.shipping import ship as run

    run(file, out, day_of(created_on, "--created-on"), voice=Voice(json=json))


@rules_app.command("check")
def check_rules(
    file: Annotated[Path, typer.Argument(help="A rules.yaml.", metavar="FILE")],
    json: Json = False,
) -> None:
    """Read a file of rules and say what is wrong, with its line, and what thresholds budgets give.

    Example: `ewarn rules check rules.yaml`
    """
    from ewarn.run.commands.rules import check_rules as run

    run(file, voice=Voice(json=json))


@rules_app.command("test")
def try_rules(
    file: Annotated[Path, typer.Argument(help="A rules.yaml.", metavar="FILE")],
    first: Annotated[str, typer.Option("--from", help="First day of the span, YYYY-MM-DD.")],
    last: Annotated[str, typer.Option("--to", help="Its last day.")],
    json: Json = False,
) -> None:
    """Try a file of rules on the scores that are stored, beside the rules in force.

    Both begin with nothing open. Says what would have opened, what proved true or false, how early
    it came, and which alerts only the one or the other would have opened. Nothing is stored.

    Example: `ewarn rules test rules.yaml --from 2025-01-01 --to 2025-12-31`
    """
    from ewarn.run.commands.rule_trial import try_rules as run

    run(file, day_of(first, "--from"), day_of(last, "--to"), voice=Voice(json=json))
