"""What people send when they subscribe."""

from datetime import time
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

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


class CodeSaid(BaseModel):
    """The code that was sent to the address."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"code": "0123456789abcdef"}}
    )

    code: Code = Field(min_length=1)
