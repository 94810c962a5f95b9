"""`ewarn backtest`: score past weeks with the models, and evaluate the scores."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

import ewarn
import ingest
import models
from ewarn.domain.region import Level
from ewarn.domain.rule import Rise
from ewarn.domain.target import Target
from ewarn.domain.time import WEEK
from ewarn.errors import InputError, UsageError
from ewarn.places.gazetteer import Gazetteer, load_gazetteer
from ewarn.run import settings
from ewarn.run.commands.backtest_data import Data, Files, read_data
from ewarn.run.commands.backtest_log import append_run, begin_run
from ewarn.run.console import Voice
from ewarn.run.options import Json, day_option
from ewarn.run.rulebooks import read_rulebook
from ewarn.run.settings import Settings
from models.ensemble.ensemble import LABEL_SOURCE
from models.fitting.fitting import TEST_YEARS
from models.inputs.targets import HORIZONS
from models.judging.backtest.compute import backend
from models.judging.backtest.parts import Parts, code_version, key_of
from models.judging.backtest.plan import Knowledge, Plan, first_learned, mondays
from models.judging.backtest.rolling import rolling, steps_of
from models.judging.backtest.scored import Scored
from models.judging.backtest.scores import write_scores
from models.judging.reporting.document import Surroundings, document
from models.judging.reporting.message_table import table_lines
from models.judging.reporting.report import report
from models.training.rows import ModelQuestion

KEEP_NEGATIVES = {Level.COUNTRY: 1.0, Level.ADMIN1: 0.05}


@dataclass(frozen=True)
class BacktestOptions:
    """The options of the command `ewarn backtest`."""

    events: Sequence[Path]
    target: Target
    level: Level
    horizon_weeks: int
    start: date
    end: date
    out: Path
    calendar: Path | None = None
    source: str | None = None
    terms_allow_training: bool = False
    refit_years: int = 1
    refit_weeks: int | None = None
    learn_every: int = 1
    groups: int = 0
    seed: int = 0
    resume: bool = True
    final: Path | None = None


def backtest(
    events: Annotated[list[Path], typer.Option(help="Event-exchange file; repeat for several.")],
    target: Annotated[Target, typer.Option(help="What is predicted.")],
    horizon_weeks: Annotated[int, typer.Option(help="Weeks ahead: 2, 4, 8 or 13.")],
    start: Annotated[date, day_option("First origin.")],
    end: Annotated[date, day_option("Last origin.")],
    level: Annotated[Level, typer.Option(help="Countries or first-level subdivisions.")],
    out: Annotated[Path, typer.Option(help="Folder for metrics, scores and report.")],
    calendar: Annotated[
        Path | None, typer.Option(help="Calendar of elections (REIGN, CSV, iCalendar).")
    ] = None,
    source: Annotated[
        str | None, typer.Option(help="Source to evaluate, if the files hold several.")
    ] = None,
    terms_allow_training: Annotated[
        bool,
        typer.Option(
            "--terms-allow-training",
            help="State that the terms of a source that ewarn does not know allow training.",
        ),
    ] = False,
    refit_years: Annotated[int, typer.Option(min=1, help="Years between refits.")] = 1,
    refit_weeks: Annotated[
        int | None, typer.Option(min=1, help="Weeks between refits, in place of years.")
    ] = None,
    learn_every: Annotated[
        int, typer.Option(min=1, help="Learn from every n-th week; 1 for all weeks.")
    ] = 1,
    leave_countries_out: Annotated[
        int,
        typer.Option(
            min=0,
            help="Split countries into so many groups, and score each with models that were not "
            "fitted on it; 0 for none.",
        ),
    ] = 0,
    seed: Annotated[int, typer.Option(min=0, help="Seed of random numbers.")] = 0,
    resume: Annotated[bool, typer.Option(help="Continue an interrupted run.")] = True,
    final: Annotated[
        Path | None, typer.Option(help="Log file for evaluations on the test years.")
    ] = None,
    json: Json = False,
) -> None:
    """Evaluate the models on past weeks, with only the data that were known at the time.

    Example: `ewarn backtest --events mm.csv.gz --target force --horizon-weeks 4
    --start 1998-01-05 --end 2004-12-27 --level country --out var/force`
    """
    asked = BacktestOptions(
        events=events,
        target=target,
        level=level,
        horizon_weeks=horizon_weeks,
        start=start,
        end=end,
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
    judge(asked, voice=Voice(json=json))


def judge(asked: BacktestOptions, *, voice: Voice) -> dict[str, Any]:
    """Run a back-test and write metrics.json, scores.parquet and report.html into `asked.out`.

    Returns:
        The content of metrics.json.

    Raises:
        UsageError: The options make no sense, or the test years would be evaluated without a log
            entry, also because the log cannot be written.
    """
    _check(asked)
    places = load_gazetteer()
    if asked.target is Target.ELECTION and asked.calendar is None:
        raise InputError("The target 'election' needs a calendar: give its file with --calendar.")
    files = Files(asked.events, asked.calendar, asked.source, asked.terms_allow_training)
    data = read_data(files, asked.level, asked.start, places, voice)
    guard(asked, data.source)
    plan = plan_of(asked, data, places)
    parts = Parts(asked.out / "parts", _key(plan, data))
    if not asked.resume:
        parts.discard()
    if asked.final is not None:
        begin_run(asked.final, plan)
    loaded = settings.load()
    around = Surroundings(
        {region.id: region.name for region in places.regions()},
        data.sizes,
        rise_in_force(loaded, asked),
    )
    with backend(loaded.compute):
        found = _run(plan, data, parts, voice)
        made = document(plan, data.history, found, around)
    made["data"]["files"] = [{"name": file.name, "sha256": file.sha256} for file in data.files]
    _write(asked.out, made, found, plan)
    parts.discard()
    if asked.final is not None:
        append_run(asked.final, made)
    if made["messages"]:
        for line in table_lines(made["messages"]["tables"][str(Knowledge.KNOWN)]):
            voice.say(line)
    voice.result(_summary(made, asked.out), _sentence(made, asked.out))
    return made


def rise_in_force(loaded: Settings, asked: BacktestOptions) -> Rise | None:
    """Return the rise of the rule in force for the target, level and horizon, or None."""
    rulebook = read_rulebook(loaded.config_dir)
    return rulebook.rise_on(asked.target, asked.level, asked.horizon_weeks)


def _check(asked: BacktestOptions) -> None:
    if asked.end < asked.start:
        raise UsageError(f"--end {asked.end} is before --start {asked.start}")
    if asked.horizon_weeks not in HORIZONS:
        known = ", ".join(str(weeks) for weeks in HORIZONS)
        raise UsageError(f"--horizon-weeks: {asked.horizon_weeks} is not one of {known}")
    if asked.groups == 1 or asked.groups < 0:
        raise UsageError("--leave-countries-out must be 0 for none, or 2 groups or more")


def guard(asked: BacktestOptions, source: str) -> None:
    """Refuse to evaluate the test years without a log entry. Raises UsageError."""
    first, last = TEST_YEARS
    looks = source == LABEL_SOURCE and asked.start <= last and asked.end >= first
    if looks and asked.final is None:
        raise UsageError(
            f"origins {first} to {last} of {source} are the test years, which only `make "
            "bench-final` may evaluate; choose other days, or give --final LOG to log the run"
        )


def plan_of(asked: BacktestOptions, data: Data, places: Gazetteer) -> Plan:
    """Return the plan of a back-test. Raises UsageError if there is nothing to evaluate."""
    first, end = data.history.first_week, data.history.end
    if asked.start <= first or asked.start >= end:
        raise UsageError(
            f"--start: the events are from {first} to {end}, so {asked.start} leaves nothing "
            "to learn from or nothing to evaluate"
        )
    last = end - asked.horizon_weeks * WEEK
    if not mondays(asked.start, min(asked.end, last)):
        raise UsageError(
            f"--start: no Monday from {asked.start} to {asked.end} has a known outcome, which "
            f"takes {asked.horizon_weeks} weeks; the last Monday with one is {last}"
        )
    countries = places.countries()
    question = ModelQuestion(
        source=data.source,
        target=asked.target,
        level=asked.level,
        horizon_weeks=asked.horizon_weeks,
        ended={region.id: region.ended_on for region in countries if region.ended_on},
        began={region.id: region.began_on for region in countries if region.began_on},
    )
    return Plan(
        question=question,
        start=asked.start,
        end=min(asked.end, end),
        learn_from=first_learned(first, asked.start),
        refit_years=asked.refit_years,
        refit_weeks=asked.refit_weeks,
        learn_every=asked.learn_every,
        keep_negatives=KEEP_NEGATIVES[asked.level],
        groups=max(asked.groups, 1),
        seed=asked.seed,
    )


def _key(plan: Plan, data: Data) -> str:
    """Return a hash of what the parts of a run depend on: events, options and code."""
    options = [
        f"{name}={getattr(plan, name)}" for name in plan.__dataclass_fields__ if name != "question"
    ]
    question = plan.question
    asked = [question.source, question.target, question.level, str(question.horizon_weeks)]
    files = [f"{file.role} {file.name} {file.sha256}" for file in data.files]
    return key_of([code_version(ewarn, ingest, models), *options, *asked, *files])


def _run(plan: Plan, data: Data, parts: Parts, voice: Voice) -> dict[Knowledge, Scored]:
    found = {}
    with voice.progress("back-test", len(Knowledge) * steps_of(plan)) as steps:
        for vintage in Knowledge:
            found[vintage] = rolling(data.history, plan, vintage, parts=parts, done=steps.done)
    return found


def _write(out: Path, made: dict[str, Any], found: dict[Knowledge, Scored], plan: Plan) -> None:
    out.mkdir(parents=True, exist_ok=True)
    write_scores(out / "scores.parquet", found[Knowledge.KNOWN], plan.question)
    write_scores(out / "scores_as_final.parquet", found[Knowledge.FINAL], plan.question)
    (out / "metrics.json").write_bytes(orjson.dumps(made, option=orjson.OPT_INDENT_2) + b"\n")
    (out / "report.html").write_text(report(made), encoding="utf-8")


def _summary(made: dict[str, Any], out: Path) -> dict[str, Any]:
    """Return the result for programs: the folder and the main figures of every model."""
    table = made["tables"][Knowledge.KNOWN]
    names = ("auc", "average_precision", "brier_skill", "calibration_slope")
    return {
        "out": str(out),
        "rows": made["data"]["rows"],
        "rows_with_outcome": made["data"]["rows_with_outcome"],
        "models": {
            model: {name: strata["all"][name]["value"] for name in names}
            for model, strata in table.items()
            if "all" in strata
        },
    }


def _sentence(made: dict[str, Any], out: Path) -> str:
    data = made["data"]
    return (
        f"{data['rows']} scores of each model, {data['rows_with_outcome']} with an outcome; "
        f"read {out / 'report.html'}"
    )
