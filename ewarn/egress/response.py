"""Deployments with their effect, and recommendations."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import Field

from ewarn.domain.deployment import Stage, StepKind
from ewarn.domain.effect import Verdict
from ewarn.domain.recommendation import Body, RecommendationAct, Status, Theme
from ewarn.egress.definition.shapes import Shape, shown
from ewarn.egress.definition.tables import NOT_IN_TABLES, Column, InTables, joined


class StepRecord(Shape):
    """A step of a deployment: `on` is its day in the world, `at` when it was recorded."""

    sequence: int = shown(1)
    kind: StepKind = shown("consent_requested")
    on: date = shown("2017-09-25")
    at: datetime = shown("2017-09-25T12:00:00+00:00")
    actor: str = shown("Dakar")
    reason: str = shown("Force was used in three towns.")
    hash: str = shown("9f" * 32)


class EstimateRecord(Shape):
    """Events as a multiple of the expected number, with the 90% interval."""

    method: str = shown("interrupted series", "How it was estimated.")
    ratio: float = shown(0.6, "Events as a multiple of the expected number.", ge=0)
    low: float = shown(0.3, "Lower bound of the 90% interval of `ratio`.", ge=0)
    high: float = shown(1.2, "Upper bound of the 90% interval of `ratio`.", ge=0)
    placebos: int = shown(40, "Estimates that were made where nothing had happened.", ge=0)
    as_large: float = shown(
        0.2, "Share of the placebos, and this estimate, that are as far from 1.", ge=0, le=1
    )


class EffectRecord(Shape):
    """The effect of a deployment; it has no estimates if no answer is possible."""

    verdict: Verdict = shown("not distinguishable from chance")
    reasons: list[str] = shown([])
    cautions: list[str] = shown(
        ["There were talks in the same weeks."], "What weakens the answer, in words."
    )
    estimates: list[EstimateRecord] = Field(
        description="The estimates; none if no answer is possible."
    )
    source: str = shown("gdelt")
    outcome: str = shown("gdelt:force", "Signal whose events are counted: source and kind.")
    first_week: date = shown("2015-10-05")
    start: date = shown("2017-10-02", "The Monday from which events count.")
    end: date = shown("2018-01-29", "The Monday before which events count.")


def _verdict(record: Mapping[str, Any]) -> str | None:
    effect = record["effect"]
    return str(effect["verdict"]) if effect else None


class DeploymentRecord(Shape):
    """A deployment in its current state. Nobody is deployed without consent."""

    id: str = shown("deployment-0123456789abcdef", hxl="#meta+id")
    country: str = shown("TGO", hxl="#country+code")
    country_name: str = shown("Togo", hxl="#country+name")
    stage: Stage = shown("ended", hxl="#status")
    team: Annotated[list[str], InTables(joined("team", "team"))] = shown(
        ["human-rights officer", "constitutional expert"]
    )
    length_weeks: int | None = shown(17)
    consent_of: str = shown("the Government")
    preconditions: Annotated[list[str], InTables(joined("preconditions", "preconditions"))] = shown(
        ["the Government's approval"]
    )
    owner: str = shown("regional office")
    alert_id: str | None = shown("alert-0123456789abcdef", null="if it answers none")
    playbook: str | None = shown("deployment", null="if it follows none")
    proposed_on: date = shown("2017-09-25")
    deployed_on: date | None = shown("2017-11-06", hxl="#date+start")
    planned_end: date | None = shown("2018-03-05")
    ended_on: date | None = shown("2018-03-05", hxl="#date+end")
    next_review: date | None = shown("2018-06-04")
    effect: Annotated[EffectRecord | None, InTables(Column("effect", str, _verdict))] = Field(
        description="Its effect. Null until it is evaluated."
    )
    notice: str = shown("")


class DeploymentWithSteps(DeploymentRecord):
    """A deployment with all its steps, oldest first."""

    steps: list[StepRecord] = Field(description="All steps, oldest first.")


class RecommendationRecord(Shape):
    """A recommendation in its current state; `days_overdue` is null if nothing is overdue."""

    id: str = shown("recommendation-0123456789abcdef", hxl="#meta+id")
    country: str = shown("TGO", hxl="#country+code")
    body: Body = shown("upr")
    reference: str = shown("A/HRC/34/4, 128.1")
    text: str = shown("An invented recommendation.", hxl="#description")
    theme: Theme = shown("assembly")
    addressee: str = shown("Ministry of Justice")
    owner: str = shown("regional office")
    given_on: date = shown("2017-06-02", hxl="#date+start")
    due_on: date | None = shown("2017-11-04", hxl="#date+due")
    review_on: date | None = shown("2017-12-01")
    status: Status = shown("under_way", "How far it has come.", hxl="#status")
    status_on: date = shown("2017-06-02", "Since when it has this status.")
    evidence: str = shown("An invented bill was tabled.")
    days_overdue: Annotated[int | None, NOT_IN_TABLES] = shown(30)


class ChangeRecord(Shape):
    """Something that was done to a recommendation."""

    sequence: int = shown(1)
    act: RecommendationAct = shown("added", "What was done.")
    at: datetime = shown("2017-06-02T12:00:00+00:00")
    actor: str = shown("Dakar")
    reason: str = shown("added")
    status: Status = shown("open", "Status after the change.")
    hash: str = shown("9f" * 32)


class RecommendationWithHistory(RecommendationRecord):
    """A recommendation with everything that was done to it, oldest first."""

    history: list[ChangeRecord] = Field(description="Everything that was done to it, oldest first.")


class RejectedRow(Shape):
    """A row that was refused: its line in the file, and why."""

    line: int = shown(7, "Line of the file; the header is line 1.", ge=1)
    reason: str = shown("given_on: 'soon' is not a day")


class RecommendationImportRecord(Shape):
    """The result of taking in a file of recommendations."""

    added: int = shown(12, "How many recommendations are new.", ge=0)
    amended: int = shown(0, "How many known ones were changed.", ge=0)
    unchanged: int = shown(3, "How many known ones stayed as they are.", ge=0)
    rejected: list[RejectedRow] = Field(description="Rows that were refused.")
    warnings: list[str] = shown(
        ["the column 'colour' is not known and was ignored"],
        "What was passed over, or stands otherwise in the database, in words.",
    )
