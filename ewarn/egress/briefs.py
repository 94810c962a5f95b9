"""The brief of a country: what fits on one page."""

from datetime import date, datetime

from pydantic import Field

from ewarn.domain.alert import AlertState
from ewarn.domain.deployment import Stage
from ewarn.domain.effect import Verdict
from ewarn.domain.event import DatePrecision
from ewarn.domain.target import Band, Basis, Target
from ewarn.egress.alerts import UnhealthySourceRecord
from ewarn.egress.definition.shapes import Shape, shown


class BriefScore(Shape):
    """A score of the country, with its main drivers in words."""

    source: str = shown("gdelt")
    basis: Basis = shown("calibrated")
    target: Target = shown("force")
    target_words: str = shown("lethal force")
    horizon_weeks: int = shown(4)
    origin: date = shown("2017-10-02")
    band: Band = shown("elevated")
    band_words: str = shown("elevated")
    probability: float | None = shown(0.12)
    low: float | None = shown(0.07, null="without a probability")
    high: float | None = shown(0.2, null="without a probability")
    observed: int | None = shown(1)
    expected: float | None = shown(0.4)
    upper: float | None = shown(2.0)
    completeness: float = shown(1.0)
    drivers: list[str] = shown(
        ["3 × force against demonstrators, since 3 Jul ↑"],
        "What moved the score most, in words, the strongest first.",
    )
    notice: str = shown("")


class BriefSubdivision(Shape):
    """A subdivision as the map shows it."""

    region: str = shown("TG-M")
    region_name: str = shown("Maritime")
    band: Band = shown("high")
    band_words: str = shown("high")
    probability: float | None = shown(0.2)


class BriefSeries(Shape):
    """Weekly events of one kind; null if the week was not observed."""

    signal: str = shown("gdelt:force")
    words: str = shown("force against demonstrators")
    counts: list[int | None] = shown([0, None])


class BriefWeeks(Shape):
    """The busiest series of a source."""

    source: str = shown("gdelt")
    weeks: list[date] = shown(["2017-09-18", "2017-09-25"])
    series: list[BriefSeries] = Field(description="The busiest series.")


class BriefAlert(Shape):
    """An alert that is open, or was closed in the last 90 days; `band` is its highest."""

    id: str = shown("alert-0123456789abcdef")
    region_name: str = shown("Togo")
    target: Target = shown("force")
    target_words: str = shown("lethal force")
    state: AlertState = shown("closed")
    state_words: str = shown("closed", "The state in words.")
    band: Band = shown("high", "Highest level that it ever had.")
    band_words: str = shown("high")
    opened_on: date | None = shown("2017-08-07")
    closed_on: date | None = shown("2017-11-06")
    stale: bool = shown(False)
    acknowledged_by: str | None = shown("Dakar")


class BriefRecommendation(Shape):
    """An open recommendation on assembly, detention or elections; its text may be shortened."""

    id: str = shown("recommendation-0123456789abcdef")
    body_words: str = shown("Universal Periodic Review", "The body that recommends, in words.")
    reference: str = shown("A/HRC/34/4, 128.1")
    text: str = shown("An invented recommendation.")
    theme_words: str = shown("assembly", "The theme in words.")
    owner: str = shown("regional office")
    due_on: date | None = shown("2017-09-02")
    status_words: str = shown("open", "The status in words.")
    days_overdue: int | None = shown(30)


class BriefElection(Shape):
    """A coming vote, or the day by which one is due."""

    day: date = shown("2018-06-04", "The day of the vote, or the first of the days in question.")
    last_day: date = shown("2018-07-02", "The last of the days in question.")
    precision: DatePrecision = shown("month", "How exactly the day is known.")
    topic: str = shown("election", "What it is about: an election or a referendum.")
    what: str = shown("vote", "What happens on that day, such as `vote`.")
    region_name: str = shown("Togo")
    summary: str | None = shown("An invented vote", null="if there is none")


class BriefDeployment(Shape):
    """A deployment and its effect."""

    id: str = shown("deployment-0123456789abcdef")
    stage: Stage = shown("ended")
    stage_words: str = shown("ended", "The stage in words.")
    team_words: str = shown("human-rights officer", "Roles of those who go, in words; no names.")
    length_weeks: int | None = shown(17)
    consent_of: str = shown("the Government")
    owner: str = shown("regional office")
    proposed_on: date = shown("2017-09-25")
    deployed_on: date | None = shown("2017-11-06")
    planned_end: date | None = shown("2018-03-05")
    ended_on: date | None = shown("2018-03-05")
    next_review: date | None = shown("2018-06-04")
    verdict: Verdict | None = shown("not distinguishable from chance")
    verdict_words: str | None = shown(
        "not distinguishable from chance", "The verdict in words.", null="if it was not evaluated"
    )
    reasons: list[str] = shown([])
    notice: str = shown("")


class BriefUnobserved(Shape):
    """The country, if no source observes it: it has no score, which does not mean low risk."""

    region: str = shown("TGO")
    region_name: str = shown("Togo")
    target_words: str = shown("lethal force")
    since: datetime | None = shown(
        "2017-08-07T00:00:00+00:00", "Since when no source observes it.", null="if none ever did"
    )
    words: str = shown("no source observes it since 7 Aug 2017")


class Brief(Shape):
    """What an office needs to know of a country, as it was known at `as_of`."""

    country: str = shown("TGO")
    country_name: str = shown("Togo")
    language: str = shown("en")
    as_of: datetime = shown("2017-10-02T12:00:00+00:00", "The moment that the brief refers to.")
    notice: str = shown("")
    unwell: list[UnhealthySourceRecord]
    scores: list[BriefScore] = Field(description="Scores of the country.")
    subdivisions: list[BriefSubdivision] = Field(description="Subdivisions as the map shows them.")
    unobserved: list[BriefUnobserved] = Field(
        description="The country, if no source observes it; empty otherwise."
    )
    series: BriefWeeks | None = Field(
        description="The busiest weekly series. Null if no source observes the country."
    )
    alerts: list[BriefAlert] = Field(
        description="Alerts that are open, or were closed in the last 90 days."
    )
    recommendations: list[BriefRecommendation] = Field(
        description="Open recommendations on assembly, detention or elections."
    )
    recommendations_left_out: int = shown(
        0, "Open recommendations that did not fit on the page.", ge=0
    )
    elections: list[BriefElection] = Field(description="Coming votes.")
    deployments: list[BriefDeployment] = Field(description="Deployments with their effect.")
    disclaimer: str = shown(
        "Boundaries and names imply no opinion on the legal status of any territory.",
        "The disclaimer on boundaries and names, which must be shown.",
    )
