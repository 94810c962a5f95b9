"""Escalate alerts that nobody acknowledged in time to the next tier of recipients. Pure."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from ewarn.alerting.suppression import silenced
from ewarn.domain.alert import Alert, AlertState, Change, ChangeKind
from ewarn.domain.rule import Rule
from ewarn.domain.silence import Silence
from ewarn.languages import alert_reasons

Tiers = Callable[[Alert, Rule], Sequence[int]]


def escalated(
    standing: Iterable[Alert],
    rules: Iterable[Rule],
    tiers: Tiers,
    silences: Sequence[Silence],
    now: datetime,
) -> list[Change]:
    """Return the escalations of alerts whose time to be acknowledged is over.

    Each goes to the next tier that has recipients. An alert that nobody was notified of yet, or
    that is silenced now, waits: its time begins when somebody is notified.

    Args:
        tiers: Returns the tiers of the recipients that cover an alert of a rule.
    """
    by_id = {rule.id: rule for rule in rules}
    changes = []
    for alert in standing:
        rule = by_id.get(alert.rule)
        if rule is None or not _is_overdue(alert, rule, now):
            continue
        later = [tier for tier in tiers(alert, rule) if tier > alert.tier]
        if later and silenced(alert, silences) is None:
            changes.append(_to(min(later), alert, rule, now))
    return changes


def _is_overdue(alert: Alert, rule: Rule, now: datetime) -> bool:
    return (
        alert.state is AlertState.OPEN
        and alert.told is not None
        and alert.waiting_since is not None
        and rule.acknowledge_within is not None
        and now >= alert.waiting_since + rule.acknowledge_within
    )


def _to(tier: int, alert: Alert, rule: Rule, now: datetime) -> Change:
    assert rule.acknowledge_within is not None  # only an alert under such a rule is overdue
    hours = rule.acknowledge_within.total_seconds() / 3600
    after = replace(alert, tier=tier, waiting_since=now)
    reason = alert_reasons.NEXT_TIER(hours=f"{hours:g}", tier=tier)
    return Change(ChangeKind.ESCALATED, after, now, reason)
