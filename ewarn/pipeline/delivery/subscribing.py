"""Subscriptions: create, verify by a code sent to the address, test, rotate secrets and end."""

import hashlib
import hmac
import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from ewarn.domain.key import ApiKey
from ewarn.domain.notification import About, News
from ewarn.domain.recipient import Recipient
from ewarn.domain.region import Office
from ewarn.domain.subscription import CODE_HOLDS, Subscription
from ewarn.domain.time import DAY
from ewarn.errors import UnknownName, UsageError
from ewarn.languages import refused_acts
from ewarn.notify.messages.compose import compose
from ewarn.notify.messages.payload_fields import test_facts, verify_facts
from ewarn.pipeline.delivery.notifications import notification_for
from ewarn.pipeline.delivery.recipients import recipient_ids
from ewarn.pipeline.service import Service
from ewarn.store.access import audit
from ewarn.store.delivery import endpoints, notifications, outbox, subscriptions, verification_codes

MOST_OF_A_KEY = 100
# Only the operator may use these channels: the log, and chat services, whose library may resolve
# an address again after it was checked.
OPERATORS = frozenset({"log", "apprise"})
# Limits so that nobody can flood the address of somebody else: the time between two codes to one
# address, the codes to one address in a day from all keys, and the codes of one key in a day.
CODE_AGAIN_AFTER = timedelta(minutes=10)
CODES_TO_AN_ADDRESS = 3
CODES_OF_A_KEY = 20


class Subscribing:
    """What the holder of a key may do with its subscriptions. Each method is one transaction.

    What is recorded in the audit trail names who acted: `by`, or the key if that is empty.

    Args:
        service: Returns the service under the rules in force.

    Raises:
        UnknownName: The key has no such subscription (every method).
        UsageError: The action is not possible (every method).
    """

    def __init__(self, service: Callable[[], Service]) -> None:
        self._service = service

    def subscribe(
        self, key: ApiKey, wishes: Recipient, now: datetime, by: str = ""
    ) -> Subscription:
        """Create a subscription. Until its address is verified, only a code is sent there."""
        service = self._service()
        if wishes.channel not in service.notifiers or wishes.channel in OPERATORS:
            on = ", ".join(sorted(service.notifiers.keys() - OPERATORS)) or "none"
            raise UsageError(refused_acts.CHANNEL_OFF(channel=repr(wishes.channel), channels=on))
        id_ = f"sub_{secrets.token_hex(8)}"
        asked = Subscription(
            id=id_,
            key_prefix=key.prefix,
            owner=key.name,
            recipient=replace(wishes, id=id_, owner=key.prefix),
            created_at=now,
        )
        with service.store.write() as connection:
            if len(subscriptions.of_keys(connection, [key.prefix])) >= MOST_OF_A_KEY:
                raise UsageError(refused_acts.TOO_MANY_SUBSCRIPTIONS(most=MOST_OF_A_KEY))
            subscriptions.add(connection, asked)
            _record(connection, by or key.name, asked, "subscribed", now)
            return self._send_code(connection, service, asked, now)

    def send_code(self, key: ApiKey, id_: str, now: datetime, by: str = "") -> Subscription:
        """Send another code; the previous one is no longer valid."""
        service = self._service()
        with service.store.write() as connection:
            found = _own_subscription(connection, key, id_)
            _record(connection, by or key.name, found, "code sent", now)
            return self._send_code(connection, service, found, now)

    def verify(self, key: ApiKey, id_: str, code: str, now: datetime, by: str = "") -> Subscription:
        """Verify an address by the code sent there; a disabled address is enabled again."""
        with self._service().store.write() as connection:
            found = _own_subscription(connection, key, id_)
            if found.code_hash is None or found.code_expires_at is None:
                raise UsageError(refused_acts.NO_CODE_SENT())
            if now >= found.code_expires_at:
                raise UsageError(refused_acts.CODE_EXPIRED())
            if not hmac.compare_digest(found.code_hash, _hash(code)):
                raise UsageError(refused_acts.CODE_WRONG())
            proved = replace(found, verified_at=now, code_hash=None, code_expires_at=None)
            subscriptions.change(connection, proved)
            _record(connection, by or key.name, proved, "verified", now)
            endpoints.enable(connection, id_)
            return proved

    def test(self, key: ApiKey, id_: str, now: datetime, by: str = "") -> str:
        """Send a test message and return the id of its delivery."""
        service = self._service()
        with service.store.write() as connection:
            found = _own_subscription(connection, key, id_)
            if not found.is_active_at(now):
                raise UsageError(refused_acts.NOT_VERIFIED())
            _record(connection, by or key.name, found, "test sent", now)
            return _send(connection, service, found, About.TEST, now, test_facts())

    def rotate(self, key: ApiKey, id_: str, now: datetime, by: str = "") -> Subscription:
        """Sign with a new secret; the previous secret also signs for one more day."""
        with self._service().store.write() as connection:
            found = _own_subscription(connection, key, id_)
            if len(found.signers_at(now)) > 1:
                raise UsageError(refused_acts.ROTATED_LATELY())
            turned = replace(found, generation=found.generation + 1, rotated_at=now)
            subscriptions.change(connection, turned)
            _record(connection, by or key.name, turned, "rotated", now)
            return turned

    def end(self, key: ApiKey, id_: str, now: datetime, by: str = "") -> Subscription:
        """End a subscription: its recipient is no longer notified."""
        with self._service().store.write() as connection:
            over = replace(_own_subscription(connection, key, id_), ended_at=now)
            subscriptions.change(connection, over)
            _record(connection, by or key.name, over, "ended", now)
            outbox.hold(connection, id_)
            return over

    def _send_code(
        self, connection: Connection, service: Service, to: Subscription, now: datetime
    ) -> Subscription:
        _check_codes(connection, to, now)
        code = secrets.token_hex(8)
        asked = replace(to, code_hash=_hash(code), code_expires_at=now + CODE_HOLDS)
        subscriptions.change(connection, asked)
        _send(
            connection,
            service,
            asked,
            About.VERIFY,
            now,
            verify_facts(code, asked.id, now + CODE_HOLDS),
        )
        return asked


