"""The verb `remind`: what time brings about by itself, without any new score.

An alert that nobody acknowledged goes to the next tier, one that stands is told again, a silence
that is over gives back what it held, and a source that fell ill is told of.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from ewarn.alerting.acknowledgement_escalation import escalated
from ewarn.alerting.notice import country_alert, held_back, muted, owed
from ewarn.alerting.situations import settled
from ewarn.domain.alert import Alert, AlertState, Change, ChangeKind
from ewarn.domain.hold import Hold
from ewarn.domain.notice import News, Notice
from ewarn.domain.recipient import LONGEST_PATIENCE, Recipient
from ewarn.domain.rule import Rule
from ewarn.domain.score import Score
from ewarn.domain.silence import Silence
from ewarn.domain.time import origin_at
from ewarn.languages import alert_reasons
from ewarn.pipeline.alerts.staleness import by_the_clock
from ewarn.pipeline.delivery.notifications import (
    Told,
    alert_news,
    bare_news,
    notice_for,
    tell_of,
)
from ewarn.pipeline.delivery.recipients import Directory, directory
from ewarn.pipeline.intake.source_news import ill, source_news
from ewarn.pipeline.service import Service
from ewarn.store.alerts import alerts, silences
from ewarn.store.alerts.suppressed import untold
from ewarn.store.database.cuts import Cut
from ewarn.store.delivery import notices
from ewarn.store.scores import scores
from ewarn.store.scores.score_past import with_past

LONGEST_HELD = timedelta(days=2 * 366)  # a silence lasts a year at most


@dataclass(frozen=True, slots=True)
class ReminderReport:
    """Changes that time brought, how many notices came without a change (an alert that stands, an
    end that was held back), and all notices."""

    changes: tuple[Change, ...]
    repeated: int
    notices: tuple[Notice, ...]


def remind(service: Service, now: datetime) -> ReminderReport:
    """Tell what time brought. Doing it twice tells nothing twice."""
    with service.store.write() as connection:
        standing = alerts.open_now(connection)
        quiet = silences.in_force(connection, now)
        known = directory(connection, service, now)
        made = _changed(connection, service, standing, quiet, known, now)
        news = source_news(connection, service, now)
        told = tell_of(connection, service, made, now, news)
        untouched = {item.id for item in standing} - {told.change.alert.id for told in made}
        still = [item for item in standing if item.id in untouched]
        repeated = _repeated(connection, service, still, quiet, known, now)
        repeated += _made_up_for(connection, service, quiet, known, now)
    changes = tuple(each.change for each in made)
    return ReminderReport(changes, len(repeated), (*told, *repeated))


def _changed(
    connection: Connection,
    service: Service,
    standing: Sequence[Alert],
    quiet: Sequence[Silence],
    known: Directory,
    now: datetime,
) -> list[Told]:
    """Changes that only time made, recorded under the rules that the alerts stand under."""
    rules = {rule.id: rule for rule in service.rulebook.rules}

    def tiers(alert: Alert, rule: Rule) -> list[int]:
        return sorted({each.tier for each in known.covering(bare_news(alert, rule.offices))})

    changes = owed(standing, quiet, now)
    touched = {change.alert.id for change in changes}
    untouched = [item for item in standing if item.id not in touched]
    changes += escalated(untouched, rules.values(), tiers, quiet, now)
    touched = {change.alert.id for change in changes}
    untouched = [item for item in standing if item.id not in touched]
    changes += [
        change
        for change in settled(untouched, origin_at(now), now)
        if held_back(change.alert, quiet) is None
    ]
    touched |= {change.alert.id for change in changes}
    untouched = [item for item in standing if item.id not in touched]
    changes += by_the_clock(connection, service, untouched, now)
    before, sick = {item.id: item for item in standing}, ill(connection, now)

    def why_not(change: Change, score: Score) -> Hold | None:
        if change.kind is not ChangeKind.WENT_STALE:
            return None  # whatever holds the others back was looked at before they were made
        source = score.source if score.source in sick else None
        return muted(change, before.get(change.alert.id), quiet, source)

    alerts.record(connection, changes, {})
    return [
        replace(told, muted=why_not(change, told.score))
        for change in changes
        if (told := _told(connection, change)) is not None
    ]


def _told(connection: Connection, change: Change) -> Told | None:
    score = scores.by_id(connection, int(change.alert.score_id))
    if score is None:
        return None
    (with_course,) = with_past(connection, Cut.at(change.at), [score])
    return Told(change, with_course, None)


def _repeated(
    connection: Connection,
    service: Service,
    wanted: Sequence[Alert],
    quiet: Sequence[Silence],
    known: Directory,
    now: datetime,
) -> list[Notice]:
    """Notices that alerts stand, for those who heard of them long ago and of which nobody has
    acknowledged one: no change of the alert, but a word to the recipient."""
    waiting = [
        item
        for item in wanted
        if item.state is AlertState.OPEN
        and not item.situation
        and country_alert(item, wanted) is None  # it is told again itself
        and held_back(item, quiet) is None
    ]
    heard = notices.last_heard(connection, {item.id for item in waiting})
    made = []
    for item in waiting:
        due = _due_again(item, known, heard, now)
        if not due or (news := _still_open(connection, service, item, now)) is None:
            continue
        made += [_again(recipient, news, last, now) for recipient, last in due]
    return notices.add(connection, made)


def _again(recipient: Recipient, news: News, last: datetime, now: datetime) -> Notice:
    """A notice that an alert still stands. It waits for other news, for half its interval at most:
    it must not use up what a new alert needs."""
    patience = min(timedelta(days=recipient.pace.repeat_days or 0) / 2, LONGEST_PATIENCE)
    again = replace(news, occasion=f"repeated|{last.isoformat()}", patience=patience)
    return notice_for(recipient, again, now)


def _made_up_for(
    connection: Connection,
    service: Service,
    quiet: Sequence[Silence],
    known: Directory,
    now: datetime,
) -> list[Notice]:
    """Notices of ends and corrections that were held back, now that nothing does, for those who
    heard of their alerts: who was told of a beginning is told of its end."""
    late = untold(connection, now - LONGEST_HELD)
    heard = notices.last_heard(connection, {event.alert_id for event in late})
    made = []
    for event in late:
        alert = alerts.current(connection, event.alert_id)
        if alert is None or held_back(alert, quiet) is not None:
            continue
        told = _told(connection, Change(event.kind, alert, event.at, event.reason, event.actor))
        if told is None:
            continue
        news = alert_news(service, told, now)
        made += [notice_for(each, news, now) for each, _ in known.told_before(news, heard)]
    return notices.add(connection, made)


def _due_again(
    alert: Alert, known: Directory, heard: Mapping[tuple[str, str], datetime], now: datetime
) -> list[tuple[Recipient, datetime]]:
    """Recipients whose interval since the last word of an alert is over, and when that was."""
    return [
        (recipient, last)
        for recipient, last in known.told_before(bare_news(alert, ()), heard)
        if (days := recipient.pace.repeat_days) is not None and now >= last + timedelta(days=days)
    ]


def _still_open(
    connection: Connection, service: Service, alert: Alert, now: datetime
) -> News | None:
    told = _told(
        connection, Change(ChangeKind.REMINDED, alert, now, alert_reasons.NOT_ACKNOWLEDGED())
    )
    return None if told is None else alert_news(service, told, now)
