"""The command line: names, options and help. Each command is loaded only when it is called.

Exit codes: 0 done, 1 failed, 2 used wrongly, 130 interrupted. A failure is one sentence on
standard error, never a traceback.
"""

import io
import sys
from datetime import date
from pathlib import Path
from typing import Annotated

import structlog
import typer

from ewarn.domain.text import entered
from ewarn.errors import EwarnError, UsageError
from ewarn.run.cli_backtest import backtest
from ewarn.run.cli_backup import backup, restore
from ewarn.run.cli_deliveries import deliveries_app
from ewarn.run.cli_groups import (
    Json,
    datasets_app,
    day_of,
    keys_app,
    models_app,
    rules_app,
    sources_app,
)
from ewarn.run.cli_response import deployments_app, recommendations_app, redact
from ewarn.run.console import Voice, shown
from ewarn.run.logging import configure

app = typer.Typer(
    name="ewarn",
    help="Early-warning signal analysis for human-rights offices.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)
app.add_typer(datasets_app, name="datasets")
app.add_typer(deployments_app, name="deployments")
app.add_typer(deliveries_app, name="deliveries")
app.add_typer(keys_app, name="keys")
app.add_typer(models_app, name="models")
app.add_typer(recommendations_app, name="recommendations")
app.add_typer(rules_app, name="rules")
app.add_typer(sources_app, name="sources")
app.command()(backtest)
app.command()(backup)
app.command()(redact)
app.command()(restore)

_LONGEST_ARGUMENT = 10_000  # characters: of a reason, say

Origin = Annotated[
    str | None, typer.Option(help="Monday to stand at, YYYY-MM-DD; default the last one.")
]


def _origin(text: str | None) -> date | None:
    if text is None:
        return None
    day = day_of(text, "--origin")
    if day.weekday() != 0:
        raise UsageError(f"--origin: {day} is a {day:%A}; an origin is a Monday")
    return day


@app.command()
def demo(
    until: Annotated[str, typer.Option(help="Last day of the replay.")] = "2017-12-31",
    leave: Annotated[bool, typer.Option("--exit", help="Stop after the replay.")] = False,
    fresh: Annotated[bool, typer.Option(help="Replay again even if it was done before.")] = False,
    json: Json = False,
) -> None:
    """Replay the shipped chronicle week by week, then serve what it left.

    Example: `ewarn demo --until 2017-12-31`
    """
    from ewarn.run.demo import demo as run

    run(day_of(until, "--until"), leave=leave, fresh=fresh, voice=Voice(json=json))


@app.command()
def up() -> None:
    """Run the live service on one box: worker and API.

    Example: `EWARN_PORT=8080 ewarn up`
    """
    from ewarn.run.commands.services import up as run

    run(voice=Voice())


@app.command()
def serve() -> None:
    """Serve the API and the page.

    Example: `EWARN_DATABASE_URL=postgresql://ewarn@db/ewarn ewarn serve`
    """
    from ewarn.run.commands.services import serve_api

    serve_api(voice=Voice())


@app.command()
def work(
    once: Annotated[bool, typer.Option(help="Run what is due and stop, for use in cron.")] = False,
    until_closed: Annotated[
        bool, typer.Option("--until-closed", hidden=True, help="End when standard input does.")
    ] = False,
    json: Json = False,
) -> None:
    """Collect, score, alert and deliver on schedule; `--once` ends with 1 if a job failed.

    Example: `ewarn work --once`
    """
    from ewarn.run.commands.services import work as run

    if not run(once=once, until_closed=until_closed, voice=Voice(json=json)):
        raise typer.Exit(1)


@app.command()
def migrate(json: Json = False) -> None:
    """Create the database, or bring it to this version's schema.

    Example: `EWARN_DATABASE_URL=postgresql://ewarn@db/ewarn ewarn migrate`
    """
    from ewarn.run.commands.admin import migrate as run

    run(voice=Voice(json=json))


@app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="CSV file, workbook or iCalendar.", metavar="FILE")],
    strict: Annotated[bool, typer.Option(help="Refuse the whole file if a row is bad.")] = False,
    json: Json = False,
) -> None:
    """Import events in the event-exchange format, or a calendar.

    Example: `ewarn import events.csv.gz --json`
    """
    from ewarn.run.commands.data import import_file as run

    run(file, strict=strict, voice=Voice(json=json))


