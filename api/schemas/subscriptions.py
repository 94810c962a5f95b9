"""Request bodies for subscriptions."""

from datetime import time
from typing import Annotated

from pydantic import Field

from api.schemas.request_body import RequestBody
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
from ewarn.domain.recipient import Digest
from ewarn.domain.target import Band
from ewarn.egress.definition.shapes import shown


class Quiet(RequestBody):
    """The daily hours in which only critical alerts are sent."""

    begins: ClockTime = shown("22:00")
    ends: ClockTime = shown("06:00")


class SubscriptionBody(RequestBody):
    """A subscription: which alerts are sent to which address.

    An empty field sets no condition.

    - `level` and `at_least` are the lowest level and probability of an alert that is sent. A
      recipient that was notified of an alert is also notified of its end.
    - `digest_at` and `quiet` are local times of `zone`.
    - `most_a_day` limits the messages in 24 hours. The default is two for people and no limit for
      machines. Notifications that must wait are sent together; critical ones never wait.
    - `repeat_days` is the number of days after which an alert that nobody acknowledged is sent
      again; 0 means never.
    """

    channel: Code = shown("webhook")
    address: GivenLine = shown("https://receiver.example.org/alerts")
    language: Language = shown("fr", default="en")
    countries: Codes = shown(["TGO", "BEN"], "Countries, by any code or name.", default=[])
    regions: Codes = shown(["TG-M"], "Regions, by code or name.", default=[])
    targets: Targets = shown(["force"], default=[])
    level: Band = shown("high", "Lowest level of an alert that is sent.", default=Band.UNCALIBRATED)
    at_least: Annotated[Number, Field(gt=0, lt=1)] | None = shown(0.1, default=None)
    digest: Digest | None = shown("daily", default=None)
    digest_at: ClockTime = shown("08:00", default=time(8))
    quiet: Quiet | None = shown({"begins": "22:00", "ends": "06:00"}, default=None)
    zone: Zone = shown("Africa/Lome", default="UTC")
    most_a_day: Annotated[Whole, Field(ge=1, le=1000)] | None = shown(
        2, null="for two messages to people, and no limit for machines", default=None
    )
    repeat_days: Whole = shown(56, default=56, ge=0, le=366)


class VerificationCodeBody(RequestBody):
    """The verification code that was sent to the address."""

    code: Code = shown("0123456789abcdef", "The code that was sent to the address.", min_length=1)
