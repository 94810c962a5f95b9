"""Request bodies for deployments and recommendations."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from api.schemas.request_body import RequestBody
from api.serving.problems import wrong_fields
from api.serving.texts import (
    UNIQUE,
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
from ewarn.egress.definition.shapes import shown
from ewarn.languages import field_faults

_OF_PLAYBOOK = "to use that of the playbook"
_TODAY = "for today"

_Few = Field(max_length=50, json_schema_extra=UNIQUE)
_Roles = Annotated[list[GivenName], _Few, NotRepeated]
_Weeks = Annotated[list[Annotated[Whole, Field(ge=1, le=1040)]], _Few, NotRepeated]
_Steps = Literal[
    StepKind.CONSENT_REQUESTED,
    StepKind.CONSENTED,
    StepKind.REFUSED,
    StepKind.DEPLOYED,
    StepKind.ENDED,
    StepKind.WITHDRAWN,
    StepKind.REVIEWED,
]


class DeploymentBody(RequestBody):
    """A proposed deployment to a country.

    Name a playbook, or give `team`, `owner` and `consent_of` (whose consent is needed). Values
    given beside a playbook replace its own. `length_weeks` of null means no planned end. Team and
    owner are roles or offices: do not write names of people.
    """

    country: Code = shown("TGO", "Country, by any code or name.")
    reason: GivenWords = shown("Force was used in three towns.")
    on: Day | None = shown("2017-10-02", "The day it was proposed.", null=_TODAY, default=None)
    playbook: Name | None = shown("deployment", default=None)
    alert_id: Name | None = shown("alert-0123456789abcdef", null="if it answers none", default=None)
    team: _Roles | None = shown(["human-rights officer"], null=_OF_PLAYBOOK, default=None)
    length_weeks: Annotated[Whole, Field(ge=1, le=520)] | None = shown(17, default=None)
    consent_of: Name | None = shown("the Government", null=_OF_PLAYBOOK, default=None)
    owner: Name | None = shown("regional office", null=_OF_PLAYBOOK, default=None)
    preconditions: _Roles | None = shown(
        ["the Government's approval"], null=_OF_PLAYBOOK, default=None
    )
    review_weeks: _Weeks | None = shown(
        [4, 13], "Weeks after the end in which it is reviewed.", null=_OF_PLAYBOOK, default=None
    )


class StepBody(RequestBody):
    """The next step of a deployment, its reason, and the day on which it was done.

    Without `on` it is today.
    """

    step: _Steps = shown("consented", "What was done.")
    reason: GivenWords = shown("The Foreign Ministry agreed in writing.")
    on: Day | None = shown("2017-10-30", null=_TODAY, default=None)


class RecommendationBody(RequestBody):
    """A recommendation to a country. Owner and addressee are roles or offices, not people."""

    country: Code = shown("TGO", "Country, by any code or name.")
    body: Body = shown("upr")
    text: GivenLongWords = shown("An invented recommendation.")
    theme: Theme = shown("assembly", default=Theme.OTHER)
    reference: Line = shown("A/HRC/34/4, 128.1", default="")
    addressee: Line = shown("Ministry of Justice", default="")
    owner: GivenName = shown("regional office")
    given_on: Day = shown("2016-11-04")
    due_on: Day | None = shown("2017-11-04", default=None)
    review_on: Day | None = shown("2017-12-01", default=None)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        for name in ("due_on", "review_on"):
            day = getattr(self, name)
            if day is not None and day < self.given_on:
                raise wrong_fields((name, field_faults.BEFORE_GIVEN(day=self.given_on)))
        return self


class StatusQuery(RequestBody):
    """The new status of a recommendation, the evidence for it, and when to review it again."""

    status: Status = shown("under_way", "The new status.")
    evidence: GivenWords = shown("An invented bill was tabled.")
    on: Day | None = shown("2017-10-02", "Since when it has it.", null=_TODAY, default=None)
    review_on: Day | None = shown("2017-12-01", default=None)
