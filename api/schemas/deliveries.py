"""Subscriptions and deliveries: what people send, and how they are answered."""

from datetime import datetime, time
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.polled import Listed, example
from api.serving.texts import (
    ClockTime,
    Code,
    Codes,
    GivenLine,
    Language,
    Number,
    Targets,
    Whole,
    Zone,
)
from ewarn.domain.delivery import Outcome
from ewarn.domain.recipient import Digest
from ewarn.domain.target import Band, Target

_ASKED: dict[str, Any] = {
    "channel": "webhook",
    "address": "https://receiver.example.org/alerts",
    "language": "fr",
    "countries": ["TGO", "BEN"],
    "level": "high",
    "quiet": {"begins": "22:00", "ends": "06:00"},
    "zone": "Africa/Lome",
}


class Quiet(BaseModel):
    """Hours of every day in which only what is critical is sent."""

    model_config = ConfigDict(extra="forbid")

    begins: ClockTime
    ends: ClockTime


class SubscriptionAsked(BaseModel):
    """What is to be told where. What is left empty leaves nothing out.

    `level` and `at_least` are the lowest level and probability of an alert that is told; who heard
    of an alert hears of its end too. `digest_at` and `quiet` are read on the clock of `zone`.
    Without `most_a_day` people are sent two messages in 24 hours at most, machines any number; what
    waits goes together, and what is critical waits for nothing. `repeat_days` after the last word
    of an alert that nobody acknowledged it is told again; 0 for never.
    """

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": _ASKED})

    channel: Code
    address: GivenLine
    language: Language = "en"
    countries: Codes = []
    regions: Codes = []
    targets: Targets = []
    level: Band = Band.UNCALIBRATED
    at_least: Annotated[Number, Field(gt=0, lt=1)] | None = None
    digest: Digest | None = None
    digest_at: ClockTime = time(8)
    quiet: Quiet | None = None
    zone: Zone = "UTC"
    most_a_day: Annotated[Whole, Field(ge=1, le=1000)] | None = None
    repeat_days: Whole = Field(56, ge=0, le=366)


class SubscriptionRecord(BaseModel):
    """A subscription. Nothing but a code is sent there before it is `verified_at`.

    `disabled_at` is set where the address took nothing any more; verify it again to go on.
    """

    model_config = example(
        **_ASKED,
        regions=[],
        targets=[],
        at_least=None,
        digest=None,
        digest_at="08:00:00",
        most_a_day=None,
        repeat_days=56,
        id="sub_0123456789abcdef",
        owner="dakar",
        created_at="2020-03-02T00:00:00+00:00",
        verified_at=None,
        ended_at=None,
        rotated_at=None,
        failing_since=None,
        disabled_at=None,
        reason="",
    )

    id: str
    owner: str = Field(description="The key that asked for it.")
    channel: str
    address: str
    language: str
    countries: list[str] = Field(description="Alpha-3 codes, or `*` for all.")
    regions: list[str]
    targets: list[Target]
    level: Band
    at_least: float | None
    digest: Digest | None
    digest_at: time
    quiet: Quiet | None
    zone: str
    most_a_day: int | None
    repeat_days: int | None
    created_at: datetime
    verified_at: datetime | None
    ended_at: datetime | None
    rotated_at: datetime | None
    failing_since: datetime | None = Field(description="Since when nothing was taken there.")
    disabled_at: datetime | None
    reason: str = Field(description="What the address last answered, while it fails.")


class SubscriptionWithSecret(SubscriptionRecord):
    """With the secret that signs what is sent there: shown when it is made, and never again."""

    secret: str | None = Field(description="`whsec_...`; null where the channel signs nothing.")


class SubscriptionList(Listed):
    """Subscriptions."""

    items: list[SubscriptionRecord]


class CodeSaid(BaseModel):
    """The code that was sent to the address."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"code": "0123456789abcdef"}}
    )

    code: Code = Field(min_length=1)


class Tested(BaseModel):
    """The delivery of a test message: `/v1/deliveries/{id}` tells how it went."""

    model_config = example(delivery="msg_0123456789abcdef")

    delivery: str


class AttemptRecord(BaseModel):
    """One attempt to hand a message over."""

    model_config = example(at="2020-03-02T06:00:00+00:00", outcome="delivered", detail="HTTP 204")

    at: datetime
    outcome: Outcome
    detail: str


class DeliveryRecord(BaseModel):
    """A message on its way: `waiting`, `delivered`, or `dead` until it is sent again by hand."""

    model_config = example(
        id="msg_0123456789abcdef",
        subscription="sub_0123456789abcdef",
        channel="webhook",
        subject="Maritime: alert opened, level high",
        created_at="2020-03-02T06:00:00+00:00",
        state="delivered",
        attempts=1,
        next_attempt_at=None,
    )

    id: str
    subscription: str = Field(description="Subscription, or recipient of an office.")
    channel: str
    subject: str
    created_at: datetime
    state: str
    attempts: int
    next_attempt_at: datetime | None = Field(description="When it is tried next, if it waits.")


class DeliveryWithAttempts(DeliveryRecord):
    """A message with every attempt to hand it over, the oldest first."""

    tried: list[AttemptRecord]


class DeliveryList(Listed):
    """Deliveries, the newest first."""

    items: list[DeliveryRecord]
