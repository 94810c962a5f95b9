"""The command line: which commands there are. Each is loaded only when it is called.

Exit codes: 0 done, 1 failed, 2 used wrongly, 130 interrupted. A failure is one sentence on
standard error, never a traceback.
"""

import io
import sys
from importlib import import_module
from typing import Any

import structlog
import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from ewarn.domain.text import entered
from ewarn.errors import EwarnError, UsageError
from ewarn.run.console import shown
from ewarn.run.logging import configure

_LOOKS: dict[str, Any] = {
    "add_completion": False,
    "pretty_exceptions_enable": False,
    "rich_markup_mode": "markdown",
}
# Where each command or group of commands is, and what it does, as its own help says.
COMMANDS = {
    "backtest": (
        "commands.backtest:backtest",
        "Judge the models on the past, week by week, by what was known then.",
    ),
    "backup": (
        "commands.backup:back_up",
        "Write the whole database to one file, while the service runs, and read it back.",
    ),
    "redact": (
        "commands.admin:redact",
        "Take away every word that people wrote of a thing, because a person stands in it.",
    ),
    "restore": (
        "commands.backup:restore",
        "Restore a backup into an empty database, and prove that it is all there.",
    ),
    "demo": (
        "demo:demo",
        "Replay the shipped chronicle week by week, then serve what it left.",
    ),
    "up": ("commands.services:up", "Run the live service on one box: worker and API."),
    "serve": ("commands.services:serve_api", "Serve the API and the page."),
    "work": (
        "commands.services:work",
        "Collect, score, alert and deliver on schedule; `--once` ends with 1 if a job failed.",
    ),
    "migrate": (
        "commands.admin:migrate",
        "Create the database, or bring it to this version's schema.",
    ),
    "import": (
        "commands.data:import_file",
        "Import events in the event-exchange format, or a calendar.",
    ),
    "ingest": (
        "commands.data:ingest",
        "Read what sources have published since their last reading, or back-fill the past of one.",
    ),
    "score": ("commands.data:score", "Score every region that sources have observed."),
    "alert": ("commands.data:alert", "Apply the rules to the newest scores."),
    "deliver": ("commands.data:deliver", "Deliver the notifications that wait."),
    "remind": (
        "commands.deliveries:remind",
        "Tell what time brought: alerts nobody acknowledged, what still stands, sources that fell "
        "ill.",
    ),
    "effect": (
        "commands.effect:effect",
        "Judge whether a situation differed after a deployment, and say so if that cannot be "
        "known.",
    ),
    "status": ("commands.admin:status", "Show how the service is doing."),
    "doctor": (
        "commands.admin:doctor",
        "Prove that the database is whole, counts agree with events, and no alert was rewritten.",
    ),
    "datasets": ("commands.datasets:datasets_app", "List and fetch data sets."),
    "deployments": ("commands.response:deployments_app", "Propose and follow deployments."),
    "deliveries": (
        "commands.deliveries:deliveries_app",
        "Messages on their way, and addresses that fail.",
    ),
    "keys": ("commands.keys:keys_app", "Make, list and revoke API keys."),
    "models": ("commands.models:models_app", "Show, fit, promote and judge models."),
    "recommendations": (
        "commands.response:recommendations_app",
        "Import and follow recommendations.",
    ),
    "rules": ("commands.rule_trial:rules_app", "Check rules, and try them on the past."),
    "sources": (
        "commands.sources:sources_app",
        "Show the health of sources, and the newest rows they refused.",
    ),
}


class _Unloaded(TyperCommand):
    """Stands for a command, which it loads when it is called."""

    def make_context(self, info_name: str | None, *rest: Any, **options: Any) -> Any:
        """The context of the command itself."""
        assert info_name is not None
        return load(info_name).make_context(info_name, *rest, **options)


def load(name: str) -> Any:
    """The command of a name, loaded from where it is."""
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
    """Does nothing."""


app = TyperGroup(
    name="ewarn",
    help="Early-warning signal analysis for human-rights offices.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    callback=_nothing,
    commands={
        name: _Unloaded(name, callback=_nothing, help=does, rich_markup_mode="markdown")
        for name, (_, does) in COMMANDS.items()
    },
)


def main() -> None:
    """Run a command; every failure becomes one sentence and an exit code."""
    configure()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a terminal without accents still gets its answer
            stream.reconfigure(errors="replace")
    try:
        _check_texts(sys.argv[1:])
        code = app(standalone_mode=False)
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
        _fail(
            f"a fault of ewarn itself ({type(error).__name__}: {error}); the line above has it", 1
        )
    sys.exit(code if isinstance(code, int) else 0)


_LONGEST_ARGUMENT = 10_000  # characters: of a reason, say


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
