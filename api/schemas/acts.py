"""What people send when they act on alerts, and silences as they are answered."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from api.schemas.polled import Listed, example
from api.serving.texts import Codes, GivenWords, Moment, Names, Targets, Words
from ewarn.domain.alert import Assessment
from ewarn.domain.target import Target


class Acknowledgement(BaseModel):
    """Who saw it is whose key it is; a note may say what happens next."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"note": "Calling the country team."}}
    )

    note: Words = ""


class Judgement(BaseModel):
    """What an alert proved to be, and what that rests on. Names of people do not belong here."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {"finding": "true alarm", "comment": "Two weeks later force was used."}
        },
    )

    finding: Assessment
    comment: GivenWords


class Closing(BaseModel):
    """Why an alert is ended by hand."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"reason": "A copy of another one."}}
    )

    reason: GivenWords


class SilenceAsked(BaseModel):
    """Whose news is held back until when, and why. What is left empty leaves nothing out, but
    something must be named: one that covers every alert is refused.

    Regions must lie in the countries that are named, and rules be in force. `offices` stand for
    the countries they watch. A key that covers some countries only speaks of these where it names
    none. Without `starts_at` it begins at once; an end is always needed.
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

    reason: GivenWords
    starts_at: Moment | None = None
    ends_at: Moment
    countries: Codes = []
    regions: Codes = []
    offices: Names = []
    targets: Targets = []
    rules: Names = []


class SilenceRecord(BaseModel):
    """A silence: alerts are recorded all the same, and told when it is over if they still stand.

    What the key does not cover is left out; `reason` is withheld where something was.
    """

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
