"""The record of a trial of rules, the same for the API and for `ewarn rules test --json`."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from ewarn.alerting.trial import Episode, RulesTally
from ewarn.domain.rule import Rule
from ewarn.egress.definition.shapes import outbound
from ewarn.egress.rules import RuleTrialRecord
from ewarn.pipeline.alerts.rule_trial import RulesOutlook, TrialReport

Record = Mapping[str, Any]


def trial_record(report: TrialReport) -> dict[str, Any]:
    """Return the record of a trial."""
    found = report.difference
    difference = {
        "only_tried": map(_alert, found.only_one),
        "only_in_force": map(_alert, found.only_other),
        "earlier": map(_pair, found.earlier),
        "later": map(_pair, found.later),
    }
    return outbound(
        RuleTrialRecord,
        {
            "from": report.first,
            "to": report.last,
            "origins": report.origins,
            "tried": _outlook(report.tried),
            "in_force": _outlook(report.in_force),
            "messages": [asdict(each.purpose) | {"rows": each.rows} for each in report.messages],
            "difference": difference,
        },
    )


def budget_used(rule: Rule | None, tally: RulesTally) -> float | None:
    """Return the share of a rule's budget that false alarms used.

    None if the rule has no budget or its alerts were not evaluated.
    """
    if rule is None or rule.budget is None or tally.false_a_year is None:
        return None
    return round(tally.false_a_year / rule.budget, 3)


def _outlook(outlook: RulesOutlook) -> Record:
    by_rule = {rule.id: _of_rule(rule, outlook.by_rule[rule.id]) for rule in outlook.rules}
    by_region = {name: _tally(tally) for name, tally in outlook.by_region.items()}
    return {**_tally(outlook.whole), "rules": by_rule, "regions": by_region}


def _of_rule(rule: Rule, tally: RulesTally) -> Record:
    return {**_tally(tally), "budget": rule.budget, "budget_used": budget_used(rule, tally)}


def _tally(tally: RulesTally) -> Record:
    names = ("median", "least", "most")
    lead = dict(zip(names, tally.lead_days, strict=True)) if tally.lead_days else None
    return asdict(tally) | {"lead_days": lead}


def _alert(episode: Episode) -> Record:
    alert = episode.alert
    return {
        "rule": alert.rule,
        "region": alert.region,
        "target": alert.target,
        "opened_on": episode.opened_on,
        "closed_on": alert.closed_on,
    }


def _pair(pair: tuple[Episode, Episode]) -> Record:
    return {**_alert(pair[0]), "in_force_opened_on": pair[1].opened_on}
