"""What people send when they act on alerts, and silences as they are answered."""

from datetime import datetime

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from api.schemas import Listed, example
from ewarn.domain.alert import Assessment
from ewarn.domain.target import Target

_WORDS = 2000


class Acknowledgement(BaseModel):
    """Who saw it is whose key it is; a note may say what happens next."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"note": "Calling the country team."}}
    )

    note: str = Field("", max_length=_WORDS)


class Judgement(BaseModel):
    """What an alert proved to be, and what that rests on. Names of people do not belong here."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {"finding": "true alarm", "comment": "Two weeks later force was used."}
        },
    )

    finding: Assessment
    comment: str = Field(min_length=1, max_length=_WORDS)


class Closing(BaseModel):
    """Why an alert is ended by hand."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"reason": "A copy of another one."}}
    )

    reason: str = Field(min_length=1, max_length=_WORDS)


class SilenceAsked(BaseModel):
    """Whose news is held back until when, and why. What is left empty leaves nothing out.

    A key that covers some countries only must name its countries. Without `starts_at` it begins at
    once; an end is always needed.
    """

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "reason": "The source is being repaired.",
                "ends_at": "2020-03-09T00:00:00+00:00",
                "countries": ["TGO"],
            }
        },
    )

    reason: str = Field(min_length=1, max_length=_WORDS)
    starts_at: AwareDatetime | None = None
    ends_at: AwareDatetime
    countries: list[str] = []
    regions: list[str] = []
    targets: list[Target] = []
    rules: list[str] = Field([], max_length=100)


class SilenceRecord(BaseModel):
    """A silence: alerts are recorded all the same, and told when it is over if they still stand."""

    model_config = example(
        id="s1",
        author="Dakar",
        reason="The source is being repaired.",
        starts_at="2020-03-02T12:00:00+00:00",
        ends_at="2020-03-09T00:00:00+00:00",
        countries=["TGO"],
        regions=[],
        targets=[],
        rules=[],
        ended_at=None,
        ended_by=None,
        in_force=True,
    )

    id: str
    author: str
    reason: str
    starts_at: datetime
    ends_at: datetime
    countries: list[str]
    regions: list[str]
    targets: list[Target]
    rules: list[str]
    ended_at: datetime | None
    ended_by: str | None
    in_force: bool


class SilenceList(Listed):
    """Silences."""

    items: list[SilenceRecord]
