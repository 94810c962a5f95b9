"""Compare the false alarms of each rule with the number that its threshold promised.

An alert is counted once the outcomes of thirteen of its weeks are known, or of all weeks until it
closed. It is false if no score of its region in that time predicted correctly. This is the same
count as in the rolling test (`ewarn.domain.alert.was_false`).
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from ewarn.alerting.budget import rate_at
from ewarn.alerting.trial import weeks_open
from ewarn.domain.alert import Alert, was_false
from ewarn.domain.fit import Purpose
from ewarn.domain.rule import Rule
from ewarn.domain.time import WEEK, WEEKS_PER_YEAR, midnight, origin_at
from ewarn.pipeline.models.budget import (
    allowed_rate,
    calibrated_cards,
    sources_scored,
    with_thresholds,
)
from ewarn.pipeline.models.fit import MATURE_WEEKS
from ewarn.pipeline.service import Service
from ewarn.ports import Judge
from ewarn.store.alerts import alerts
from ewarn.store.database.cuts import Cut
from ewarn.store.scores import outcomes
from ewarn.store.scores.outcomes import JudgedScore

ENOUGH = 100  # with so many expected false alarms the comparison is a test


def promises(
    service: Service,
    connection: Connection,
    by: Judge,
    purpose: Purpose,
    rows: Sequence[JudgedScore],
    now: datetime,
) -> dict[str, dict[str, Any]]:
    """Return promised and delivered false alarms of each rule for a purpose, by the rule's id.

    The promise is what the model that serves now gives for the rule's threshold, over the
    country-years that were evaluated in the countries of the rule's offices.
    """
    on = origin_at(now)
    cut = Cut(midnight(on), now)
    sources = sources_scored(connection, cut)
    stated = [rule for rule in service.rulebook.rules if _is_for(rule, purpose)]
    card = calibrated_cards(service, connection, [purpose.source], cut).get(purpose, {})
    opened = _alerts(connection, purpose, now)
    first_immature = on - (purpose.horizon_weeks + MATURE_WEEKS - 1) * WEEK
    found = {}
    for rule in with_thresholds(service, connection, stated, sources, cut, on).rules:
        mine = _watched_by(service, rule, rows)
        alerts_of = [item for item in opened if item.rule == rule.id]
        delivered = _false_alarms(alerts_of, mine, first_immature)
        rate = _rate(service, rule, purpose.source, card, on)
        found[rule.id] = _compared(by, rule.raises_at(purpose.source), rate, mine, delivered)
    return found


def _is_for(rule: Rule, purpose: Purpose) -> bool:
    wanted = (purpose.target, purpose.level, purpose.horizon_weeks)
    return not rule.detector and (rule.target, rule.level, rule.horizon_weeks) == wanted


def _watched_by(service: Service, rule: Rule, rows: Sequence[JudgedScore]) -> list[JudgedScore]:
    """Return the rows of countries that an office of the rule watches."""
    offices = service.rulebook.offices_of(rule)
    seen = {
        name: any(office.covers(service.places.get(name)) for office in offices)
        for name in {row.country for row in rows}
    }
    return [row for row in rows if seen[row.country]]


def _rate(
    service: Service, rule: Rule, source: str, card: Mapping[str, Any], on: date
) -> float | None:
    """Return the false alarms per country and year that a rule promises on a source, if it does."""
    if rule.budget is not None:
        known = dict(rule.thresholds)
        return allowed_rate(service, rule, len(known), on) if source in known else None
    if rule.rise is not None or rule.condition is not None:
        return None  # the card's rolling test counts alarms of a threshold
    alarms = card.get("development", {}).get("alarms", [])
    return rate_at(alarms, rule.raise_at) if alarms else None


def _alerts(connection: Connection, purpose: Purpose, now: datetime) -> list[Alert]:
    """Return every alert that a source's scores opened, in its current state."""
    wanted = alerts.AlertFilter(targets=(purpose.target.value,), readers=("",))
    found = alerts.find(connection, wanted, now)
    source = outcomes.sources_of(connection, [item.score_id for item in found])
    return [item for item in found if source.get(item.score_id) == purpose.source]


def _false_alarms(
    opened: Sequence[Alert], rows: Sequence[JudgedScore], settled_before: date
) -> int:
    """Return how many alerts were false, by the scores of origins before `settled_before`."""
    outcome = {(row.region, row.origin): row.outcome for row in rows}
    return sum(_was_false(item, outcome, settled_before) is True for item in opened)


def _was_false(
    alert: Alert, outcome: Mapping[tuple[str, date], bool | None], settled_before: date
) -> bool | None:
    weeks, is_over = weeks_open(alert, settled_before)
    return was_false((outcome.get((alert.region, week)) for week in weeks), is_over=is_over)


def _compared(
    by: Judge, threshold: float, rate: float | None, rows: Sequence[JudgedScore], delivered: int
) -> dict[str, Any]:
    watched = {(row.country, row.origin) for row in rows if row.outcome is not None}
    years = len(watched) / WEEKS_PER_YEAR
    promised = None if rate is None else round(rate * years, 2)
    low, high = by.interval(delivered)
    return {
        "threshold": threshold,
        "country_years": round(years, 2),
        "promised": promised,
        "delivered": delivered,
        "low": low,
        "high": high,
        "verdict": _verdict(promised, low, high),
    }


def _verdict(promised: float | None, low: float, high: float) -> str:
    """Return what a comparison shows; it is a test only if a hundred false alarms were expected."""
    if promised is None:
        return "nothing was promised"
    if promised < ENOUGH:
        return "too few expected for a test"
    if promised < low:
        return "more than promised"
    return "fewer than promised" if promised > high else "as promised"
