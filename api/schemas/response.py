"""What people send of deployments and recommendations."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from api.serving.problems import wrong_fields
from api.serving.texts import (
    Code,
    Day,
    GivenLongWords,
    GivenName,
    GivenWords,
    Line,
    Name,
    NotRepeated,
    Whole,
)
from ewarn.domain.deployment import StepKind
from ewarn.domain.recommendation import Body, Status, Theme

_Roles = Annotated[list[GivenName], Field(max_length=50), NotRepeated]
_Weeks = Annotated[list[Annotated[Whole, Field(ge=1, le=1040)]], Field(max_length=50), NotRepeated]
_Steps = Literal[
    StepKind.CONSENT_REQUESTED,
    StepKind.CONSENTED,
    StepKind.REFUSED,
    StepKind.DEPLOYED,
    StepKind.ENDED,
    StepKind.WITHDRAWN,
    StepKind.REVIEWED,
]


class DeploymentAsked(BaseModel):
    """What is proposed for a country: by a playbook, or by team, owner and whose consent is asked.

    What is given beside a playbook stands in place of its own. `length_weeks` of null is
    open-ended. Team and owner are roles or offices: names of people do not belong here.
    """

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "country": "TGO",
                "playbook": "deployment",
                "alert_id": "a1",
                "reason": "Force was used in three towns.",
            }
        },
    )

    country: Code
    reason: GivenWords
    on: Day | None = None
    playbook: Name | None = None
    alert_id: Name | None = None
    team: _Roles | None = None
    length_weeks: Annotated[Whole, Field(ge=1, le=520)] | None = None
    consent_of: Name | None = None
    owner: Name | None = None
    preconditions: _Roles | None = None
    review_weeks: _Weeks | None = None


class StepAsked(BaseModel):
    """The next step: what, why, and on which day it was taken (today if none is given)."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {"step": "consented", "reason": "Note of the Foreign Ministry."}
        },
    )

    step: _Steps
    reason: GivenWords
    on: Day | None = None


class RecommendationAsked(BaseModel):
    """A recommendation to a country. Owner and addressee are roles or offices, not people."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "country": "TGO",
                "body": "upr",
                "text": "An invented recommendation.",
                "theme": "assembly",
                "owner": "regional office",
                "given_on": "2019-11-01",
            }
        },
    )

    country: Code
    body: Body
    text: GivenLongWords
    theme: Theme = Theme.OTHER
    reference: Line = ""
    addressee: Line = ""
    owner: GivenName
    given_on: Day
    due_on: Day | None = None
    review_on: Day | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        for name in ("due_on", "review_on"):
            day = getattr(self, name)
            if day is not None and day < self.given_on:
                raise wrong_fields((name, f"lies before given_on, {self.given_on}"))
        return self


class StatusAsked(BaseModel):
    """How far a recommendation has come, what that rests on, and when to look again."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {"status": "under_way", "evidence": "A bill was tabled in May."}
        },
    )

    status: Status
    evidence: GivenWords
    on: Day | None = None
    review_on: Day | None = None
