"""The verb `alert`: rules on the newest scores, changes and their notifications in one commit."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection

from ewarn.alerting.decide import decide
from ewarn.alerting.notice import muted
from ewarn.domain.alert import Alert, AlertState, Change
from ewarn.domain.delivery import Notification
from ewarn.domain.rule import Rule
from ewarn.domain.score import Score
from ewarn.domain.time import origin_at
from ewarn.notify.messages import Occasion, notifications
from ewarn.pipeline.service import Service
from ewarn.rulebook.rules import rule_hash, rule_text
from ewarn.store import alerts, outbox, scores
from ewarn.store.cuts import Cut


@dataclass(frozen=True, slots=True)
class AlertReport:
    """What a decision changed (counters left out), with the score behind each change, and the
    notifications it caused."""

    origin: date
    changes: tuple[tuple[Change, Score], ...]
    notifications: tuple[Notification, ...]


def alert(service: Service, now: datetime, *, origin: date | None = None) -> AlertReport:
    """Apply the rules to the newest scores of an origin. Doing it twice changes nothing."""
    at = origin or origin_at(now)
    rules = service.rulebook.rules
    hashes = {rule.id: rule_hash(rule) for rule in rules}
    with service.store.write() as connection:
        runs = scores.latest_runs(connection, Cut.at(now), origin=at)
        before = {item.id: item for item in alerts.standing(connection)}
        found = _scores_that_matter(connection, list(runs.values()), rules, before.values())
        changes = decide(found, before.values(), rules, now)
        texts = {hashes[rule.id]: (rule.id, rule_text(rule)) for rule in rules}
        alerts.record_rules(connection, texts, now)
        alerts.record(connection, changes, hashes)
        by_id = {item.id: item for item in found}
        told = _notifications(service, changes, before, by_id, now)
        outbox.enqueue(connection, told)
    return AlertReport(
        origin=at,
        changes=tuple((item, by_id[item.alert.score_id]) for item in changes if item.kind),
        notifications=tuple(notification for _, notification in told),
    )


def _scores_that_matter(
    connection: Connection, runs: Sequence[int], rules: Sequence[Rule], known: Iterable[Alert]
) -> list[Score]:
    """The scores a rule can act on: those that may raise, and those of regions with an alert."""
    lowest = min((rule.raise_at for rule in rules if not rule.detector), default=1.0)
    raising = scores.in_runs(connection, runs, scores.ScoreFilter(at_least=lowest))
    regions = tuple(sorted({item.region for item in known if item.state is not AlertState.CLOSED}))
    watched = scores.ScoreFilter(regions=regions)
    followed = scores.in_runs(connection, runs, watched) if regions else []
    return list({item.id: item for item in (*raising, *followed)}.values())


def _notifications(
    service: Service,
    changes: Sequence[Change],
    before: dict[str, Alert],
    found: dict[str, Score],
    now: datetime,
) -> list[tuple[str | None, Notification]]:
    after = before | {change.alert.id: change.alert for change in changes}
    standing = [item for item in after.values() if item.state is not AlertState.CLOSED]
    rules = {rule.id: rule for rule in service.rulebook.rules}
    told: list[tuple[str | None, Notification]] = []
    for change in changes:
        if muted(change, before.get(change.alert.id), standing) is not None:
            continue
        rule = rules[change.alert.rule]
        playbook = service.rulebook.playbooks.get(rule.playbook or "")
        occasion = Occasion(
            change=change,
            score=found[change.alert.score_id],
            region=service.places.get(change.alert.region),
            suggestion=playbook.suggestion if playbook else {},
            base_url=service.base_url,
        )
        channels = frozenset(service.notifiers)
        offices = service.rulebook.offices_of(rule)
        told += [
            (change.alert.id, notification)
            for notification in notifications(occasion, offices, channels, now)
        ]
    return told
