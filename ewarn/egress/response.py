"""Deployments with their effect, and recommendations."""

from datetime import date, datetime
from typing import Annotated

from ewarn.domain.deployment import Stage, StepKind
from ewarn.domain.effect import Verdict
from ewarn.domain.recommendation import Body, RecommendationAct, Status, Theme
from ewarn.egress.shapes import NOT_IN_TABLES, Shape, shown


class StepRecord(Shape):
    """A step: `on` is its day in the world, `at` when it was recorded."""

    sequence: int = shown(1)
    kind: StepKind = shown("consent_requested")
    on: date = shown("2020-02-24")
    at: datetime = shown("2020-02-24T12:00:00+00:00")
    actor: str = shown("Dakar")
    reason: str = shown("Force was used in three towns.")
    hash: str = shown("9f" * 32)


class EstimateRecord(Shape):
    """Events as a multiple of what was to be expected, with the 90% interval."""

    method: str = shown("interrupted series")
    ratio: float = shown(0.6)
    low: float = shown(0.3)
    high: float = shown(1.2)
    placebos: int = shown(40)
    as_large: float = shown(0.2)


class EffectRecord(Shape):
    """What came of a deployment; there are no estimates where nothing can be said."""

    verdict: Verdict = shown("not distinguishable from chance")
    reasons: list[str] = shown([])
    cautions: list[str] = shown([])
    estimates: list[EstimateRecord]
    source: str = shown("invented")
    outcome: str = shown("invented:force")
    first_week: date = shown("2018-03-05")
    start: date = shown("2020-03-02")
    end: date = shown("2020-06-29")


class DeploymentRecord(Shape):
    """A deployment as it stands. Nobody is deployed without consent."""

    id: str = shown("deployment-1")
    country: str = shown("TGO")
    country_name: str = shown("Togo")
    stage: Stage = shown("consent_requested")
    team: list[str] = shown(["human-rights officer", "constitutional expert"])
    length_weeks: int | None = shown(17)
    consent_of: str = shown("the Government")
    preconditions: list[str] = shown(["the Government's approval"])
    owner: str = shown("regional office")
    alert_id: str | None = shown("a1")
    playbook: str | None = shown("deployment")
    proposed_on: date = shown("2020-02-24")
    deployed_on: date | None = shown(None)
    planned_end: date | None = shown(None)
    ended_on: date | None = shown(None)
    next_review: date | None = shown(None)
    effect: EffectRecord | None = shown(None)
    notice: str = shown("")


class DeploymentWithSteps(DeploymentRecord):
    """A deployment with everything that was done to it, oldest first."""

    steps: list[StepRecord]


class RecommendationRecord(Shape):
    """A recommendation as it stands; `days_overdue` is null where nothing is late."""

    id: str = shown("recommendation-1")
    country: str = shown("TGO")
    body: Body = shown("upr")
    reference: str = shown("")
    text: str = shown("An invented recommendation.")
    theme: Theme = shown("assembly")
    addressee: str = shown("")
    owner: str = shown("regional office")
    given_on: date = shown("2019-11-01")
    due_on: date | None = shown(None)
    review_on: date | None = shown(None)
    status: Status = shown("open")
    status_on: date = shown("2019-11-01")
    evidence: str = shown("")
    days_overdue: Annotated[int | None, NOT_IN_TABLES] = shown(None)


class ChangeRecord(Shape):
    """Something done to a recommendation."""

    sequence: int = shown(1)
    act: RecommendationAct = shown("added")
    at: datetime = shown("2019-11-01T12:00:00+00:00")
    actor: str = shown("Dakar")
    reason: str = shown("added")
    status: Status = shown("open")
    hash: str = shown("9f" * 32)


class RecommendationWithHistory(RecommendationRecord):
    """A recommendation with everything that was done to it, oldest first."""

    history: list[ChangeRecord]


class RejectedRow(Shape):
    """A row that was refused: the line of the file, and why."""

    line: int = shown(7)
    reason: str = shown("...")


class TakenInRecord(Shape):
    """What a file of recommendations brought."""

    added: int = shown(12)
    amended: int = shown(0)
    unchanged: int = shown(3)
    rejected: list[RejectedRow]
    notes: list[str] = shown([])
