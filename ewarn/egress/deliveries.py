"""Subscriptions, and the messages that are sent to them."""

from datetime import datetime, time
from typing import Annotated, Literal

from pydantic import Field, WithJsonSchema

from ewarn.domain.delivery import Outcome
from ewarn.domain.recipient import Digest
from ewarn.domain.target import Band, Target
from ewarn.egress.definition.shapes import Shape, shown

# A time of day without a zone, which is a separate field. The format `time` would ask for one.
_LocalTime = Annotated[
    time,
    WithJsonSchema({"type": "string", "pattern": r"^([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?$"}),
]


class QuietHoursRecord(Shape):
    """Hours of every day in which only critical news is sent."""

    begins: _LocalTime = shown("22:00:00")
    ends: _LocalTime = shown("06:00:00")


class SubscriptionRecord(Shape):
    """A subscription. Before its address is verified (`verified_at`), only a code is sent there.

    `disabled_at` is set if the address accepted nothing any more; verify it again to continue.
    """

    id: str = shown("sub_0123456789abcdef")
    owner: str = shown("dakar", "The name of the key that created it.")
    channel: str = shown("webhook")
    address: str = shown("https://receiver.example.org/alerts")
    language: str = shown("fr")
    countries: list[str] = shown(
        ["TGO", "BEN"],
        "Countries of the alerts that are sent, by ISO 3166-1 alpha-3 codes; `*` stands for all.",
    )
    regions: list[str] = shown(["TG-M"])
    targets: list[Target] = shown(["force"])
    level: Band = shown("high", "Lowest level of an alert that is sent.")
    at_least: float | None = shown(0.1, gt=0, lt=1)
    digest: Digest | None = shown("daily")
    digest_at: _LocalTime = shown("08:00:00")
    quiet: QuietHoursRecord | None
    zone: str = shown("Africa/Lome")
    most_a_day: int | None = shown(2)
    repeat_days: int | None = shown(56)
    created_at: datetime = shown("2017-10-02T00:00:00+00:00")
    verified_at: datetime | None = shown(
        "2017-10-02T00:10:00+00:00",
        "When its address was last verified.",
        null="before that: only a code is sent there",
    )
    ended_at: datetime | None = shown("2018-03-05T09:00:00+00:00")
    rotated_at: datetime | None = shown(
        "2017-12-04T09:00:00+00:00", "When its secret was last replaced.", null="if it never was"
    )
    failing_since: datetime | None = shown(
        "2018-02-26T06:00:00+00:00",
        "Since when the address has accepted nothing.",
        null="while it accepts messages",
    )
    disabled_at: datetime | None = shown(
        "2018-03-03T06:00:00+00:00",
        "When it was switched off because the address accepted nothing any more. "
        "Verify it again to continue.",
        null="while it is on",
    )
    reason: str = shown(
        "HTTP 503", "The last answer of the address while it is failing; empty otherwise."
    )


class SubscriptionWithSecret(SubscriptionRecord):
    """A subscription with the secret that signs its messages: shown once, when it is created."""

    secret: str | None = shown(
        "whsec_...",
        "The secret that signs its messages, shown this once: `whsec_` and Base64.",
        null="if the channel signs nothing",
    )


class Tested(Shape):
    """The delivery of a test message; `/v1/deliveries/{id}` returns its result."""

    delivery: str = shown(
        "msg_0123456789abcdef0123456789abcdef", "Id of the delivery of the test message."
    )


class AttemptRecord(Shape):
    """One attempt to hand a message over."""

    at: datetime = shown("2017-10-02T06:00:00+00:00")
    outcome: Outcome = shown(
        "delivered", "Result: `delivered`, `retry`, `refused` for this message, or `gone` for ever."
    )
    detail: str = shown("HTTP 204", "What the receiver answered, in words.")


class DeliveryRecord(Shape):
    """A message: `waiting`, `delivered`, or `dead` until somebody sends it again."""

    id: str = shown("msg_0123456789abcdef0123456789abcdef")
    subscription: str = shown("sub_0123456789abcdef")
    channel: str = shown("webhook")
    subject: str = shown("Maritime: alert opened, level high", "Its subject line.")
    created_at: datetime = shown("2017-10-02T06:00:00+00:00")
    state: Literal["waiting", "delivered", "dead"] = shown(
        "waiting", "`waiting`, `delivered`, or `dead` until somebody sends it again."
    )
    attempts: int = shown(1, "How often it was tried.", ge=0)
    next_attempt_at: datetime | None = shown(
        "2017-10-02T06:05:00+00:00", "When it is tried next.", null="if it is not waiting"
    )


class DeliveryWithAttempts(DeliveryRecord):
    """A message with every attempt to hand it over, the oldest first."""

    tried: list[AttemptRecord] = Field(description="Every attempt to hand it over, oldest first.")
