"""`ewarn rules check`: check a file of rules, and compute the thresholds of its budgets."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import Connection

from ewarn.alerting.decide import ruleless
from ewarn.domain.rule import Rule
from ewarn.domain.time import midnight, origin_at
from ewarn.errors import InputError
from ewarn.pipeline.models.budget import require_thresholds, sources_scored, with_thresholds
from ewarn.pipeline.models.fit import sources_to_fit
from ewarn.pipeline.service import Service
from ewarn.rulebook.offices import check_offices
from ewarn.rulebook.rules import read_rules
from ewarn.run import settings
from ewarn.run.clock import wall
from ewarn.run.console import Voice
from ewarn.run.options import Json
from ewarn.run.rulebooks import read_rulebook
from ewarn.run.settings import Settings
from ewarn.run.wiring import office_checks, open_service
from ewarn.store.alerts import alerts
from ewarn.store.database.cuts import Cut
from ewarn.store.delivery import heartbeats


@dataclass(frozen=True, slots=True)
class RulesStand:
    """The state of the rules.

    `problem` says what is wrong with the files, here or where a worker reads them. `ruleless` are
    the alerts whose rule no longer exists.
    """

    in_force: tuple[str, ...]
    problem: str
    ruleless: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """The state in one sentence."""
        if self.problem:
            return f"BROKEN: {self.problem}; running workers keep the last valid rules"
        said = f"in force: {', '.join(self.in_force) or 'none'}"
        if self.ruleless:
            gone = ", ".join(self.ruleless)
            said += f"; alerts without a rule, withdrawn at the next decision: {gone}"
        return said


def rules_of(service: Service, connection: Connection) -> RulesStand:
    """Return the state of the rules."""
    said = heartbeats.last(connection, heartbeats.RULES)
    problem = service.rules_problem() or (said[1]["problem"] if said else "")
    rules = service.rulebook.rules
    # If the rules are broken, it is not known here which rules are in force in a worker.
    found = [] if problem else ruleless(alerts.standing(connection), rules)
    return RulesStand(
        in_force=() if problem else tuple(rule.id for rule in rules),
        problem=problem,
        ruleless=tuple(f"{alert.id} ({alert.rule}, {alert.region})" for alert in found),
    )


def rules_in(path: Path, loaded: Settings) -> tuple[Rule, ...]:
    """Read the rules of a file and check them against the offices in force.

    Raises:
        InputError: The file cannot be read.
        SettingsError: A rule is wrong; the text names the line.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}; check the path") from None
    except UnicodeDecodeError:
        raise InputError(f"{path} is not a text in UTF-8; check the path") from None
    found = read_rules(text, str(path))
    offices = read_rulebook(loaded.config_dir, office_checks(loaded)).offices
    check_offices(found, offices)
    return found


def check_rules(
    file: Annotated[Path, typer.Argument(help="File of rules (rules.yaml).", metavar="FILE")],
    json: Json = False,
) -> None:
    """Check a file of rules, and show the thresholds that follow from budgets.

    Example: `ewarn rules check rules.yaml`
    """
    voice = Voice(json=json)
    loaded = settings.load()
    found = rules_in(file, loaded)
    names = [rule.id for rule in found]
    result: dict[str, object] = {"rules": names}
    if any(rule.budget is not None for rule in found):
        given = _thresholds(loaded, found)
        result["thresholds"] = given
        for rule, by_source in given.items():
            for source, threshold in by_source.items():
                voice.say(f"{rule}: raises at {threshold:g} on {source}")
    voice.result(result, f"{file}: {len(names)} rules, all valid: {', '.join(names)}")


def _thresholds(loaded: Settings, rules: tuple[Rule, ...]) -> dict[str, dict[str, float]]:
    """Return the thresholds of rules with a budget, by rule and source, for the models in use."""
    now = wall()
    origin = origin_at(now)
    with open_service(loaded) as opened:
        service = replace(opened, rulebook=replace(opened.rulebook, rules=rules))
        cut = Cut(midnight(origin), now)
        with service.store.read() as connection:
            sources = sources_scored(connection, cut) or sources_to_fit(service)
            answer = with_thresholds(service, connection, rules, sources, cut, origin)
    require_thresholds(answer)
    return {rule.id: dict(rule.thresholds) for rule in answer.rules if rule.budget is not None}