@app.command()
def ingest(
    source: Annotated[list[str] | None, typer.Argument(help="Sources; default all.")] = None,
    since: Annotated[
        str | None, typer.Option(help="Back-fill one source from this day, YYYY-MM-DD.")
    ] = None,
    until: Annotated[
        str | None, typer.Option(help="Last day of a back-fill; default today.")
    ] = None,
    json: Json = False,
) -> None:
    """Read what sources have published since their last reading, or back-fill the past of one.

    Ends with 1 if a source was late, denied or broken. A back-fill reads whole weeks, skips what
    was read before, and can be broken off at any time.

    Example: `ewarn ingest gdelt --since 2015-02-19 --until 2016-01-01`
    """
    if since is not None or until is not None:
        from ewarn.run.commands.backfill import back_fill

        if since is None:
            raise UsageError("--until is the end of a back-fill: give its begin with --since")
        last = None if until is None else day_of(until, "--until")
        back_fill(source or [], day_of(since, "--since"), last, voice=Voice(json=json))
        return
    from ewarn.run.commands.data import ingest as run

    if not run(source or [], voice=Voice(json=json)):
        raise typer.Exit(1)


@app.command()
def score(
    source: Annotated[list[str] | None, typer.Argument(help="Sources; default all.")] = None,
    origin: Origin = None,
    json: Json = False,
) -> None:
    """Score every region that sources have observed.

    Example: `ewarn score mass-mobilization --origin 2017-09-04`
    """
    from ewarn.run.commands.data import score as run

    run(source or [], _origin(origin), voice=Voice(json=json))


@app.command()
def alert(origin: Origin = None, json: Json = False) -> None:
    """Apply the rules to the newest scores.

    Example: `ewarn alert`
    """
    from ewarn.run.commands.data import alert as run

    run(_origin(origin), voice=Voice(json=json))


@app.command()
def deliver(json: Json = False) -> None:
    """Deliver the notifications that wait.

    Example: `ewarn deliver`
    """
    from ewarn.run.commands.data import deliver as run

    run(voice=Voice(json=json))


@app.command()
def remind(json: Json = False) -> None:
    """Tell what time brought: alerts nobody acknowledged, what still stands, sources that fell ill.

    Example: `ewarn remind`
    """
    from ewarn.run.commands.deliveries import remind as run

    run(voice=Voice(json=json))


@app.command()
def effect(
    source: Annotated[str, typer.Option(help="Source of the events.")],
    region: Annotated[str, typer.Option(help="Country or subdivision, TGO or TG-M.")],
    start: Annotated[str, typer.Option(help="First day of the deployment, YYYY-MM-DD.")],
    end: Annotated[str, typer.Option(help="Its last day.")],
    kind: Annotated[str, typer.Option(help="Kind of event to judge by.")] = "force",
    donor: Annotated[
        list[str] | None,
        typer.Option(help="Region to compare with, chosen before the outcome; repeat."),
    ] = None,
    json: Json = False,
) -> None:
    """Judge whether a situation differed after a deployment, and say so if that cannot be known.

    Example: `ewarn effect --source chronicle --region TGO --start 2017-12-01 --end 2018-03-31`
    """
    from ewarn.run.commands.effect import effect as run

    days = day_of(start, "--start"), day_of(end, "--end")
    run(source, region, *days, kind=kind, donors=donor or [], voice=Voice(json=json))


@app.command()
def status(json: Json = False) -> None:
    """Show how the service is doing.

    Example: `ewarn status --json`
    """
    from ewarn.run.commands.admin import status as run

    run(voice=Voice(json=json))


@app.command()
def doctor(json: Json = False) -> None:
    """Prove that the database is whole, counts agree with events, and no alert was rewritten.

    Example: `ewarn doctor`
    """
    from ewarn.run.commands.admin import doctor as run

    if not run(voice=Voice(json=json)):
        raise typer.Exit(1)


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
