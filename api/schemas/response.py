"""Wire shapes of the response: deployments and recommendations, as asked and as answered."""

from datetime import date, datetime
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from api.schemas.polled import Listed, example
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
from ewarn.domain.deployment import Stage, StepKind
from ewarn.domain.effect import Verdict
from ewarn.domain.recommendation import Body, RecommendationAct, Status, Theme

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


class StepRecord(BaseModel):
    """A step: `on` is its day in the world, `at` when it was recorded."""

    sequence: int
    kind: StepKind
    on: date
    at: datetime
    actor: str
    reason: str
    hash: str


class EstimateRecord(BaseModel):
    """Events as a multiple of what was to be expected, with the 90% interval."""

    method: str
    ratio: float
    low: float
    high: float
    placebos: int
    as_large: float


class EffectRecord(BaseModel):
    """What came of a deployment; there are no estimates where nothing can be said."""

    verdict: Verdict
    reasons: list[str]
    cautions: list[str]
    estimates: list[EstimateRecord]
    source: str
    outcome: str
    first_week: date
    start: date
    end: date


class DeploymentRecord(BaseModel):
    """A deployment as it stands. Nobody is deployed without consent."""

    model_config = example(
        id="deployment-1",
        country="TGO",
        country_name="Togo",
        stage="consent_requested",
        team=["human-rights officer", "constitutional expert"],
        length_weeks=17,
        consent_of="the Government",
        preconditions=["the Government's approval"],
        owner="regional office",
        alert_id="a1",
        playbook="deployment",
        proposed_on="2020-02-24",
        deployed_on=None,
        planned_end=None,
        ended_on=None,
        next_review=None,
        effect=None,
        notice="",
    )

    id: str
    country: str
    country_name: str
    stage: Stage
    team: list[str]
    length_weeks: int | None
    consent_of: str
    preconditions: list[str]
    owner: str
    alert_id: str | None
    playbook: str | None
    proposed_on: date
    deployed_on: date | None
    planned_end: date | None
    ended_on: date | None
    next_review: date | None
    effect: EffectRecord | None
    notice: str


class DeploymentWithSteps(DeploymentRecord):
    """A deployment with everything that was done to it, oldest first."""

    steps: list[StepRecord]


class DeploymentList(Listed):
    """Deployments."""

    items: list[DeploymentRecord]


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


class RecommendationRecord(BaseModel):
    """A recommendation as it stands; `days_overdue` is null where nothing is late."""

    model_config = example(
        id="recommendation-1",
        country="TGO",
        body="upr",
        reference="",
        text="An invented recommendation.",
        theme="assembly",
        addressee="",
        owner="regional office",
        given_on="2019-11-01",
        due_on=None,
        review_on=None,
        status="open",
        status_on="2019-11-01",
        evidence="",
        days_overdue=None,
    )

    id: str
    country: str
    body: Body
    reference: str
    text: str
    theme: Theme
    addressee: str
    owner: str
    given_on: date
    due_on: date | None
    review_on: date | None
    status: Status
    status_on: date
    evidence: str
    days_overdue: int | None


class ChangeRecord(BaseModel):
    """Something done to a recommendation."""

    sequence: int
    act: RecommendationAct
    at: datetime
    actor: str
    reason: str
    status: Status
    hash: str


class RecommendationWithHistory(RecommendationRecord):
    """A recommendation with everything that was done to it, oldest first."""

    history: list[ChangeRecord]


class RecommendationList(Listed):
    """Recommendations."""

    items: list[RecommendationRecord]


class RejectedRow(BaseModel):
    """A row that was refused: the line of the file, and why."""

    line: int
    reason: str


class TakenInRecord(BaseModel):
    """What a file of recommendations brought."""

    model_config = example(
        added=12, amended=0, unchanged=3, rejected=[{"line": 7, "reason": "..."}], notes=[]
    )

    added: int
    amended: int
    unchanged: int
    rejected: list[RejectedRow]
    notes: list[str]
