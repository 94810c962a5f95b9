"""Compose messages from the notifications that wait, and put them into the outbox."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice

from sqlalchemy import Connection

from ewarn.domain.delivery import Message
from ewarn.domain.notification import About, Notification
from ewarn.domain.recipient import Recipient, has_come
from ewarn.domain.time import DAY
from ewarn.notify.messages.compose import compose
from ewarn.notify.messages.payload_fields import CALLS_TO_ACT
from ewarn.pipeline.delivery.mail_links import links_for
from ewarn.pipeline.delivery.recipients import Directory, directory, log_recipient
from ewarn.pipeline.intake.footing import footing
from ewarn.pipeline.service import Service
from ewarn.store.delivery import notifications, outbox

# For how many recipients messages are composed in one transaction; other writers wait for its end.
TOGETHER = 10


def compose_due(service: Service, now: datetime) -> list[Message]:
    """Compose a message for each recipient that has a notification that may leave now.

    All waiting notifications of the recipient go into the message. Those that only holders of a
    licence may read get a message of their own. The notifications of a recipient that was removed,
    or that no longer carries the licence, go to the log.

    Returns:
        The messages, which are now in the outbox.
    """
    with service.store.read() as connection:
        due = iter(notifications.recipients_due(connection, now))
    composed: list[Message] = []
    while some := list(islice(due, TOGETHER)):
        with service.store.write() as connection:
            known = directory(connection, service, now)
            for recipient in some:
                composed += _composed(connection, service, known, recipient, now)
    return composed


def _composed(
    connection: Connection, service: Service, known: Directory, recipient: str, now: datetime
) -> list[Message]:
    """Compose the messages for a recipient: one for each licence that its notifications ask for."""
    waiting = notifications.waiting(connection, recipient)
    found = []
    for readers in sorted({notification.readers for notification in waiting}):
        mine = [notification for notification in waiting if notification.readers == readers]
        message = _send(connection, service, known, mine, now)
        if message is not None:
            found.append(message)
    return found


def _send(
    connection: Connection,
    service: Service,
    known: Directory,
    waiting: Sequence[Notification],
    now: datetime,
) -> Message | None:
    """Put a message into the outbox with what waits for one recipient under one licence.

    Returns:
        The message, or None if it may not leave yet.
    """
    id_, readers = waiting[0].recipient, waiting[0].readers
    if not any(has_come(notification.due_at, now) for notification in waiting):
        return None  # another worker has sent them in the meantime
    recipient = known.all.get(id_)
    if recipient is None or (readers and readers not in recipient.licences):
        recipient = log_recipient(id_)
    ids = [notification.id for notification in waiting]
    if not any(notification.urgent for notification in waiting):
        leaves_at = _earliest_departure(connection, recipient, waiting, now)
        if leaves_at > now:
            notifications.put_off(connection, ids, leaves_at)
            return None
    ground = _footing(connection, service, recipient, waiting, now)
    links = links_for(connection, service, recipient, waiting, now)
    message = compose(recipient, waiting, now, service.base_url, ground, links)
    is_disabled = id_ in known.disabled
    outbox.enqueue(connection, [(id_, message)], held=is_disabled, readers=readers)
    notifications.leave(connection, ids, message.id)
    return message


def _earliest_departure(
    connection: Connection, recipient: Recipient, waiting: Sequence[Notification], now: datetime
) -> datetime:
    """Return when a message may leave.

    A message that asks nobody to act leaves one message of the day free for a new alert. Where a
    recipient takes one message a day, only messages that asked it to act count when a new alert
    waits.
    """
    pace, since, readers = recipient.pace, now - DAY, waiting[0].readers
    most = pace.most_a_day
    calls = any(_calls_to_act(notification) for notification in waiting)
    if most is not None and not calls:
        pace = replace(pace, most_a_day=max(1, most - 1))
    if most == 1 and calls:
        left = notifications.left_since(connection, recipient.id, since)
        sent = sorted({at for one, at in left if one.readers == readers and _calls_to_act(one)})
    else:
        sent = outbox.sent_to(connection, recipient.id, since=since, readers=readers)
    return pace.room_at(now, sent)


def _calls_to_act(notification: Notification) -> bool:
    return notification.about is About.ALERT and notification.facts.get("change") in CALLS_TO_ACT


def _footing(
    connection: Connection,
    service: Service,
    recipient: Recipient,
    waiting: Sequence[Notification],
    now: datetime,
) -> Callable[[str], str]:
    """Return the notice about the sources behind news of alerts, as a function of the language."""
    if all(notification.about is not About.ALERT for notification in waiting):
        return lambda _: ""
    countries = () if "*" in recipient.countries else recipient.countries
    return footing(connection, service, countries, now, recipient.licences).notice
