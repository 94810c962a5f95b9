"""Notifications: one fact for each recipient that is to be notified of it."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Connection

from ewarn.domain.alert import Alert, Change, ChangeKind
from ewarn.domain.notification import About, News, Notification
from ewarn.domain.recipient import LONGEST_WAIT, Recipient
from ewarn.domain.score import Score
from ewarn.domain.suppression import SuppressedChange, Suppression, SuppressionReason
from ewarn.domain.target import Band
from ewarn.notify.messages.change_reasons import SERVICE_ACTOR
from ewarn.notify.messages.payload_fields import AlertContext, alert_facts
from ewarn.pipeline.delivery.recipients import directory
from ewarn.pipeline.service import Service
from ewarn.store.alerts import suppressed_changes
from ewarn.store.delivery import notifications

# News of these kinds leaves at once when the level is critical.
_URGENT = frozenset({ChangeKind.OPENED, ChangeKind.RAISED, ChangeKind.SURGED, ChangeKind.ESCALATED})
# News that asks nobody to act leaves with the next message, unless a person made the change.
_PATIENT = frozenset({ChangeKind.CLOSED, ChangeKind.SETTLED})


@dataclass(frozen=True, slots=True)
class ScoredChange:
    """A change of an alert, the score behind it, and why it was suppressed (None: it was not)."""

    change: Change
    score: Score
    suppression: Suppression | None


def news_of(service: Service, made: Sequence[ScoredChange], now: datetime) -> list[News]:
    """Return the news of those changes that are not suppressed."""
    return [alert_news(service, each, now) for each in made if each.suppression is None]


def notify_of_changes(
    connection: Connection,
    service: Service,
    made: Sequence[ScoredChange],
    now: datetime,
    also: Sequence[News] = (),
) -> list[Notification]:
    """Store the notifications of changes and of other news, and the suppressed changes.

    Args:
        made: Changes of alerts; those with a suppression lead to no notification.
        also: Other news to notify of.

    Returns:
        The notifications that are new.
    """
    suppressed_changes.record(
        connection,
        [
            SuppressedChange(
                each.change.alert.id,
                each.change.at,
                str(each.change.kind),
                each.suppression.why,
                each.suppression.about,
                each.suppression.until,
            )
            for each in made
            if each.suppression is not None and each.suppression.why is not SuppressionReason.RECORD
        ],
    )
    return notify(connection, service, [*news_of(service, made, now), *also], now)


def alert_news(service: Service, made: ScoredChange, now: datetime, occasion: str = "") -> News:
    """Return the news of one change of an alert.

    News of an alert whose rule was removed is for all offices that cover it. `occasion`
    distinguishes it from other news of the same alert; by default its kind, origin, time and tier
    do.
    """
    change, alert = made.change, made.change.alert
    rule = next((rule for rule in service.rulebook.rules if rule.id == alert.rule), None)
    playbook = service.rulebook.playbooks.get((rule and rule.playbook) or "")
    region = service.places.get(alert.region)
    country = service.places.get(alert.country)
    described = AlertContext(
        change=change,
        score=made.score,
        region=region,
        country=country,
        suggestion=playbook.suggestion if playbook else {},
        base_url=service.base_url,
    )

    def facts(language: str) -> Mapping[str, Any]:
        return alert_facts(described, language, now)

    usual = f"{change.kind}|{alert.last_origin}|{change.at.isoformat()}|{alert.tier}"
    return News(
        about=About.ALERT,
        thread=alert.id,
        occasion=occasion or usual,
        countries=(alert.country,),
        facts=facts,
        region=alert.region,
        target=alert.target,
        band=alert.highest,
        probability=made.score.probability,
        tier=alert.tier,
        offices=rule.offices if rule else ("*",),
        readers=alert.readers,
        urgent=is_urgent(change),
        max_wait=max_wait_of(change),
    )


def is_urgent(change: Change) -> bool:
    """Return whether the news of a change ignores quiet hours, digests and the daily limit."""
    return change.alert.band is Band.CRITICAL and change.kind in _URGENT


def max_wait_of(change: Change) -> timedelta:
    """Return how long the news of a change waits for another message to go with."""
    waits = change.kind in _PATIENT and change.actor == SERVICE_ACTOR
    return LONGEST_WAIT if waits else timedelta(0)


def bare_news(alert: Alert, offices: tuple[str, ...]) -> News:
    """Return news of an alert without its text: enough to find its recipients."""
    return News(
        about=About.ALERT,
        thread=alert.id,
        occasion="",
        countries=(alert.country,),
        facts=lambda _: {},
        region=alert.region,
        target=alert.target,
        band=alert.highest,
        probability=alert.probability,
        tier=alert.tier,
        offices=offices,
        readers=alert.readers,
    )


def notify(
    connection: Connection, service: Service, news: Sequence[News], now: datetime
) -> list[Notification]:
    """Store notifications of news for its recipients.

    These are the recipients that want the news, and those that were notified of its thread before.
    A notification is identified by recipient, thread and occasion, so adding it twice makes one.

    Returns:
        The notifications that are new.
    """
    if not news:
        return []
    known = directory(connection, service, now)
    notified = set(notifications.last_notified(connection, {item.thread for item in news}))
    wanted: dict[str, tuple[Recipient, News]] = {}
    for item in news:
        item = replace(item, facts=cache(item.facts))  # written once for each language
        for recipient in known.recipients_of(item, notified):
            wanted[notification_id(recipient, item)] = (recipient, item)
            notified.add((recipient.id, item.thread))
    return notifications.add(connection, [notification_for(*each, now) for each in wanted.values()])


def notification_id(recipient: Recipient, news: News) -> str:
    """Return the id of the notification of some news to one recipient; it is always the same."""
    identity = "|".join((recipient.id, news.about, news.thread, news.occasion))
    return f"ntc_{hashlib.sha256(identity.encode()).hexdigest()[:24]}"


def notification_for(recipient: Recipient, news: News, now: datetime) -> Notification:
    """Return the notification of news to one recipient, in its language, with its due time."""
    return Notification(
        id=notification_id(recipient, news),
        recipient=recipient.id,
        about=news.about,
        thread=news.thread,
        urgent=news.urgent,
        facts=news.facts(recipient.language),
        created_at=now,
        due_at=recipient.due_at(now, news),
        readers=news.readers,
    )
