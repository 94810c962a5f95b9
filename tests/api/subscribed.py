"""Two subscriptions of a key: a verified one with a dead message, and one that awaits its code."""

from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

from ewarn.domain.delivery import Message
from ewarn.domain.recipient import Recipient
from ewarn.domain.subscription import Subscription
from ewarn.store.delivery import outbox, subscriptions
from tests.api.world import NOW, World

CODE = "0123456789abcdef"


def subscribe(world: World, prefix: str) -> None:
    """Store both for the key with a prefix."""
    desk = Recipient("sub1", prefix, "webhook", "https://example.org/in", "en")
    proved = Subscription("sub1", prefix, "a test", desk, NOW, verified_at=NOW)
    asked = replace(
        proved,
        id="sub2",
        verified_at=None,
        code_hash=sha256(CODE.encode()).hexdigest(),
        code_expires_at=NOW + timedelta(days=1),
    )
    message = Message("msg1", "webhook", desk.address, "An invented one", "", {}, NOW)
    with world.store.write() as connection:
        subscriptions.add(connection, proved)
        subscriptions.add(connection, asked)
        outbox.enqueue(connection, [("sub1", message)], held=True)
