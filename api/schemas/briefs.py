"""Wire shape of a country's brief: all that fits on a page."""

from datetime import date, datetime

from pydantic import BaseModel

from api.schemas.polled import UnwellRecord, example
from ewarn.domain.alert import AlertState
from ewarn.domain.deployment import Stage
from ewarn.domain.effect import Verdict
from ewarn.domain.event import DatePrecision
from ewarn.domain.target import Band, Basis, Target


class BriefScore(BaseModel):
    """A score of the country, with its main drivers in words."""

    source: str
    basis: Basis
    target: Target
    target_words: str
    horizon_weeks: int
    origin: date
    band: Band
    band_words: str
    probability: float | None
    low: float | None
    high: float | None
    observed: int | None
    expected: float | None
    upper: float | None
    completeness: float
    drivers: list[str]
    notice: str


class BriefSubdivision(BaseModel):
    """A subdivision as the map shows it."""

    region: str
    region_name: str
    band: Band
    band_words: str
    probability: float | None


class BriefSeries(BaseModel):
    """Events a week of one kind; null where nobody observed."""

    signal: str
    words: str
    counts: list[int | None]


class BriefWeeks(BaseModel):
    """The busiest series of a source."""

    source: str
    weeks: list[date]
    series: list[BriefSeries]


class BriefAlert(BaseModel):
    """An alert that stands, or was closed in the last 90 days; `band` is its highest."""

    id: str
    region_name: str
    target: Target
    target_words: str
    state: AlertState
    state_words: str
    band: Band
    band_words: str
    opened_on: date | None
    closed_on: date | None
    stale: bool
    acknowledged_by: str | None


class BriefRecommendation(BaseModel):
    """An open recommendation on assembly, detention or elections; its text may be cut."""

    id: str
    body_words: str
    reference: str
    text: str
    theme_words: str
    owner: str
    due_on: date | None
    status_words: str
    days_overdue: int | None


class BriefElection(BaseModel):
    """A vote ahead, or the day by which one is due."""

    day: date
    last_day: date
    precision: DatePrecision
    topic: str
    what: str
    region_name: str
    summary: str | None


class BriefDeployment(BaseModel):
    """A deployment and what came of it."""

    id: str
    stage: Stage
    stage_words: str
    team_words: str
    length_weeks: int | None
    consent_of: str
    owner: str
    proposed_on: date
    deployed_on: date | None
    planned_end: date | None
    ended_on: date | None
    next_review: date | None
    verdict: Verdict | None
    verdict_words: str | None
    reasons: list[str]
    notice: str


class BriefUnobserved(BaseModel):
    """The country where no source observes it: it has no score, which is no low risk."""

    region: str
    region_name: str
    target_words: str
    since: datetime | None
    words: str


class Brief(BaseModel):
    """What an office needs to know of a country, as it was known at `as_of`."""

    model_config = example(
        country="TGO",
        country_name="Togo",
        language="en",
        as_of="2020-03-02T12:00:00+00:00",
        notice="",
        unwell=[],
        scores=[],
        subdivisions=[],
        unobserved=[],
        series=None,
        alerts=[],
        recommendations=[],
        recommendations_left_out=0,
        elections=[],
        deployments=[],
        disclaimer="Boundaries and names shown imply no opinion on ...",
    )

    country: str
    country_name: str
    language: str
    as_of: datetime
    notice: str
    unwell: list[UnwellRecord]
    scores: list[BriefScore]
    subdivisions: list[BriefSubdivision]
    unobserved: list[BriefUnobserved]
    series: BriefWeeks | None
    alerts: list[BriefAlert]
    recommendations: list[BriefRecommendation]
    recommendations_left_out: int
    elections: list[BriefElection]
    deployments: list[BriefDeployment]
    disclaimer: str
