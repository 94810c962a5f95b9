"""What was suppressed of an alert, and what waits to be sent, for those who may know of it."""

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
from ewarn.store.delivery import notifications


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


def unsent_changes(
    connection: Connection, service: Service, key: ApiKey, alert_id: str, moment: datetime
) -> list[UnsentChange]:
    """Return what was suppressed of an alert up to a moment, and what waited then, oldest first.

    What waits is shown for the offices that a key covers and for the key's own subscriptions.
    """
    found = [
        UnsentChange(
            each.at,
            each.kind,
            each.why.value,
            suppression_words(each.why, each.about, each.until),
            each.until,
        )
        for each in suppressed_changes.of_alert(connection, alert_id, moment)
    ]
    found += _waiting(connection, service, key, alert_id, moment)
    return sorted(found, key=lambda each: each.at)


def _waiting(
    connection: Connection, service: Service, key: ApiKey, alert_id: str, moment: datetime
) -> Iterator[UnsentChange]:
    known = directory(connection, service, moment)
    seen = {each.id for each in service.rulebook.offices if key.covers_any(each.countries)}
    for notification in notifications.waiting_of(connection, alert_id, moment):
        recipient = known.all.get(notification.recipient)
        if recipient is None:
            continue
        is_office = recipient.id in known.of_offices
        if not (recipient.owner in seen if is_office else recipient.owner == key.prefix):
            continue
        what = _waits_for(recipient)
        yield UnsentChange(
            notification.created_at,
            str(notification.facts.get("change", "")),
            what,
            wait_words(what),
            notification.due_at,
            recipient.owner if is_office else None,
            recipient.channel,
            recipient.tier,
        )


def _waits_for(recipient: Recipient) -> str:
    if recipient.pace.digest is not None:
        return "digest"
    return "patience" if recipient.pace.quiet is None else "quiet"
