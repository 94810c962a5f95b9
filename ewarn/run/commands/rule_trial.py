"""`ewarn rules test`: compare rules with those in force on past scores."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from ewarn.alerting.trial import Difference, Episode, RulesTally
from ewarn.domain.rule import Rule
from ewarn.errors import UsageError
from ewarn.pipeline.alerts import rule_trial
from ewarn.pipeline.alerts.rule_trial import RulesOutlook, TrialReport
from ewarn.pipeline.alerts.trial_record import budget_used, trial_record
from ewarn.run import settings
from ewarn.run.clock import wall
from ewarn.run.commands.rules import check_rules, rules_in
from ewarn.run.console import Voice
from ewarn.run.options import Json, day_option
from ewarn.run.wiring import open_service
from models.judging.reporting.message_table import table_lines

rules_app = typer.Typer(help="Check rules, and test them on past scores.", no_args_is_help=True)
rules_app.command("check")(check_rules)

_SHOWN = 20  # printed rows of a table or list; `--json` has all


@rules_app.command("test")
def try_rules(
    file: Annotated[Path, typer.Argument(help="File of rules (rules.yaml).", metavar="FILE")],
    first: Annotated[date, day_option("First day of the test.", "--from")],
    last: Annotated[date, day_option("Last day of the test.", "--to")],
    json: Json = False,
) -> None:
    """Test a file of rules on stored scores, and compare it with the rules in force.

    Both start without open alerts. The result shows which alerts would have opened, which were true
    or false, how early they came, and which only one of the two would have opened. Nothing is
    stored.

    Example: `ewarn rules test rules.yaml --from 2025-01-01 --to 2025-12-31`
    """
    voice = Voice(json=json)
    if last < first:
        raise UsageError(f"--to {last} is before --from {first}")
    loaded = settings.load()
    rules = rules_in(file, loaded)
    with open_service(loaded) as service, voice.progress("trying", 1) as steps:

        def step(done: int, total: int) -> None:
            steps.bar.update(steps.task, total=total, completed=done)

        report = rule_trial.try_rules(service, rules, (first, last), wall(), step)
    if not voice.json:
        _say(report, file, voice)
    voice.result(trial_record(report), _summary(report))


def _say(report: TrialReport, path: Path, voice: Voice) -> None:
    voice.say(
        f"{path} compared with the rules in force, on {report.origins} origins from "
        f"{report.first} to {report.last}, starting without open alerts"
    )
    for table in report.messages:
        voice.say(f"Messages of {table.purpose}:")
        for line in table_lines(table.rows):
            voice.say(line)
    columns = ("", "rule", "alerts", "a month", "raised", "closed", "true", "false", "not judged")
    sides = (("tried", report.tried), ("in force", report.in_force))
    rows = [
        (name, label, *_cells(tally), *_of_budget(rule, tally))
        for name, outlook in sides
        for label, tally, rule in _tallies(outlook)
    ]
    voice.table("Rules", (*columns, "lead in days", "false a year", "of its budget"), rows)
    regions = sorted(
        report.tried.by_region.keys() | report.in_force.by_region.keys(),
        key=lambda name: (-_alerts(report.tried, name) - _alerts(report.in_force, name), name),
    )
    busiest = [
        (name, _a_month(report.tried, name), _a_month(report.in_force, name))
        for name in regions[:_SHOWN]
    ]
    voice.table("Alerts a month by region", ("region", "tried", "in force"), busiest)
    if regions[_SHOWN:]:
        voice.say(f"... and {len(regions) - _SHOWN} more regions")
    _say_difference(report.difference, voice)


def _tallies(outlook: RulesOutlook) -> list[tuple[str, RulesTally, Rule | None]]:
    by_rule = [(rule.id, outlook.by_rule[rule.id], rule) for rule in outlook.rules]
    return [*by_rule, ("all", outlook.whole, None)]


def _cells(tally: RulesTally) -> tuple[object, ...]:
    return (
        tally.alerts,
        f"{tally.a_month:g}",
        tally.raises,
        tally.closes,
        tally.true,
        tally.false,
        tally.not_judged,
        _lead(tally),
    )


def _lead(tally: RulesTally) -> str:
    """Describe the lead times: the median and the range.

    Both are intervals, because it is only known that an outcome came within its horizon.
    """
    if tally.lead_days is None:
        return "-"
    (low, high), (least, _), (_, most) = tally.lead_days
    return f"{low:g} to {high:g} ({least} to {most})"


def _of_budget(rule: Rule | None, tally: RulesTally) -> tuple[str, str]:
    rate = "-" if tally.false_a_year is None else f"{tally.false_a_year:g}"
    used = budget_used(rule, tally)
    return rate, "-" if used is None else f"{used:.0%}"


def _alerts(outlook: RulesOutlook, region: str) -> int:
    return outlook.by_region[region].alerts if region in outlook.by_region else 0


def _a_month(outlook: RulesOutlook, region: str) -> str:
    return f"{outlook.by_region[region].a_month:g}" if region in outlook.by_region else "0"


def _say_difference(found: Difference, voice: Voice) -> None:
    for title, lines in (
        ("Only the rules tried would open", [_named(each) for each in found.only_one]),
        ("Only the rules in force would open", [_named(each) for each in found.only_other]),
        ("The rules tried would open earlier", [_both(*pair) for pair in found.earlier]),
        ("The rules tried would open later", [_both(*pair) for pair in found.later]),
    ):
        voice.say(f"{title}: {len(lines) or 'none'}")
        for line in lines[:_SHOWN]:
            voice.say(f"    {line}")
        if lines[_SHOWN:]:
            voice.say(f"    ... and {len(lines) - _SHOWN} more")


def _named(episode: Episode) -> str:
    return f"{episode.alert.region} {episode.alert.target} {episode.opened_on}"


def _both(mine: Episode, theirs: Episode) -> str:
    return f"{_named(mine)}, in place of {theirs.opened_on}"


def _summary(report: TrialReport) -> str:
    tried, held = report.tried.whole, report.in_force.whole
    return (
        f"{tried.alerts} alerts, {tried.a_month:g} a month; under the rules in force "
        f"{held.alerts}, {held.a_month:g} a month"
    )
