"""The verb `remind`: do what becomes due with time, without any new score.

An alert that nobody acknowledged goes to the next tier. An open alert is repeated. When a silence
is over, people are notified of what it suppressed. People are notified of a source that became
unhealthy.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from ewarn.alerting.acknowledgement_escalation import escalated
from ewarn.alerting.situations import settled
from ewarn.alerting.suppression import country_alert, late_warnings, silenced, suppression_of
from ewarn.domain.alert import Alert, AlertState, Change, ChangeKind
from ewarn.domain.notification import News, Notification
from ewarn.domain.recipient import LONGEST_WAIT, Recipient
from ewarn.domain.rule import Rule
from ewarn.domain.score import Score
from ewarn.domain.silence import Silence
from ewarn.domain.suppression import Suppression
from ewarn.domain.time import origin_at
from ewarn.languages import alert_reasons
from ewarn.pipeline.alerts.staleness import staleness_changes
from ewarn.pipeline.delivery.notifications import (
    ScoredChange,
    alert_news,
    bare_news,
    notification_for,
    notify_of_changes,
)
from ewarn.pipeline.delivery.recipients import Directory, directory
from ewarn.pipeline.intake.source_news import source_news, unhealthy_sources
from ewarn.pipeline.service import Service
from ewarn.store.alerts import alerts, silences
from ewarn.store.alerts.unnotified import without_notification
from ewarn.store.database.cuts import Cut
from ewarn.store.delivery import notifications
from ewarn.store.scores import scores
from ewarn.store.scores.score_past import with_past

LONGEST_SUPPRESSED = timedelta(days=2 * 366)  # a silence lasts a year at most


@dataclass(frozen=True, slots=True)
class ReminderReport:
    """The changes that came with time, and all notifications.

    `repeated` counts the notifications without a change: of an alert that is still open, or of an
    end that was suppressed.
    """

    changes: tuple[Change, ...]
    repeated: int
    notifications: tuple[Notification, ...]


def remind(service: Service, now: datetime) -> ReminderReport:
    """Notify of what became due with time. Doing it twice notifies nobody twice."""
    with service.store.write() as connection:
        standing = alerts.open_now(connection)
        in_force = silences.in_force(connection, now)
        known = directory(connection, service, now)
        made = _changes(connection, service, standing, in_force, known, now)
        news = source_news(connection, service, now)
        new = notify_of_changes(connection, service, made, now, news)
        untouched = {item.id for item in standing} - {each.change.alert.id for each in made}
        unchanged = [item for item in standing if item.id in untouched]
        repeated = _repeated(connection, service, unchanged, in_force, known, now)
        repeated += _after_suppression(connection, service, in_force, known, now)
    changes = tuple(each.change for each in made)
    return ReminderReport(changes, len(repeated), (*new, *repeated))


def _changes(
    connection: Connection,
    service: Service,
    standing: Sequence[Alert],
    in_force: Sequence[Silence],
    known: Directory,
    now: datetime,
) -> list[ScoredChange]:
    """Store and return the changes that came with time, under the rules of the alerts."""
    rules = {rule.id: rule for rule in service.rulebook.rules}

    def tiers(alert: Alert, rule: Rule) -> list[int]:
        return sorted({each.tier for each in known.covering(bare_news(alert, rule.offices))})

    changes = late_warnings(standing, in_force, now)
    touched = {change.alert.id for change in changes}
    untouched = [item for item in standing if item.id not in touched]
    changes += escalated(untouched, rules.values(), tiers, in_force, now)
    touched = {change.alert.id for change in changes}
    untouched = [item for item in standing if item.id not in touched]
    changes += [
        change
        for change in settled(untouched, origin_at(now), now)
        if silenced(change.alert, in_force) is None
    ]
    touched |= {change.alert.id for change in changes}
    untouched = [item for item in standing if item.id not in touched]
    changes += staleness_changes(connection, service, untouched, now)
    before, unhealthy = {item.id: item for item in standing}, unhealthy_sources(connection, now)

    def why_not(change: Change, score: Score) -> Suppression | None:
        if change.kind is not ChangeKind.WENT_STALE:
            return None  # the other kinds are only made if nothing suppresses them
        source = score.source if score.source in unhealthy else None
        return suppression_of(change, before.get(change.alert.id), in_force, source)

    alerts.record(connection, changes, {})
    return [
        replace(made, suppression=why_not(change, made.score))
        for change in changes
        if (made := _with_score(connection, change)) is not None
    ]


def _with_score(connection: Connection, change: Change) -> ScoredChange | None:
    score = scores.by_id(connection, int(change.alert.score_id))
    if score is None:
        return None
    (with_course,) = with_past(connection, Cut.at(change.at), [score])
    return ScoredChange(change, with_course, None)


def _repeated(
    connection: Connection,
    service: Service,
    unchanged: Sequence[Alert],
    in_force: Sequence[Silence],
    known: Directory,
    now: datetime,
) -> list[Notification]:
    """Store notifications that alerts are still open, for those who were last notified long ago.

    Nobody has acknowledged these alerts. A repetition changes no alert, it only reminds the
    recipient.
    """
    waiting = [
        item
        for item in unchanged
        if item.state is AlertState.OPEN
        and not item.situation
        and country_alert(item, unchanged) is None  # the country's alert is repeated instead
        and silenced(item, in_force) is None
    ]
    notified = notifications.last_notified(connection, {item.id for item in waiting})
    made = []
    for item in waiting:
        due = _due_again(item, known, notified, now)
        if not due or (news := _still_open(connection, service, item, now)) is None:
            continue
        made += [_repetition(recipient, news, last, now) for recipient, last in due]
    return notifications.add(connection, made)


def _repetition(recipient: Recipient, news: News, last: datetime, now: datetime) -> Notification:
    """Return a notification that an alert is still open.

    It waits for other news, but at most half its interval: it must not use up the room of a new
    alert.
    """
    max_wait = min(timedelta(days=recipient.pace.repeat_days or 0) / 2, LONGEST_WAIT)
    again = replace(news, occasion=f"repeated|{last.isoformat()}", max_wait=max_wait)
    return notification_for(recipient, again, now)


def _after_suppression(
    connection: Connection,
    service: Service,
    in_force: Sequence[Silence],
    known: Directory,
    now: datetime,
) -> list[Notification]:
    """Store notifications of ends and corrections that were suppressed and no longer are.

    They are for those who were notified of these alerts: whoever was notified of a beginning is
    notified of its end.
    """
    late = without_notification(connection, now - LONGEST_SUPPRESSED)
    notified = notifications.last_notified(connection, {event.alert_id for event in late})
    made = []
    for event in late:
        alert = alerts.current(connection, event.alert_id)
        if alert is None or silenced(alert, in_force) is not None:
            continue
        change = Change(event.kind, alert, event.at, event.reason, event.actor)
        scored = _with_score(connection, change)
        if scored is None:
            continue
        news = alert_news(service, scored, now)
        made += [
            notification_for(each, news, now) for each, _ in known.notified_before(news, notified)
        ]
    return notifications.add(connection, made)


def _due_again(
    alert: Alert, known: Directory, notified: Mapping[tuple[str, str], datetime], now: datetime
) -> list[tuple[Recipient, datetime]]:
    """Return recipients whose repeat interval is over, each with when it was last notified."""
    return [
        (recipient, last)
        for recipient, last in known.notified_before(bare_news(alert, ()), notified)
        if (days := recipient.pace.repeat_days) is not None and now >= last + timedelta(days=days)
    ]


def _still_open(
    connection: Connection, service: Service, alert: Alert, now: datetime
) -> News | None:
    reminder = Change(ChangeKind.REMINDED, alert, now, alert_reasons.NOT_ACKNOWLEDGED())
    scored = _with_score(connection, reminder)
    return None if scored is None else alert_news(service, scored, now)
