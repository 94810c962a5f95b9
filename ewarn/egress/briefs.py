"""The brief of a country: all that fits on a page."""

from datetime import date, datetime

from ewarn.domain.alert import AlertState
from ewarn.domain.deployment import Stage
from ewarn.domain.effect import Verdict
from ewarn.domain.event import DatePrecision
from ewarn.domain.target import Band, Basis, Target
from ewarn.egress.alerts import UnwellRecord
from ewarn.egress.shapes import Shape, shown


class BriefScore(Shape):
    """A score of the country, with its main drivers in words."""

    source: str = shown("invented")
    basis: Basis = shown("calibrated")
    target: Target = shown("force")
    target_words: str = shown("lethal force")
    horizon_weeks: int = shown(4)
    origin: date = shown("2020-03-02")
    band: Band = shown("elevated")
    band_words: str = shown("elevated")
    probability: float | None = shown(0.12)
    low: float | None = shown(0.07)
    high: float | None = shown(0.2)
    observed: int | None = shown(1)
    expected: float | None = shown(0.4)
    upper: float | None = shown(2.0)
    completeness: float = shown(1.0)
    drivers: list[str] = shown(["3 × force against demonstrators, since 2 Dec ↑"])
    notice: str = shown("")


class BriefSubdivision(Shape):
    """A subdivision as the map shows it."""

    region: str = shown("TG-M")
    region_name: str = shown("Maritime")
    band: Band = shown("high")
    band_words: str = shown("high")
    probability: float | None = shown(0.2)


class BriefSeries(Shape):
    """Events a week of one kind; null where nobody observed."""

    signal: str = shown("invented:force")
    words: str = shown("force against demonstrators")
    counts: list[int | None] = shown([0, None])


class BriefWeeks(Shape):
    """The busiest series of a source."""

    source: str = shown("invented")
    weeks: list[date] = shown(["2020-02-17", "2020-02-24"])
    series: list[BriefSeries]


class BriefAlert(Shape):
    """An alert that stands, or was closed in the last 90 days; `band` is its highest."""

    id: str = shown("a1")
    region_name: str = shown("Togo")
    target: Target = shown("force")
    target_words: str = shown("lethal force")
    state: AlertState = shown("open")
    state_words: str = shown("open")
    band: Band = shown("high")
    band_words: str = shown("high")
    opened_on: date | None = shown("2020-01-06")
    closed_on: date | None = shown(None)
    stale: bool = shown(False)
    acknowledged_by: str | None = shown(None)


class BriefRecommendation(Shape):
    """An open recommendation on assembly, detention or elections; its text may be cut."""

    id: str = shown("recommendation-1")
    body_words: str = shown("Universal Periodic Review")
    reference: str = shown("")
    text: str = shown("An invented recommendation.")
    theme_words: str = shown("assembly")
    owner: str = shown("regional office")
    due_on: date | None = shown("2020-02-01")
    status_words: str = shown("open")
    days_overdue: int | None = shown(30)


class BriefElection(Shape):
    """A vote ahead, or the day by which one is due."""

    day: date = shown("2020-11-02")
    last_day: date = shown("2020-11-30")
    precision: DatePrecision = shown("month")
    topic: str = shown("election")
    what: str = shown("vote")
    region_name: str = shown("Togo")
    summary: str | None = shown("An invented vote")


class BriefDeployment(Shape):
    """A deployment and what came of it."""

    id: str = shown("deployment-1")
    stage: Stage = shown("consent_requested")
    stage_words: str = shown("consent requested")
    team_words: str = shown("human-rights officer")
    length_weeks: int | None = shown(17)
    consent_of: str = shown("the Government")
    owner: str = shown("regional office")
    proposed_on: date = shown("2020-02-24")
    deployed_on: date | None = shown(None)
    planned_end: date | None = shown(None)
    ended_on: date | None = shown(None)
    next_review: date | None = shown(None)
    verdict: Verdict | None = shown(None)
    verdict_words: str | None = shown(None)
    reasons: list[str] = shown([])
    notice: str = shown("")


class BriefUnobserved(Shape):
    """The country where no source observes it: it has no score, which is no low risk."""

    region: str = shown("TGO")
    region_name: str = shown("Togo")
    target_words: str = shown("lethal force")
    since: datetime | None = shown("2020-01-06T00:00:00+00:00")
    words: str = shown("no source observes it since 6 Jan 2020")


class Brief(Shape):
    """What an office needs to know of a country, as it was known at `as_of`."""

    country: str = shown("TGO")
    country_name: str = shown("Togo")
    language: str = shown("en")
    as_of: datetime = shown("2020-03-02T12:00:00+00:00")
    notice: str = shown("")
    unwell: list[UnwellRecord]
    scores: list[BriefScore]
    subdivisions: list[BriefSubdivision]
    unobserved: list[BriefUnobserved]
    series: BriefWeeks | None
    alerts: list[BriefAlert]
    recommendations: list[BriefRecommendation]
    recommendations_left_out: int = shown(0)
    elections: list[BriefElection]
    deployments: list[BriefDeployment]
    disclaimer: str = shown("Boundaries and names shown imply no opinion on ...")
