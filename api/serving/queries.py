"""Query parameters that several routes share, each described once."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    model_validator,
)

from api.formats.registry import JSON, OutlineFormat, PlacedFormat, TableFormat
from api.serving.problems import Problem, wrong_parameters
from api.serving.state import ApiState
from api.serving.texts import Asked, CompleteLanguage, ServedTarget, served
from ewarn.domain.alert import AlertState
from ewarn.domain.deployment import Stage
from ewarn.domain.kinds import EventKind
from ewarn.domain.recommendation import Body, Status, Theme
from ewarn.domain.region import Level
from ewarn.domain.reports.field_report import ReportState
from ewarn.domain.target import Band
from ewarn.domain.time import end_of_day, midnight, parse_as_of, parse_day
from ewarn.languages import field_faults, problem_details

EARLIEST = midnight(date(1900, 1, 1))
FILE_PAGE = 1000  # rows that are read at a time for a whole file


def _moment(value: object) -> datetime:
    try:
        moment = parse_as_of(str(value).replace(" ", "+"))  # a plus sign not written as %2B
    except OverflowError:
        raise ValueError(field_faults.NOT_ASKED_FOR()) from None
    if moment < EARLIEST:
        raise ValueError(field_faults.BEFORE_1900())
    return moment


def _day(value: object) -> date:
    return parse_day(str(value))


def _lower(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


def _words(value: object) -> list[str]:
    """Split `?country=TGO,BEN` at commas, so that it equals `?country=TGO&country=BEN`."""
    items = value if isinstance(value, list) else [value]
    return [part for item in items for part in str(item).split(",") if part]


def _choices(value: object) -> list[str]:
    """Split a list of words from a fixed set, which may be written in any case."""
    return [part.lower() for part in _words(value)]


def _month(value: object) -> date:
    """Return the first day of a month that is written `YYYY-MM`."""
    text = str(value)
    try:
        return parse_day(f"{text}-01")
    except ValueError:
        raise ValueError(field_faults.NO_MONTH(text=repr(text[:20]))) from None


class BriefFormat(StrEnum):
    """The format of a brief."""

    JSON = "json"
    HTML = "html"


Moment = Annotated[datetime, BeforeValidator(_moment, json_schema_input_type=date | AwareDatetime)]
Day = Annotated[date, BeforeValidator(_day, json_schema_input_type=date)]
Names = Annotated[list[Asked], BeforeValidator(_words), Field(max_length=300)]
_Few = Field(max_length=50)
Targets = Annotated[list[ServedTarget], BeforeValidator(_choices), _Few, AfterValidator(served)]
Kinds = Annotated[list[EventKind], BeforeValidator(_choices), _Few]
_WrittenMonth = Annotated[str, Field(pattern=r"^\d{4}-(0[1-9]|1[0-2])$")]
_Month = Annotated[date, BeforeValidator(_month, json_schema_input_type=_WrittenMonth)]
Months = Annotated[list[_Month], BeforeValidator(_words), _Few]
Steps = Annotated[list[Annotated[int, Field(ge=1, le=6)]], BeforeValidator(_words), _Few]
AnyCase = BeforeValidator(_lower)
_DeliveryState = Literal["waiting", "delivered", "dead"]
DeliveryStates = Annotated[list[_DeliveryState], BeforeValidator(_choices), _Few]
Stages = Annotated[list[Stage], BeforeValidator(_choices), _Few]
Bodies = Annotated[list[Body], BeforeValidator(_choices), _Few]
Themes = Annotated[list[Theme], BeforeValidator(_choices), _Few]
Statuses = Annotated[list[Status], BeforeValidator(_choices), _Few]
States = Annotated[list[AlertState], BeforeValidator(_choices), _Few]
ReportStates = Annotated[list[ReportState], BeforeValidator(_choices), _Few]
Bands = Annotated[list[Band], BeforeValidator(_choices), _Few]


class NoParameters(BaseModel):
    """No parameters. A request with an unknown parameter is refused."""

    model_config = ConfigDict(extra="forbid")


class AsOf(NoParameters):
    """The moment that the answer refers to."""

    as_of: Moment | None = Field(
        None,
        description="Return the answer as it would have been given at this moment: a date-time "
        "with zone, or an ISO day, which means its end in UTC (today means now). Such an answer "
        "never changes, except for today. Default: now.",
        examples=["2017-10-02"],
    )

    def moment(self, state: ApiState) -> datetime:
        """Return the moment of the request, or now if it names none.

        Raises:
            Problem: 400 if the moment is in the future.
        """
        return settled(state, self.as_of)


class ListQuery(NoParameters):
    """Parameters of every list."""

    fields: Names = Field(
        default_factory=list,
        description="Only these fields of each item, or columns of a table. Default: all.",
        examples=[["id"]],
    )


class ListAsOf(AsOf, ListQuery):
    """Parameters of a list as of a moment."""


class Paged(ListQuery):
    """A page of a list."""

    limit: int = Field(
        100,
        ge=1,
        le=1000,
        description="Items per page. A file (every format but JSON) is whole if it is left out.",
        examples=[100],
    )
    cursor: str | None = Field(
        None,
        max_length=2000,
        description="Start of the page, from `next` or the header `Link` of the previous page.",
        examples=["WyIyMDE3LTEwLTAyVDA2OjAwOjAwKzAwOjAwIiwiYTEiXQ"],
        json_schema_extra={"pattern": "^[A-Za-z0-9_-]+$"},  # another one is answered with 400
    )

    def page_size(self, format_: str) -> int:
        """Return the number of items to read at a time."""
        return self.limit if self.is_page(format_) else FILE_PAGE

    def is_page(self, format_: str) -> bool:
        """Return whether the answer is one page, and not the whole rest of the list."""
        return format_ == JSON or "limit" in self.model_fields_set


class Page(AsOf, Paged):
    """A page of a list as of a moment."""


class InCountries(Page):
    """A page of a list that can be limited to countries."""

    country: Names = Field(
        default_factory=list,
        description="Countries, by any code; repeat it or separate by commas.",
        examples=[["TGO"]],
    )


class InPlaces(InCountries):
    """A page of a list that can be limited to countries and regions."""

    region: Names = Field(
        default_factory=list, description="Regions, by any code.", examples=[["TG-M"]]
    )


class Period(InPlaces):
    """A page of a list that can be limited to places and days."""

    since: Day | None = Field(None, description="First day, included.", examples=["2017-08-01"])
    until: Day | None = Field(None, description="Last day, included.", examples=["2017-12-31"])

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.since and self.until and self.since > self.until:
            wrong = {"since": field_faults.AFTER_UNTIL(), "until": field_faults.BEFORE_SINCE()}
            raise wrong_parameters(*wrong.items())
        return self


class _OfOffice(NoParameters):
    """A list that can be limited to the countries of an office."""

    office: Asked | None = Field(
        None, description="Only the countries of an office.", examples=["dakar"]
    )


class _OfLevel(NoParameters):
    """A list that can be limited to countries or to subdivisions."""

    level: Annotated[Level | None, AnyCase] = Field(
        None, description="Countries or subdivisions only.", examples=["admin1"]
    )


class _OfTarget(NoParameters):
    """A list that can be limited to what is warned of."""

    target: Targets = Field(
        default_factory=list, description="What is warned of.", examples=[["force"]]
    )


class OfPlaces(InPlaces, _OfOffice, _OfLevel):
    """A list of records that have places, limited by them, in any format."""

    format: Annotated[PlacedFormat | None, AnyCase] = Field(
        None, description="Default: by the header `Accept`.", examples=["csv"]
    )
    hxl: bool = Field(
        False, description="Add a row of HXL tags to `csv` or `xlsx`.", examples=[True]
    )


class OfTable(NoParameters):
    """A list in the formats of tables."""

    format: Annotated[TableFormat | None, AnyCase] = Field(
        None, description="Default: by the header `Accept`.", examples=["csv"]
    )
    hxl: bool = Field(
        False, description="Add a row of HXL tags to `csv` or `xlsx`.", examples=[True]
    )


class EventsQuery(Period, OfPlaces):
    """Parameters of a list of events."""

    kind: Kinds = Field(default_factory=list, description="Kinds of event.", examples=[["force"]])
    source: Names = Field(
        default_factory=list, description="Sources by name.", examples=[["chronicle"]]
    )


class ScoresQuery(OfPlaces, _OfTarget):
    """Parameters of a list of the newest scores."""

    band: Bands = Field(default_factory=list, description="Levels.", examples=[["high"]])


class ScoreHistoryQuery(Period, ScoresQuery):
    """Parameters of a list of past scores. Days are origins (Mondays)."""


class AlertsQuery(Period, OfPlaces, _OfTarget):
    """Parameters of a list of alerts. Days are the days on which alerts opened."""

    state: States = Field(default_factory=list, description="States.", examples=[["open"]])
    rule: Names = Field(
        default_factory=list, description="Rules by id.", examples=[["force-country"]]
    )


class DeliveriesQuery(Paged):
    """Parameters of a list of deliveries, which always shows their current state."""

    state: DeliveryStates = Field(default_factory=list, description="States.", examples=[["dead"]])
    subscription: Names = Field(
        default_factory=list,
        description="Subscriptions, or recipients of offices, by id.",
        examples=[["sub_0123456789abcdef"]],
    )
    alert: Asked | None = Field(None, description="Only messages on this alert.", examples=["a1"])


class ForecastsQuery(InCountries, _OfOffice, OfTable):
    """Parameters of a list of the newest forecasts."""

    step: Steps = Field(
        default_factory=list,
        description="Months after the newest known month, 1 to 6.",
        examples=[[1]],
    )
    month: Months = Field(
        default_factory=list, description="Forecast months, as `YYYY-MM`.", examples=[["2017-10"]]
    )


class DeploymentsQuery(InCountries, OfTable):
    """Parameters of a list of deployments."""

    stage: Stages = Field(default_factory=list, description="Stages.", examples=[["deployed"]])


class RecommendationsQuery(InCountries, OfTable):
    """Parameters of a list of recommendations."""

    body: Bodies = Field(
        default_factory=list, description="The recommending bodies.", examples=[["upr"]]
    )
    theme: Themes = Field(
        default_factory=list, description="Themes of the recommendations.", examples=[["assembly"]]
    )
    status: Statuses = Field(
        default_factory=list, description="Statuses of the follow-up.", examples=[["open"]]
    )
    overdue: bool | None = Field(
        None,
        description="`true`: only open ones whose due or review date has passed.",
        examples=[True],
    )


class BriefQuery(AsOf):
    """Parameters of a brief."""

    language: CompleteLanguage | None = Field(
        None,
        description="Default: the language of the office that watches the country.",
        examples=["fr"],
    )
    format: Annotated[BriefFormat | None, AnyCase] = Field(
        None, description="`html` is a page for printing.", examples=["html"]
    )


class RegionsQuery(ListQuery, _OfLevel):
    """Parameters of a list of regions."""

    country: Names = Field(
        default_factory=list,
        description="Countries by any code, with their subdivisions.",
        examples=[["TGO", "BEN"]],
    )
    parent: Asked | None = Field(
        None, description="The subdivisions of one country.", examples=["TGO"]
    )
    format: Annotated[OutlineFormat | None, AnyCase] = Field(
        None, description="`geojson` adds outlines; needs `country`.", examples=["geojson"]
    )


class SeriesQuery(AsOf):
    """Parameters of a weekly series."""

    weeks: int = Field(
        104, ge=1, le=520, description="Number of weeks up to the last origin.", examples=[26]
    )


class ScorecardQuery(ListAsOf, _OfLevel, _OfTarget):
    """Parameters of a scorecard."""

    source: Names = Field(
        default_factory=list, description="Sources by name.", examples=[["gdelt"]]
    )


def in_any_case(given: Sequence[str], known: Iterable[str]) -> tuple[str, ...]:
    """Return names as they are known, whatever their case; an unknown one stays as it is."""
    written = {name.casefold(): name for name in known}
    return tuple(written.get(name.casefold(), name) for name in given)


def settled(state: ApiState, moment: datetime | None) -> datetime:
    """Return the moment of a request, or now if there is none.

    Raises:
        Problem: 400 if the moment is after the service's clock.
    """
    now = state.clock()
    past = of_the_past(state, moment)
    if past is not None and past > now:
        detail = problem_details.IS_FUTURE(moment=past.isoformat(), now=now.isoformat())
        raise Problem("future-moment", detail)
    return past or now


def of_the_past(state: ApiState, moment: datetime | None) -> datetime | None:
    """Return the moment of a request, or None if it is the end of today.

    The end of today has not come: the answer is the one of now, and is not history yet.
    """
    return None if moment == end_of_day(state.clock().date()) else moment
