"""The link in a mail by which its recipient acknowledges one alert without a key."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import Connection

from ewarn.domain.alert import Alert
from ewarn.domain.key import EVERYWHERE
from ewarn.domain.notification import About, Notification
from ewarn.domain.recipient import Recipient
from ewarn.errors import UnknownName, UsageError
from ewarn.notify.messages.payload_fields import CALLS_TO_ACT
from ewarn.pipeline.delivery.recipients import directory
from ewarn.pipeline.service import Service
from ewarn.protect.signed_links import new_secret, opened, signed
from ewarn.store.access import keys
from ewarn.store.alerts import alerts
from ewarn.store.database import store_metadata

LIVES_FOR = timedelta(hours=72)  # so that a mail of Friday evening can be answered on Monday
CHANNEL = "email"
PATH = "/acknowledge"


class LinkExpired(UsageError):
    """The link is too old."""


@dataclass(frozen=True, slots=True)
class Link:
    """What a valid link proves: the alert, its recipient, and the name under which they act."""

    alert: Alert
    recipient: Recipient
    actor: str


def links_for(
    connection: Connection,
    service: Service,
    recipient: Recipient,
    waiting: Collection[Notification],
    now: datetime,
) -> dict[str, str]:
    """Return the links of a message by alert id, for each alert that asks the recipient to act.

    Only mails have links. A message that a program reads must not hold a link that acts.
    """
    if recipient.channel != CHANNEL:
        return {}
    wanted = {
        notification.thread
        for notification in waiting
        if notification.about is About.ALERT and notification.facts.get("change") in CALLS_TO_ACT
    }
    if not wanted:
        return {}
    secret = store_metadata.get(connection, store_metadata.SIGNS_LINKS)
    if secret is None:
        secret = new_secret()
        store_metadata.put(connection, store_metadata.SIGNS_LINKS, secret)
    until = int((now + LIVES_FOR).timestamp())
    return {
        id_: f"{service.base_url}{PATH}/{signed((id_, _mark(recipient.id), until), secret)}"
        for id_ in wanted
    }


def read_link(connection: Connection, service: Service, token: str, now: datetime) -> Link:
    """Return what a link proves at a moment.

    Raises:
        UnknownName: The link was changed, or its recipient is no longer notified of the alert.
        LinkExpired: The link is too old.
    """
    secret = store_metadata.get(connection, store_metadata.SIGNS_LINKS)
    facts = None if secret is None else opened(token, secret)
    if facts is None:
        raise UnknownName("this link is not valid; it may be incomplete")
    alert_id, mark, until = str(facts[0]), str(facts[1]), int(facts[2])
    if now.timestamp() >= until:
        raise LinkExpired("this link has expired")
    known = directory(connection, service, now)
    recipient = next((each for each in known.all.values() if _mark(each.id) == mark), None)
    found = alerts.find(connection, alerts.AlertFilter(ids=(alert_id,)), now)
    if recipient is None or not found or not _is_notified(service, recipient, found[0]):
        raise UnknownName("the recipient of this link is no longer notified of this alert")
    key = keys.find(connection, recipient.owner)
    owner = recipient.owner if key is None else key.name
    return Link(found[0], recipient, f"{owner[:60]}, by mail")


def _is_notified(service: Service, recipient: Recipient, alert: Alert) -> bool:
    """Return whether a recipient is notified of an alert now.

    It must watch the country. If the alert asks for a licence, the recipient must carry it, and the
    operator must still state it.
    """
    watches = EVERYWHERE in recipient.countries or alert.country in recipient.countries
    return watches and alert.readers in ("", *(service.readers & set(recipient.licences)))


def _mark(recipient_id: str) -> str:
    """Return a code that stands for a recipient in a URL, which must not hold a mail address."""
    return sha256(recipient_id.encode()).hexdigest()[:24]
