"""Thresholds of rules with a budget, from the rolling test of the models that serve."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import Connection

from ewarn.alerting.budget import threshold_within
from ewarn.domain.fit import Purpose
from ewarn.domain.region import Level
from ewarn.domain.rule import Rule
from ewarn.domain.target import Basis
from ewarn.errors import SettingsError, UsageError
from ewarn.pipeline.models.champions import fitter_of, purpose_of, serving
from ewarn.pipeline.service import Service
from ewarn.store.database.cuts import Cut
from ewarn.store.scores import scores

Cards = Mapping[Purpose, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class RulesWithThresholds:
    """Rules with their thresholds, and why some of them have none on some source."""

    rules: tuple[Rule, ...]
    open_questions: tuple[str, ...]


def calibrated_cards(
    service: Service, connection: Connection, sources: Iterable[str], cut: Cut
) -> Cards:
    """Return the cards of the calibrated models that serve some sources under a cut."""
    return {
        purpose_of(model, source): fitter_of(service).card(model)
        for source in sources
        for model in serving(service, connection, source, cut)
        if model.basis is Basis.CALIBRATED
    }


def sources_scored(connection: Connection, cut: Cut) -> list[str]:
    """Return the sources that were scored at the newest origin under a cut."""
    origin = scores.newest_origin(connection, cut)
    return [] if origin is None else sorted(scores.latest_runs(connection, cut, origin=origin))


def with_thresholds(
    service: Service,
    connection: Connection,
    rules: Sequence[Rule],
    sources: Collection[str],
    cut: Cut,
    on: date,
) -> RulesWithThresholds:
    """Return rules with the thresholds that their budgets give on a day under a cut.

    The budget is divided equally among the sources that have a calibrated model for the rule,
    because an office gets the false alarms of all of them.
    """
    if not any(rule.budget is not None for rule in rules):
        return RulesWithThresholds(tuple(rules), ())
    cards = calibrated_cards(service, connection, sources, cut)
    made, questions = [], []
    for rule in rules:
        found, problems = _thresholds(service, rule, cards, on)
        made.append(replace(rule, thresholds=found))
        questions += [f"{rule.stands_at}: rule {rule.id!r}: {problem}" for problem in problems]
    return RulesWithThresholds(tuple(made), tuple(questions))


def require_thresholds(found: RulesWithThresholds) -> None:
    """Raise SettingsError with file and line if a rule's budget gives no threshold."""
    if found.open_questions:
        raise SettingsError(found.open_questions[0])


def allowed_rate(service: Service, rule: Rule, sources: int, on: date) -> float:
    """Return the false alarms per country and year that a rule may make on each of its sources.

    The strictest of its offices counts: the one with the most countries.

    Args:
        sources: The number of sources that share the rule's budget.

    Raises:
        UsageError: The rule has no budget, or its offices have no country.
    """
    countries = max(countries_of(service, rule, on), default=0)
    if rule.budget is None or not countries:
        raise UsageError("no office of this rule has a country that a budget could be for")
    return rule.budget / sources / countries


def countries_of(service: Service, rule: Rule, on: date) -> list[int]:
    """Return how many countries each office of a rule watches on a day."""
    existing = [region for region in service.places.regions(Level.COUNTRY) if region.exists_on(on)]
    return [
        sum(office.covers(region) for region in existing)
        for office in service.rulebook.offices_of(rule)
    ]


def _thresholds(
    service: Service, rule: Rule, cards: Cards, on: date
) -> tuple[tuple[tuple[str, float], ...], list[str]]:
    """Return the threshold of a rule on each source, and sentences that say why there is none."""
    if rule.budget is None:
        return (), []
    wanted = (rule.target, rule.level, rule.horizon_weeks)
    mine = {
        purpose.source: card
        for purpose, card in cards.items()
        if (purpose.target, purpose.level, purpose.horizon_weeks) == wanted
    }
    if not mine:
        return (), ["no model is calibrated for it on any source; give 'detector: true' instead"]
    found, problems = [], []
    for source, card in sorted(mine.items()):
        try:
            allowed = allowed_rate(service, rule, len(mine), on)
            alarms = card.get("development", {}).get("alarms", [])
            found.append((source, threshold_within(alarms, allowed)))
        except UsageError as error:
            problems.append(f"on {source} {error}")
    return tuple(found), problems