def _own_subscription(connection: Connection, key: ApiKey, id_: str) -> Subscription:
    found = subscriptions.find(connection, id_)
    if found is None or not _manages(key, found) or found.ended_at is not None:
        raise UnknownName(refused_acts.SUBSCRIPTION_UNKNOWN(id=repr(id_[:60])))
    return found


def _check_codes(connection: Connection, to: Subscription, now: datetime) -> None:
    """Count a code that is about to be sent.

    Raises:
        UsageError: Too many codes were sent to the address or for the key.
    """
    address, yesterday = to.recipient.address, now - DAY
    just_now = now - CODE_AGAIN_AFTER
    if verification_codes.sent(connection, just_now, address=address):
        raise UsageError(refused_acts.CODE_SENT_LATELY())
    if verification_codes.sent(connection, yesterday, address=address) >= CODES_TO_AN_ADDRESS:
        raise UsageError(refused_acts.CODES_TO_ADDRESS(most=CODES_TO_AN_ADDRESS))
    if verification_codes.sent(connection, yesterday, key_prefix=to.key_prefix) >= CODES_OF_A_KEY:
        raise UsageError(refused_acts.CODES_OF_KEY(most=CODES_OF_A_KEY))
    verification_codes.record(connection, now, to.key_prefix, address, forget_before=yesterday)


def _manages(key: ApiKey, found: Subscription) -> bool:
    """Return whether a key may manage a subscription.

    A key manages its own. An administrator's key also manages those of others whose countries it
    covers.
    """
    is_admin = key.allows("admin") and key.covers_all(found.recipient.countries)
    return found.key_prefix == key.prefix or is_admin


def _record(connection: Connection, by: str, found: Subscription, done: str, now: datetime) -> None:
    """Store an act in the audit trail, without the address, because the trail cannot be erased."""
    wishes = found.recipient
    after = {"channel": wishes.channel, "countries": list(wishes.countries)}
    act = audit.Act(audit.SUBSCRIPTION, found.id, None, done, now.date(), now, by, "", after)
    audit.record(connection, [act])


def _send(
    connection: Connection,
    service: Service,
    to: Subscription,
    about: About,
    now: datetime,
    facts: dict[str, object],
) -> str:
    """Put one message into the outbox at once, whatever the recipient's pace, and return its id."""
    news = News(
        about=about,
        thread=to.id,
        occasion=secrets.token_hex(8),
        countries=("*",),
        facts=lambda _: facts,
        urgent=True,
    )
    notification = notification_for(to.recipient, news, now)
    message = compose(to.recipient, [notification], now, service.base_url)
    notifications.add(connection, [notification])
    outbox.enqueue(connection, [(to.id, message)])
    notifications.leave(connection, [notification.id], message.id)
    return message.id


def _hash(code: str) -> str:
    return hashlib.sha256(code.strip().encode()).hexdigest()


def visible_recipients(
    connection: Connection, key: ApiKey, offices: Sequence[Office]
) -> list[str] | None:
    """Return the ids of the recipients whose messages a key may see, or None for all recipients.

    An administrator of some countries also sees the recipients of offices that watch only these
    countries.
    """
    if key.allows("admin") and key.is_everywhere:
        return None
    seen = [each.id for each in owned(connection, key)]
    if key.allows("admin"):
        seen += recipient_ids([each for each in offices if key.covers_all(each.countries)])
    return seen


def owned(connection: Connection, key: ApiKey) -> Sequence[Subscription]:
    """Return the running subscriptions that a key manages (see `_manages`)."""
    found = subscriptions.of_keys(connection, None if key.allows("admin") else [key.prefix])
    return [each for each in found if _manages(key, each)]
