"""What of an alert was sent, suppressed, or waits, for those who may know of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from ewarn.domain.key import ApiKey
from ewarn.domain.recipient import Recipient
from ewarn.notify.messages.suppression_reasons import suppression_words, wait_words
from ewarn.pipeline.delivery.recipients import directory
from ewarn.pipeline.service import Service
from ewarn.store.alerts import suppressed_changes
from ewarn.store.delivery import deliveries, notifications


@dataclass(frozen=True, slots=True)
class UnsentChange:
    """A change that nobody was notified of when it was made.

    `office`, `channel` and `tier` say for whom it waits; all are None if it was suppressed for
    everybody. It waits, or was silenced, `until` that moment, as known then.
    """

    at: datetime
    change: str
    cause: str
    reason: str
    until: datetime | None
    office: str | None = None
    channel: str | None = None
    tier: int | None = None


@dataclass(frozen=True, slots=True)
class SentChange:
    """A change that somebody was notified of. `office` is None for a subscription of the key.

    `delivered_at` is None if the message had not been accepted yet.
    """

    at: datetime
    change: str
    office: str | None
    channel: str
    tier: int
    delivered_at: datetime | None


def sent_changes(
    connection: Connection, service: Service, key: ApiKey, alert_id: str, moment: datetime
) -> list[SentChange]:
    """Return who was notified of an alert up to a moment, the oldest first.

    They are the recipients of the offices that a key covers, and the key's own subscriptions. No
    address is returned.
    """
    visible = _visible_recipients(connection, service, key, moment)
    return [
        SentChange(
            sent.created_at,
            sent.change,
            office,
            recipient.channel,
            recipient.tier,
            sent.delivered_at,
        )
        for sent in deliveries.of_threads(connection, [alert_id], moment)
        if sent.endpoint in visible
        for recipient, office in (visible[sent.endpoint],)
    ]


def unsent_changes(
    connection: Connection,
    service: Service,
    key: ApiKey | None,
    alert_id: str,
    moment: datetime,
    language: str = "en",
) -> list[UnsentChange]:
    """Return what was suppressed of an alert up to a moment, and what waited then, oldest first.

    What waits is shown for the offices that a key covers and for the key's own subscriptions. An
    operator, who needs no key, sees what waits for everybody.
    """
    found = [
        UnsentChange(
            each.at,
            each.kind,
            each.why.value,
            suppression_words(each.why, each.about, each.until, language),
            each.until,
        )
        for each in suppressed_changes.of_alert(connection, alert_id, moment)
    ]
    found += _waiting(connection, service, key, alert_id, moment, language)
    return sorted(found, key=lambda each: each.at)


def _waiting(
    connection: Connection,
    service: Service,
    key: ApiKey | None,
    alert_id: str,
    moment: datetime,
    language: str,
) -> Iterator[UnsentChange]:
    visible = _visible_recipients(connection, service, key, moment)
    for notification in notifications.waiting_of(connection, alert_id, moment):
        if notification.recipient not in visible:
            continue
        recipient, office = visible[notification.recipient]
        what = _waits_for(recipient)
        yield UnsentChange(
            notification.created_at,
            str(notification.facts.get("change", "")),
            what,
            wait_words(what, language),
            notification.due_at,
            office,
            recipient.channel,
            recipient.tier,
        )


def _visible_recipients(
    connection: Connection, service: Service, key: ApiKey | None, moment: datetime
) -> dict[str, tuple[Recipient, str | None]]:
    """Return the recipients that a key may know of, with the office of each; None for its own."""
    known = directory(connection, service, moment)
    offices = service.rulebook.offices
    seen = {each.id for each in offices if key is None or key.covers_any(each.countries)}
    visible: dict[str, tuple[Recipient, str | None]] = {}
    for id_, recipient in known.all.items():
        if id_ in known.of_offices:
            if recipient.owner in seen:
                visible[id_] = (recipient, recipient.owner)
        elif key is None or recipient.owner == key.prefix:
            visible[id_] = (recipient, None)
    return visible


def _waits_for(recipient: Recipient) -> str:
    if recipient.pace.digest is not None:
        return "digest"
    return "patience" if recipient.pace.quiet is None else "quiet"
