"""The filters of each list, as keyword arguments. A test compares them with the API's document.

`limit` is the number of records that are read at a time; a list always goes on to its end. `as_of`
gives the answer of a past moment; a day means its end in UTC.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import TypedDict

from ewarn.domain.alert import AlertState
from ewarn.domain.deployment import Stage
from ewarn.domain.kinds import EventKind
from ewarn.domain.recommendation import Body, Status, Theme
from ewarn.domain.region import Level
from ewarn.domain.target import Band, Target

Words = str | Iterable[str]


class FieldFilters(TypedDict, total=False):
    """Filters of every list."""

    fields: Words | None


class MomentFilters(FieldFilters, total=False):
    """Filters of a list as of a moment."""

    as_of: date | datetime | None


class PageFilters(MomentFilters, total=False):
    """Filters of a list in pages, limited to countries."""

    limit: int | None
    country: Words | None


class PlaceFilters(PageFilters, total=False):
    """Filters of a list of records that have places."""

    region: Words | None
    office: str | None
    level: Level | str | None


class PeriodFilters(PlaceFilters, total=False):
    """Filters of a list of records that have places and days."""

    since: date | None
    until: date | None


class ScoreFilters(PlaceFilters, total=False):
    """Filters of the newest scores."""

    target: Target | Words | None
    band: Band | Words | None


class ScoreHistoryFilters(PeriodFilters, total=False):
    """Filters of past scores; days are origins (Mondays)."""

    target: Target | Words | None
    band: Band | Words | None


class AlertFilters(PeriodFilters, total=False):
    """Filters of alerts; days are the days on which they opened."""

    state: AlertState | Words | None
    target: Target | Words | None
    rule: Words | None


class EventFilters(PeriodFilters, total=False):
    """Filters of events."""

    kind: EventKind | Words | None
    source: Words | None


class ForecastFilters(PageFilters, total=False):
    """Filters of the newest forecasts; a month is written `YYYY-MM`."""

    office: str | None
    step: int | Iterable[int] | None
    month: Words | None


class RegionFilters(FieldFilters, total=False):
    """Filters of regions."""

    country: Words | None
    level: Level | str | None
    parent: str | None


class ScorecardFilters(MomentFilters, total=False):
    """Filters of a model's scorecard."""

    level: Level | str | None
    source: Words | None
    target: Target | Words | None


class DeploymentFilters(PageFilters, total=False):
    """Filters of deployments."""

    stage: Stage | Words | None


class RecommendationFilters(PageFilters, total=False):
    """Filters of recommendations."""

    body: Body | Words | None
    theme: Theme | Words | None
    status: Status | Words | None
    overdue: bool | None
