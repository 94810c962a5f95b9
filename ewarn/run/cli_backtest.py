"""The command `ewarn backtest`: its options and help; loaded only when it is called."""

from pathlib import Path
from typing import Annotated

import typer

from ewarn.domain.region import Level
from ewarn.domain.target import Target
from ewarn.run.cli_groups import Json, day_of
from ewarn.run.console import Voice


def backtest(
    events: Annotated[list[Path], typer.Option(help="Event-exchange file; repeat for several.")],
    target: Annotated[Target, typer.Option(help="What is predicted.")],
    horizon_weeks: Annotated[int, typer.Option(help="Weeks ahead: 2, 4, 8 or 13.")],
    start: Annotated[str, typer.Option(help="First origin, YYYY-MM-DD.")],
    end: Annotated[str, typer.Option(help="Last origin, YYYY-MM-DD.")],
    level: Annotated[Level, typer.Option(help="Countries or first-level subdivisions.")],
    out: Annotated[Path, typer.Option(help="Folder for metrics, scores and report.")],
    calendar: Annotated[
        Path | None, typer.Option(help="Calendar of elections (REIGN, CSV, iCalendar).")
    ] = None,
    source: Annotated[
        str | None, typer.Option(help="Whose signals are judged, if files hold several.")
    ] = None,
    terms_allow_training: Annotated[
        bool,
        typer.Option(
            "--terms-allow-training",
            help="Say that the terms of a source unknown here let models learn from it.",
        ),
    ] = False,
    refit_years: Annotated[int, typer.Option(min=1, help="Refit every so many years.")] = 1,
    refit_weeks: Annotated[
        int | None, typer.Option(min=1, help="Refit every so many weeks instead.")
    ] = None,
    learn_every: Annotated[int, typer.Option(min=1, help="Learn from every so-manieth week.")] = 1,
    leave_countries_out: Annotated[
        int, typer.Option(min=0, help="Score countries by models that never saw them: groups.")
    ] = 0,
    seed: Annotated[int, typer.Option(min=0, help="Of draws and groups.")] = 0,
    resume: Annotated[bool, typer.Option(help="Go on where a killed run stopped.")] = True,
    final: Annotated[
        Path | None, typer.Option(help="Log that a look at the test years is appended to.")
    ] = None,
    json: Json = False,
) -> None:
    """Judge the models on the past, week by week, by what was known then.

    Example: `ewarn backtest --events mm.csv.gz --target force --horizon-weeks 4
    --start 1998-01-05 --end 2004-12-27 --level country --out var/force`
    """
    from ewarn.run.commands.backtest import BacktestOptions
    from ewarn.run.commands.backtest import backtest as run

    asked = BacktestOptions(
        events=events,
        target=target,
        level=level,
        horizon_weeks=horizon_weeks,
        start=day_of(start, "--start"),
        end=day_of(end, "--end"),
        out=out,
        calendar=calendar,
        source=source,
        terms_allow_training=terms_allow_training,
        refit_years=refit_years,
        refit_weeks=refit_weeks,
        learn_every=learn_every,
        groups=leave_countries_out,
        seed=seed,
        resume=resume,
        final=final,
    )
    run(asked, voice=Voice(json=json))
