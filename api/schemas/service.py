"""Wire shapes of what the service says of itself, and of problems."""

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.polled import Listed, example
from ewarn.domain.source import Health


class OutageRecord(BaseModel):
    """A region from which nearly nothing comes any more, of any kind: no calm."""

    model_config = example(region="TG-M", until="2020-01-05", records=3, expected=60.0)

    region: str
    until: date = Field(description="Last of the three days looked at.")
    records: int = Field(description="Records of all kinds that came in these days.")
    expected: float = Field(description="What was to be expected from the weeks before.")


class BaselineRecord(BaseModel):
    """How many weeks of the last year a source has observed, and what can be seen by it."""

    model_config = example(
        weeks_read=12,
        weeks_wanted=52,
        read_from="2018-12-17",
        is_whole=False,
        words="12 of 52 weeks of its past were read: ...",
    )

    weeks_read: int
    weeks_wanted: int
    read_from: date = Field(description="The day from which on its past should be read.")
    is_whole: bool
    words: str


class SourceRecord(BaseModel):
    """A source. Its terms are null where it is known from imported files only."""

    model_config = example(
        source="invented",
        health="ok",
        reason="12 events",
        last_success_at="2020-01-06T00:00:00+00:00",
        last_event_on="2020-01-05",
        cadence_hours=None,
        unread=0,
        outages=[],
        completeness="observed in 100% of the last 12 weeks, over 1 country",
        baseline=None,
        outcomes=None,
        attribution="Invented for the tests",
        licence="CC0-1.0",
        redistribute=True,
        train=True,
        url="https://example.org/",
    )

    source: str
    health: Health
    reason: str
    last_success_at: datetime | None
    last_event_on: date | None = Field(
        description="The latest day that has come of its events that this key may read."
    )
    cadence_hours: float | None = Field(
        description="How often something new is expected, learned from the source's own history."
    )
    unread: int = Field(description="Payloads that could not be read so far.")
    outages: list[OutageRecord] = Field(
        description="Regions of this key whose whole volume has dropped."
    )
    completeness: str
    baseline: BaselineRecord | None = Field(
        description="How much of its past was read; null where its past cannot be read."
    )
    outcomes: str | None = Field(
        description="How many matured outcomes of another source its models can learn from, in "
        "words, as of now; null where it tells its own, or may not be learned from."
    )
    attribution: str | None
    licence: str | None
    redistribute: bool | None
    train: bool | None
    url: str | None


class SourceList(Listed):
    """Sources."""

    items: list[SourceRecord]


class Queued(BaseModel):
    """When a source will be read."""

    model_config = example(source="kobo", reads_at="2020-01-06T12:01:00+00:00")

    source: str
    reads_at: datetime


class ModelCard(BaseModel):
    """What a model was fitted on, how well it did, where it is weak."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={
            "example": {
                "model": "invented@1",
                "target": "force",
                "level": "country",
                "horizon_weeks": 4,
                "basis": "calibrated",
                "signals": ["invented:force"],
                "weaknesses": ["It is an example."],
            }
        },
    )


class ModelList(Listed):
    """Model cards."""

    items: list[ModelCard]


class ServiceStatus(BaseModel):
    """How the service stands. In a replay the clock stands at a past day."""

    model_config = example(
        version="0.1.0",
        clock="2020-01-06T00:00:00+00:00",
        mode="live",
        newest_origin="2020-01-06",
        rules_broken=False,
        outbox={"delivered": 3},
    )

    version: str
    clock: datetime
    mode: str = Field(description="`live` or `replay`.")
    newest_origin: date | None
    rules_broken: bool = Field(
        description="Whether the files of rules cannot be used: the last good ones stay in force."
    )
    outbox: dict[str, int] = Field(description="Notifications by state.")


class Probe(BaseModel):
    """A probe's answer."""

    model_config = example(status="ok")

    status: str


class PageConfig(BaseModel):
    """What the page at / needs before it can ask anything."""

    model_config = ConfigDict(extra="forbid")

    version: str
    is_replay: bool
    day: date = Field(description="The clock's day: none later can be asked for.")
    replay_day: date | None
    key: str | None
    cuts: dict[str, dict[str, dict[str, float]]]


class WrongParameter(BaseModel):
    """A parameter and what is wrong with it."""

    parameter: str
    detail: str


class ProblemDocument(BaseModel):
    """A problem (RFC 9457). `type` leads to its explanation."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "type": "/problems#unknown-region",
                "title": "No such region",
                "status": 404,
                "detail": "There is no region 'XX' for this key.",
            }
        }
    )

    type: str
    title: str
    status: int
    detail: str
    errors: list[WrongParameter] = Field(default_factory=list)
    scope: list[str] = Field(default_factory=list)

    @classmethod
    def schema_for_openapi(cls) -> dict[str, Any]:
        """The shape with its parts inside it, to stand in an OpenAPI document."""
        return cls.model_json_schema(ref_template="#/components/schemas/{model}")
