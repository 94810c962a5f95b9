"""Subscriptions, and the messages that are sent to them."""

from datetime import datetime, time

from ewarn.domain.delivery import Outcome
from ewarn.domain.recipient import Digest
from ewarn.domain.target import Band, Target
from ewarn.egress.shapes import Shape, shown


class QuietHoursRecord(Shape):
    """Hours of every day in which only what is critical is sent."""

    begins: time = shown("22:00")
    ends: time = shown("06:00")


class SubscriptionRecord(Shape):
    """A subscription. Nothing but a code is sent there before it is `verified_at`.

    `disabled_at` is set where the address took nothing any more; verify it again to go on.
    """

    id: str = shown("sub_0123456789abcdef")
    owner: str = shown("dakar", description="The key that asked for it.")
    channel: str = shown("webhook")
    address: str = shown("https://receiver.example.org/alerts")
    language: str = shown("fr")
    countries: list[str] = shown(["TGO", "BEN"], description="Alpha-3 codes, or `*` for all.")
    regions: list[str] = shown([])
    targets: list[Target] = shown([])
    level: Band = shown("high")
    at_least: float | None = shown(None)
    digest: Digest | None = shown(None)
    digest_at: time = shown("08:00:00")
    quiet: QuietHoursRecord | None
    zone: str = shown("Africa/Lome")
    most_a_day: int | None = shown(None)
    repeat_days: int | None = shown(56)
    created_at: datetime = shown("2020-03-02T00:00:00+00:00")
    verified_at: datetime | None = shown(None)
    ended_at: datetime | None = shown(None)
    rotated_at: datetime | None = shown(None)
    failing_since: datetime | None = shown(None, description="Since when nothing was taken there.")
    disabled_at: datetime | None = shown(None)
    reason: str = shown("", description="What the address last answered, while it fails.")


class SubscriptionWithSecret(SubscriptionRecord):
    """With the secret that signs what is sent there: shown when it is made, and never again."""

    secret: str | None = shown(
        "whsec_...", description="`whsec_...`; null where the channel signs nothing."
    )


class Tested(Shape):
    """The delivery of a test message: `/v1/deliveries/{id}` tells how it went."""

    delivery: str = shown("msg_0123456789abcdef")


class AttemptRecord(Shape):
    """One attempt to hand a message over."""

    at: datetime = shown("2020-03-02T06:00:00+00:00")
    outcome: Outcome = shown("delivered")
    detail: str = shown("HTTP 204")


class DeliveryRecord(Shape):
    """A message on its way: `waiting`, `delivered`, or `dead` until it is sent again by hand."""

    id: str = shown("msg_0123456789abcdef")
    subscription: str = shown(
        "sub_0123456789abcdef", description="Subscription, or recipient of an office."
    )
    channel: str = shown("webhook")
    subject: str = shown("Maritime: alert opened, level high")
    created_at: datetime = shown("2020-03-02T06:00:00+00:00")
    state: str = shown("delivered")
    attempts: int = shown(1)
    next_attempt_at: datetime | None = shown(
        None, description="When it is tried next, if it waits."
    )


class DeliveryWithAttempts(DeliveryRecord):
    """A message with every attempt to hand it over, the oldest first."""

    tried: list[AttemptRecord]
