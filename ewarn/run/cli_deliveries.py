"""`ewarn deliveries`: what was sent to whom, what was given up, and what became of addresses."""

from typing import Annotated, Literal

import typer

from ewarn.run.cli_groups import Json
from ewarn.run.console import Voice

deliveries_app = typer.Typer(help="Messages on their way, and addresses that fail.")


@deliveries_app.callback(invoke_without_command=True)
def list_deliveries(
    context: typer.Context,
    state: Annotated[
        Literal["waiting", "delivered", "dead"] | None, typer.Option(help="State; default all.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many.")] = 50,
    json: Json = False,
) -> None:
    """Show the newest messages, and addresses that fail or are switched off.

    Example: `ewarn deliveries --state dead`
    """
    if context.invoked_subcommand is not None:
        return
    from ewarn.run.commands.deliveries import list_deliveries as run

    run(state, limit, voice=Voice(json=json))


@deliveries_app.command("show")
def show_delivery(
    id: Annotated[str, typer.Argument(help="A message, from `ewarn deliveries`.")],
    json: Json = False,
) -> None:
    """Show one message with every attempt to hand it over.

    Example: `ewarn deliveries show msg_0123456789abcdef`
    """
    from ewarn.run.commands.deliveries import show as run

    run(id, voice=Voice(json=json))


@deliveries_app.command("replay")
def replay_deliveries(
    id: Annotated[list[str] | None, typer.Argument(help="Dead messages.")] = None,
    endpoint: Annotated[
        str | None, typer.Option(help="All dead messages to this recipient.")
    ] = None,
    json: Json = False,
) -> None:
    """Send dead messages again, under their own ids.

    Example: `ewarn deliveries replay --endpoint dakar:email:desk@example.org`
    """
    from ewarn.run.commands.deliveries import replay as run

    run(id or [], endpoint, voice=Voice(json=json))


@deliveries_app.command("enable")
def enable_endpoint(
    endpoint: Annotated[str, typer.Argument(help="A recipient that was switched off.")],
    json: Json = False,
) -> None:
    """Send to an address again that was switched off because it took nothing.

    Example: `ewarn deliveries enable dakar:email:desk@example.org`
    """
    from ewarn.run.commands.deliveries import enable as run

    run(endpoint, voice=Voice(json=json))
