"""The command line and its list of commands. A command's module is imported only when needed.

Exit codes: 0 done, 1 failed, 2 used wrongly, 130 interrupted. A failure is one sentence on
standard error, never a traceback.
"""

import io
import sys
from importlib import import_module
from importlib.metadata import version
from typing import Annotated, Any

import structlog
import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command, get_install_completion_arguments

from ewarn.domain.text import entered
from ewarn.errors import EwarnError, UsageError
from ewarn.run.console import shown
from ewarn.run.logging import configure

_LOOKS: dict[str, Any] = {
    "add_completion": False,
    "pretty_exceptions_enable": False,
    "rich_markup_mode": "markdown",
}
# For each command or group: its module and attribute, and its help, as in its own docstring.
COMMANDS = {
    "backtest": (
        "commands.backtest:backtest",
        "Evaluate the models on past weeks, with only the data that were known at the time.",
    ),
    "backup": (
        "commands.backup:back_up",
        "Write the whole database to one file and verify it, also while the service runs.",
    ),
    "redact": (
        "commands.admin:redact",
        "Delete the free text of a record, for example because it names a person.",
    ),
    "restore": (
        "commands.backup:restore",
        "Restore a backup into an empty database, and verify that it is complete.",
    ),
    "demo": (
        "demo:demo",
        "Replay the shipped event chronicle week by week, then serve the result.",
    ),
    "up": ("commands.services:up", "Run the service on one machine: worker and API."),
    "serve": ("commands.services:serve_api", "Serve the API and the web page."),
    "work": (
        "commands.services:work",
        "Collect, score, alert and deliver on schedule.",
    ),
    "migrate": (
        "commands.admin:migrate",
        "Create the database, or update it to the schema of this version.",
    ),
    "import": (
        "commands.data:import_file",
        "Import a file of events in the event-exchange format, or a calendar.",
    ),
    "ingest": (
        "commands.data:ingest",
        "Read what sources published since they were last read, or back-fill one source.",
    ),
    "score": ("commands.data:score", "Score every region that sources observe."),
    "alert": ("commands.data:alert", "Apply the rules to the newest scores."),
    "deliver": ("commands.data:deliver", "Send the notifications that are due."),
    "remind": (
        "commands.deliveries:remind",
        "Notify of alerts that nobody acknowledged, of open alerts, and of unhealthy sources.",
    ),
    "effect": (
        "commands.effect:effect",
        "Estimate whether the situation changed after a deployment, or say that it is unknown.",
    ),
    "status": (
        "commands.screens.status:status",
        "Show how the service is doing, and first what is wrong.",
    ),
    "alerts": (
        "commands.screens.alerts:alerts_app",
        "Show alerts as they were at a moment, and all that is known of one.",
    ),
    "scores": (
        "commands.screens.scores:scores",
        "Show the newest scores of a country or region, and what is not observed.",
    ),
    "watch": (
        "commands.screens.watch:watch",
        "Show open alerts and the highest scores, again and again.",
    ),
    "silences": (
        "commands.screens.silences:list_silences",
        "Show the silences: in force, to begin, and ended in the last 90 days.",
    ),
    "reports": (
        "commands.screens.reports:count_reports",
        "Count field reports by state and age, without opening any of them.",
    ),
    "doctor": (
        "commands.admin:doctor",
        "Check that the database is intact, counts match events, and no alert was altered.",
    ),
    "datasets": ("commands.datasets:datasets_app", "List and fetch data sets."),
    "deployments": ("commands.response:deployments_app", "Propose and follow deployments."),
    "deliveries": (
        "commands.deliveries:deliveries_app",
        "Show messages and failing addresses, and send messages again.",
    ),
    "keys": ("commands.keys:keys_app", "Create, list, rotate and revoke API keys."),
    "models": ("commands.models:models_app", "Show, fit, promote and evaluate models."),
    "recommendations": (
        "commands.response:recommendations_app",
        "Import and follow recommendations.",
    ),
    "rules": ("commands.rule_trial:rules_app", "Check rules, and test them on past scores."),
    "sources": (
        "commands.sources:sources_app",
        "Show the health of sources, and the newest refused rows.",
    ),
}


class _Unloaded(TyperCommand):
    """A placeholder that loads the real command when it is called."""

    def make_context(self, info_name: str | None, *rest: Any, **options: Any) -> Any:
        """Load the real command and return its context."""
        assert info_name is not None
        return load(info_name).make_context(info_name, *rest, **options)


def load(name: str) -> Any:
    """Import the command with a name and return it."""
    module, _, attribute = COMMANDS[name][0].partition(":")
    found = getattr(import_module(f"ewarn.run.{module}"), attribute)
    around = typer.Typer(callback=_nothing, **_LOOKS)
    if isinstance(found, typer.Typer):
        around.add_typer(found, name=name)
    else:
        around.command(name)(found)
    group = get_command(around)
    assert isinstance(group, TyperGroup)
    return group.commands[name]


def _nothing() -> None:
    """Do nothing."""


def _show_version(asked: bool) -> None:
    if asked:
        print(f"ewarn {version('ewarn')}")
        raise typer.Exit


def _at_the_top(
    shows_version: Annotated[
        bool,
        typer.Option(
            "--version", help="Show the version and end.", callback=_show_version, is_eager=True
        ),
    ] = False,
) -> None:
    """Take the options that stand before a command."""


def _options() -> list[Any]:
    """Return the options of `ewarn` itself: its version, and the completion of shells."""
    around = get_command(typer.Typer(callback=_at_the_top, **_LOOKS))
    return [*around.params, *get_install_completion_arguments()]


app = TyperGroup(
    name="ewarn",
    help="Early-warning signal analysis for human-rights offices.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    callback=_at_the_top,
    params=_options(),
    commands={
        name: _Unloaded(name, callback=_nothing, help=does, rich_markup_mode="markdown")
        for name, (_, does) in COMMANDS.items()
    },
)


def main() -> None:
    """Run a command. Turn every failure into one sentence and an exit code."""
    configure()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a terminal may not know all characters
            stream.reconfigure(errors="replace")
    try:
        _check_texts(sys.argv[1:])
        code = app(standalone_mode=False, prog_name="ewarn")
    except EwarnError as error:
        _fail(str(error), error.exit_code)
    except typer.Abort:
        _fail("interrupted", 130)
    except KeyboardInterrupt:
        _fail("interrupted", 130)
    except typer.TyperException as error:
        _fail(f"{error.format_message()} See `ewarn --help`.", 2)
    except BrokenPipeError:
        sys.exit(1)
    except OSError as error:
        _fail(f"{error.strerror or error} ({error.filename or 'while writing'})", 1)
    except Exception as error:
        structlog.get_logger().exception("fault")
        _fail(f"an error in ewarn itself ({type(error).__name__}: {error}); see the line above", 1)
    sys.exit(code if isinstance(code, int) else 0)


_LONGEST_ARGUMENT = 10_000  # characters, for example of a reason


def _check_texts(arguments: list[str]) -> None:
    for number, text in enumerate(arguments, start=1):
        try:
            entered(text, at_most=_LONGEST_ARGUMENT, lines=True)
        except ValueError as error:
            raise UsageError(f"argument {number} {error}") from None


def _fail(sentence: str, code: int) -> None:
    print(f"ewarn: {shown(sentence)}", file=sys.stderr)
    sys.exit(code)


if __name__ == "__main__":
    main()
