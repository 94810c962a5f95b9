"""The verb `alert`: apply the rules to the newest scores; store changes and notifications."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import Connection

from ewarn.alerting.decide import decide, withdraw_unlicensed
from ewarn.alerting.situations import settled as settled_alerts
from ewarn.alerting.suppression import late_warnings, mark_notified, suppression_of
from ewarn.domain.alert import Alert, AlertState, Change
from ewarn.domain.notification import Notification
from ewarn.domain.rule import Rule
from ewarn.domain.score import Score
from ewarn.domain.silence import Silence
from ewarn.domain.time import midnight, origin_at
from ewarn.pipeline.alerts.staleness import staleness_changes
from ewarn.pipeline.delivery.notifications import ScoredChange, notify_of_changes
from ewarn.pipeline.intake.source_news import unhealthy_sources
from ewarn.pipeline.models.budget import with_thresholds
from ewarn.pipeline.service import Service
from ewarn.rulebook.rules import rule_hash, rule_text
from ewarn.store.alerts import alerts, rule_versions, silences
from ewarn.store.database.cuts import Cut
from ewarn.store.scores import score_pages, scores
from ewarn.store.scores.score_past import with_past


@dataclass(frozen=True, slots=True)
class AlertReport:
    """The changes of one decision (counters left out) and the notifications that it caused.

    `scored` is False if there were no scores of the origin, so that nothing could be decided.
    `silent` says why rules with a budget have no threshold on some source, and so do not fire
    there.
    """

    origin: date
    scored: bool
    changes: tuple[ScoredChange, ...]
    notifications: tuple[Notification, ...] = ()
    silent: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Decision:
    """A decision that is not stored yet.

    It rests on the alerts as they were `before` and on the silences `in_force`. Both must be
    unchanged when the decision is stored.
    """

    before: tuple[Alert, ...]
    in_force: tuple[Silence, ...]
    rules: tuple[Rule, ...]
    counters: tuple[Change, ...]
    report: AlertReport


def alert(service: Service, now: datetime, *, origin: date | None = None) -> AlertReport:
    """Apply the rules to the newest scores of an origin. Doing it twice changes nothing.

    The decision is made in a read transaction and stored in a short write transaction. If a person
    or time changed an alert in between, or somebody added or ended a silence, the decision is made
    again.

    Args:
        origin: The origin of the scores; None means the newest one at `now`.
    """
    at = origin or origin_at(now)
    report = None
    while report is None:
        with service.store.read() as connection:
            decision = _decision(service, connection, at, now)
        report = _stored(service, decision, now)
    return report


def _decision(service: Service, connection: Connection, at: date, now: datetime) -> _Decision:
    newest = scores.latest_runs(connection, Cut.at(now), origin=at)
    # Scores under a licence that the operator no longer states count for nobody.
    runs = {source: run for source, run in newest.items() if service.is_scored(source)}
    cut = Cut(midnight(at), now)
    found_rules = with_thresholds(service, connection, service.rulebook.rules, list(runs), cut, at)
    rules = found_rules.rules
    standing = alerts.standing(connection)
    before = {item.id: item for item in standing}
    watched = [item.region for item in standing if item.state is not AlertState.CLOSED]
    found = scores_for_rules(connection, list(runs.values()), rules, watched)
    raised = score_pages.interim_scores(connection, Cut.at(now), runs, at)
    known = with_past(connection, Cut.at(now), [*found, *raised])
    split = known[: len(found)], known[len(found) :]
    changes = _changes_by_scores(service, split, before, rules, at, now)
    changes += _changes_by_staleness(connection, service, before, changes, now)
    in_force = silences.in_force(connection, now)
    made = _with_suppression(connection, changes, before, in_force, known, now)
    silent = found_rules.open_questions if runs else ()
    return _Decision(
        before=tuple(standing),
        in_force=tuple(in_force),
        rules=rules,
        counters=tuple(change for change in changes if change.kind is None),
        report=AlertReport(at, bool(runs), made, silent=silent),
    )


def _stored(service: Service, decision: _Decision, now: datetime) -> AlertReport | None:
    """Store a decision with its notifications.

    Returns:
        The report, or None if an alert or a silence that the decision rests on has changed.
    """
    made = decision.report.changes
    hashes = {rule.id: rule_hash(rule) for rule in decision.rules}
    texts = {hashes[rule.id]: (rule.id, rule_text(rule)) for rule in decision.rules}
    with service.store.write() as connection:
        alerts.hold(connection)
        if tuple(alerts.standing(connection)) != decision.before:
            return None
        if tuple(silences.in_force(connection, now)) != decision.in_force:
            return None
        rule_versions.record(connection, texts, now)
        changes = [*decision.counters, *(each.change for each in made)]
        alerts.record(connection, changes, hashes)
        notifications = notify_of_changes(connection, service, made, now)
    return replace(decision.report, notifications=tuple(notifications))


def _changes_by_scores(
    service: Service,
    found: Iterable[Sequence[Score]],
    before: Mapping[str, Alert],
    rules: Sequence[Rule],
    origin: date,
    now: datetime,
) -> list[Change]:
    """Return the changes that scores cause, and the alerts that became standing situations.

    Args:
        found: Monday's scores, then those of the week so far.
    """
    changes: list[Change] = []
    after = dict(before)
    for each in found:
        made = _changes_by_readers(service, each, after, rules, now)
        after |= {change.alert.id: change.alert for change in made}
        changes += made
    return changes + settled_alerts(after.values(), origin, now)


def _changes_by_readers(
    service: Service,
    found: Sequence[Score],
    before: Mapping[str, Alert],
    rules: Sequence[Rule],
    now: datetime,
) -> list[Change]:
    """Return the changes that scores cause, decided for each kind of readers separately.

    Alerts of a licence that the operator no longer states are withdrawn.
    """
    changes: list[Change] = []
    for readers in sorted({"", *service.readers, *(item.readers for item in before.values())}):
        mine = [item for item in before.values() if item.readers == readers]
        if readers and readers not in service.readers:
            changes += withdraw_unlicensed(mine, now)
            continue
        readable = [item for item in found if service.readers_of(item.source) == readers]
        changes += decide(readable, mine, rules, now, readers=readers)
    return changes


def _changes_by_staleness(
    connection: Connection,
    service: Service,
    before: Mapping[str, Alert],
    changes: Iterable[Change],
    now: datetime,
) -> list[Change]:
    """Return the changes of alerts that no score has touched and whose newest score is too old."""
    touched = {change.alert.id for change in changes}
    standing = [item for item in before.values() if item.is_standing and item.id not in touched]
    return staleness_changes(connection, service, standing, now)


def scores_for_rules(
    connection: Connection,
    runs: Sequence[int],
    rules: Sequence[Rule],
    regions: Iterable[str],
) -> list[Score]:
    """Return the scores of some runs that rules can act on.

    Those are the scores that may raise an alert, and all scores of `regions`, where alerts are
    open.
    """
    # A detector's rule compares counts with a bound, which a score of any probability may exceed,
    # unless the rule states which share of mistaken alarms it accepts. A condition may read
    # anything of a score.
    every = any(
        rule.condition is not None or (rule.detector and rule.false_discovery is None)
        for rule in rules
    )
    lowest = min((rule.lowest for rule in rules if not rule.detector), default=1.0)
    accepted = [rule.false_discovery for rule in rules if rule.false_discovery is not None]
    some = scores.ScoreFilter(
        at_least=lowest,
        has_probability=True,
        or_alarming=max(accepted, default=None),
        or_regions=tuple(sorted(set(regions))),
    )
    return scores.in_runs(connection, runs, scores.ScoreFilter() if every else some)


def _with_suppression(
    connection: Connection,
    changes: Sequence[Change],
    before: Mapping[str, Alert],
    in_force: Sequence[Silence],
    found: Iterable[Score],
    now: datetime,
) -> tuple[ScoredChange, ...]:
    """Return every change with its score and suppression, then late warnings of earlier runs."""
    after = dict(before) | {change.alert.id: change.alert for change in changes}
    real = [change for change in changes if change.kind is not None]
    behind = _scores_behind(connection, found, real)
    unhealthy = unhealthy_sources(connection, now)
    why = [
        suppression_of(
            change,
            before.get(change.alert.id),
            in_force,
            _unhealthy_source(behind[change.alert.score_id], unhealthy),
        )
        for change in real
    ]
    notified = {change.alert.id for change, reason in zip(real, why, strict=True) if reason is None}
    real = mark_notified(real, notified)
    after |= {change.alert.id: change.alert for change in real}
    reminders = late_warnings([item for item in after.values() if item.is_standing], in_force, now)
    behind = _scores_behind(connection, behind.values(), reminders)
    return tuple(
        ScoredChange(change, behind[change.alert.score_id], reason)
        for change, reason in zip(
            [*real, *reminders], [*why, *[None] * len(reminders)], strict=True
        )
        if change.alert.score_id in behind
    )


def _scores_behind(
    connection: Connection, found: Iterable[Score], changes: Iterable[Change]
) -> dict[str, Score]:
    """Return scores by id: those found, and earlier ones for changes without a new score."""
    known = {item.id: item for item in found}
    missing = {change.alert.score_id for change in changes} - known.keys()
    return known | {score.id: score for score in scores.by_ids(connection, missing)}


def _unhealthy_source(score: Score, unhealthy: frozenset[str]) -> str | None:
    return score.source if score.source in unhealthy else None
