"""The verb `correct`: find alerts that would not have opened on today's data.

"On today's data" means: the origin at which an alert opened is scored again by the same model (its
name and version, parameters included) on the weeks before that origin as they are known now. That
includes everything that was learned and recorded since: late reports, revisions, deletions, and
weeks that were read later. What happened from the origin on is not used. All reports of those weeks
are assumed to be in. None of this is stored as a score: the score of that time stays as it was.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from ewarn.alerting.correct import corrected
from ewarn.alerting.suppression import mark_notified, suppression_of
from ewarn.domain.alert import Alert, Change
from ewarn.domain.notification import Notification
from ewarn.domain.rule import Rule
from ewarn.domain.score import Score
from ewarn.domain.time import WEEK, midnight, origin_at
from ewarn.pipeline.delivery.notifications import ScoredChange, notify_of_changes
from ewarn.pipeline.intake import health
from ewarn.pipeline.models.budget import sources_scored, with_thresholds
from ewarn.pipeline.models.champions import serving
from ewarn.pipeline.panels.panels import panel_at
from ewarn.pipeline.scoring.score import regions_covered
from ewarn.pipeline.scoring.scoring import completeness_of, scored
from ewarn.pipeline.service import Service
from ewarn.ports import PublishesLate
from ewarn.store.alerts import alerts, silences
from ewarn.store.database import store_metadata
from ewarn.store.database.cuts import Cut
from ewarn.store.events import counts
from ewarn.store.scores import scores

LOOKED_AT = 4 * WEEK  # after a close
# Rows that one transaction wrote first may become visible after those of another, so rows of the
# last hour are looked at again.
OVERLAP = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class CorrectionReport:
    """How many origins were scored again, the changes that followed, and their notifications."""

    scored: int
    changes: tuple[ScoredChange, ...]
    notifications: tuple[Notification, ...]


@dataclass(frozen=True, slots=True)
class _Opened:
    """An alert with the score that opened it, and the same score computed on today's data."""

    alert: Alert
    then: Score
    today: Score


def correct(service: Service, now: datetime) -> CorrectionReport:
    """Correct alerts that are open or closed lately, or reverse a correction, and notify of it.

    Each source's origin at which one of them opened is scored once, and only if the weeks before it
    were revised since the last run. Doing it twice changes nothing.
    """
    with service.store.read() as connection:
        newest = counts.newest(connection, now - OVERLAP)
        revised = _revised(connection, now)
        found = [
            each
            for (source, origin), opened in revised.items()
            for each in _on_todays_data(service, connection, source, origin, opened, now)
        ]
        rules = _rules(service, connection, now) if found else {}
    with service.store.write() as connection:
        made = _corrections(connection, found, rules, now)
        alerts.record(connection, [each.change for each in made], {})
        store_metadata.put(connection, store_metadata.CORRECTIONS, str(newest))
        notifications = notify_of_changes(connection, service, made, now)
    return CorrectionReport(len(revised), tuple(made), tuple(notifications))


def _revised(
    connection: Connection, now: datetime
) -> dict[tuple[str, date], list[tuple[Alert, Score]]]:
    """Return alerts with their opening scores, by source and origin, where data were revised.

    The weeks before the origin must have been revised after that score and since the last run.
    """
    looked_at = int(store_metadata.get(connection, store_metadata.CORRECTIONS) or 0)
    known = {item.id: item for item in alerts.open_since(connection, origin_at(now) - LOOKED_AT)}
    opened: dict[tuple[str, date], list[tuple[Alert, Score]]] = {}
    for alert_id, score_id in alerts.opening_scores(connection, known).items():
        then = scores.by_id(connection, score_id)
        if then is not None and (origin := _rescored_at(then)) <= origin_at(now):
            opened.setdefault((then.source, origin), []).append((known[alert_id], then))
    return {
        (source, origin): found
        for (source, origin), found in opened.items()
        if counts.is_revised(
            connection,
            source,
            origin,
            (min(then.recorded_at for _, then in found), now),
            looked_at,
        )
    }


def _rescored_at(score: Score) -> date:
    """Return the origin at which a score is computed again.

    For an interim score that is the end of the week that it read.
    """
    return score.origin + WEEK if score.interim else score.origin


def _on_todays_data(
    service: Service,
    connection: Connection,
    source: str,
    origin: date,
    opened: Iterable[tuple[Alert, Score]],
    now: datetime,
) -> list[_Opened]:
    """Return the alerts whose opening score can be computed again.

    The model of that score must still serve its origin.
    """
    polled = service.sources.get(source)
    if isinstance(polled, PublishesLate) or not service.is_scored(source):
        # A source that publishes late was scored on an older week than the last one, which is
        # published only now.
        return []
    covered = health.coverage(connection, source, polled, now)
    regions = regions_covered(service, covered, origin)
    wanted = {then.model for _, then in opened}
    models = [
        model
        for model in serving(service, connection, source, Cut(midnight(origin), now))
        if f"{model.name}@{model.version}" in wanted
    ]
    if not regions or not models:
        return []
    panel, _ = panel_at(connection, source, regions, covered, origin, now, as_of=now)
    footing = health.status(connection, source, polled, now, judged_at=midnight(origin))
    complete = completeness_of(panel)
    today = {
        _key(score): score
        for model in models
        for score in scored(service, model, panel, footing, complete, now)
    }
    return [
        _Opened(alert, then, today[_key(then)]) for alert, then in opened if _key(then) in today
    ]


def _key(score: Score) -> tuple[str, str, str, int]:
    return (score.model, score.region, score.target.value, score.horizon_weeks)


def _rules(service: Service, connection: Connection, now: datetime) -> dict[str, Rule]:
    """Return the rules in force by id; those with a budget have their thresholds of now."""
    on = origin_at(now)
    cut = Cut(midnight(on), now)
    sources = sources_scored(connection, cut)
    found = with_thresholds(service, connection, service.rulebook.rules, sources, cut, on)
    return {rule.id: rule for rule in found.rules}


def _corrections(
    connection: Connection, found: Iterable[_Opened], rules: Mapping[str, Rule], now: datetime
) -> list[ScoredChange]:
    """Return the corrections of alerts as they are now, each with its suppression."""
    in_force = silences.in_force(connection, now)
    alerts.hold(connection)
    made = []
    for each in found:
        # The alert may have changed while the past was scored.
        alert, rule = alerts.current(connection, each.alert.id), rules.get(each.alert.rule)
        if alert is None or rule is None:
            continue
        change = corrected(alert, rule, each.then, each.today, now)
        score = scores.by_id(connection, int(alert.score_id))
        if change is None or score is None:
            continue
        why = suppression_of(change, alert, in_force)
        made.append(ScoredChange(_mark_notified(change) if why is None else change, score, why))
    return made


def _mark_notified(change: Change) -> Change:
    return mark_notified([change], [change.alert.id])[0]
