"""Messages: what waits for a recipient, composed when it may leave, and put into the outbox."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice

from sqlalchemy import Connection

from ewarn.domain.delivery import Notification
from ewarn.domain.notice import About, Notice
from ewarn.domain.recipient import Recipient, has_come
from ewarn.domain.time import DAY
from ewarn.notify.compose import compose
from ewarn.notify.payload_fields import CALLS_TO_ACT
from ewarn.pipeline.delivery.mail_links import links_for
from ewarn.pipeline.delivery.recipients import Directory, directory, in_the_log
from ewarn.pipeline.intake.footing import footing
from ewarn.pipeline.service import Service
from ewarn.store.delivery import notices, outbox

# Recipients whose messages are composed in one transaction: others who write wait no longer.
TOGETHER = 10


def compose_due(service: Service, now: datetime) -> list[Notification]:
    """Compose one message for each recipient of whose notices any may leave now, and put it into
    the outbox. Returns the messages.

    All notices that wait go along, but what only the holders of a licence may read has a message of
    its own. What waits for a recipient that is no more, or carries its licence no more, goes to the
    log.
    """
    with service.store.read() as connection:
        due = iter(notices.recipients_due(connection, now))
    composed: list[Notification] = []
    while some := list(islice(due, TOGETHER)):
        with service.store.write() as connection:
            known = directory(connection, service, now)
            for recipient in some:
                composed += _composed(connection, service, known, recipient, now)
    return composed


def _composed(
    connection: Connection, service: Service, known: Directory, recipient: str, now: datetime
) -> list[Notification]:
    """The messages that leave to a recipient, one for each kind of readers."""
    waiting = notices.waiting(connection, recipient)
    found = []
    for readers in sorted({notice.readers for notice in waiting}):
        mine = [notice for notice in waiting if notice.readers == readers]
        message = _send(connection, service, known, mine, now)
        if message is not None:
            found.append(message)
    return found


def _send(
    connection: Connection,
    service: Service,
    known: Directory,
    waiting: Sequence[Notice],
    now: datetime,
) -> Notification | None:
    """Send what waits for one recipient and the same readers; None where it may not leave yet."""
    id_, readers = waiting[0].recipient, waiting[0].readers
    if not any(has_come(notice.due_at, now) for notice in waiting):
        return None  # another worker has sent them meanwhile
    recipient = known.all.get(id_)
    if recipient is None or (readers and readers not in recipient.licences):
        recipient = in_the_log(id_)
    ids = [notice.id for notice in waiting]
    if not any(notice.urgent for notice in waiting):
        leaves_at = _room_at(connection, recipient, waiting, now)
        if leaves_at > now:
            notices.put_off(connection, ids, leaves_at)
            return None
    ground = _footing(connection, service, recipient, waiting, now)
    links = links_for(connection, service, recipient, waiting, now)
    message = compose(recipient, waiting, now, service.base_url, ground, links)
    held = id_ in known.disabled
    outbox.enqueue(connection, [(id_, message)], held=held, readers=readers)
    notices.leave(connection, ids, message.id)
    return message


def _room_at(
    connection: Connection, recipient: Recipient, waiting: Sequence[Notice], now: datetime
) -> datetime:
    """When a message may leave. What calls nobody to act leaves one message of the day to a new
    alert; where there is one a day, what was sent without a call takes none from it."""
    pace, since, readers = recipient.pace, now - DAY, waiting[0].readers
    most = pace.most_a_day
    calls = any(_calls_to_act(notice) for notice in waiting)
    if most is not None and not calls:
        pace = replace(pace, most_a_day=max(1, most - 1))
    if most == 1 and calls:
        told = notices.left_since(connection, recipient.id, since)
        called = (at for notice, at in told if notice.readers == readers and _calls_to_act(notice))
        sent = sorted(set(called))
    else:
        sent = outbox.sent_to(connection, recipient.id, since=since, readers=readers)
    return pace.room_at(now, sent)


def _calls_to_act(notice: Notice) -> bool:
    return notice.about is About.ALERT and notice.facts.get("change") in CALLS_TO_ACT


def _footing(
    connection: Connection,
    service: Service,
    recipient: Recipient,
    waiting: Sequence[Notice],
    now: datetime,
) -> Callable[[str], str]:
    """What to say of the sources that news of alerts rests on, in a language."""
    if all(notice.about is not About.ALERT for notice in waiting):
        return lambda _: ""
    countries = () if "*" in recipient.countries else recipient.countries
    return footing(connection, service, countries, now, recipient.licences).notice
