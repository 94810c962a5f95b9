"""What can be asked: the query parameters that several routes share, each explained once."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Literal, Self
from urllib.parse import unquote_to_bytes

from fastapi import Request
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    model_validator,
)

from api.serving.problems import Problem, shown, wrong_parameters
from api.serving.state import ApiState
from api.serving.texts import Asked, CompleteLanguage, served
from ewarn.domain.alert import AlertState
from ewarn.domain.deployment import Stage
from ewarn.domain.kinds import EventKind
from ewarn.domain.recommendation import Body, Status, Theme
from ewarn.domain.region import Level
from ewarn.domain.target import Target
from ewarn.domain.time import end_of_day, midnight, parse_as_of, parse_day

EARLIEST = midnight(date(1900, 1, 1))


class Format(StrEnum):
    """How an answer is written."""

    JSON = "json"
    CSV = "csv"
    GEOJSON = "geojson"


def _moment(value: object) -> datetime:
    try:
        moment = parse_as_of(str(value).replace(" ", "+"))  # a plus sign not written as %2B
    except OverflowError:
        raise ValueError("outside the years that can be asked for") from None
    if moment < EARLIEST:
        raise ValueError("before 1900: nothing was known to this service then")
    return moment


def _day(value: object) -> date:
    return parse_day(str(value))


def _words(value: object) -> object:
    """`?country=TGO,BEN` says the same as `?country=TGO&country=BEN`."""
    items = value if isinstance(value, list) else [value]
    return [part for item in items for part in str(item).split(",") if part]


def _month(value: object) -> date:
    """The first day of a month that is written `YYYY-MM`."""
    text = str(value)
    try:
        return parse_day(f"{text}-01")
    except ValueError:
        raise ValueError(f"{text[:20]!r} is not a month written YYYY-MM") from None


class BriefFormat(StrEnum):
    """How a brief is written."""

    JSON = "json"
    HTML = "html"


Moment = Annotated[datetime, BeforeValidator(_moment, json_schema_input_type=str)]
Day = Annotated[date, BeforeValidator(_day, json_schema_input_type=date)]
Names = Annotated[list[Asked], BeforeValidator(_words), Field(max_length=300)]
_Few = Field(max_length=50)
Targets = Annotated[list[Target], BeforeValidator(_words), _Few, AfterValidator(served)]
Kinds = Annotated[list[EventKind], BeforeValidator(_words), _Few]
_Month = Annotated[date, BeforeValidator(_month, json_schema_input_type=str)]
Months = Annotated[list[_Month], BeforeValidator(_words), _Few]
_Step = Annotated[int, Field(ge=1, le=6)]
Steps = Annotated[list[_Step], BeforeValidator(_words), _Few]
_DeliveryState = Literal["waiting", "delivered", "dead"]
DeliveryStates = Annotated[list[_DeliveryState], BeforeValidator(_words), _Few]
Stages = Annotated[list[Stage], BeforeValidator(_words), _Few]
Bodies = Annotated[list[Body], BeforeValidator(_words), _Few]
Themes = Annotated[list[Theme], BeforeValidator(_words), _Few]
Statuses = Annotated[list[Status], BeforeValidator(_words), _Few]
States = Annotated[list[AlertState], BeforeValidator(_words), _Few]


class Asking(BaseModel):
    """No parameters; whoever sends one is told that it does not exist."""

    model_config = ConfigDict(extra="forbid")


class AsOf(Asking):
    """As of which moment."""

    as_of: Moment | None = Field(
        None,
        description="Answer as it would have been given at this moment: an ISO day (its end, UTC, "
        "so that all of it is included; today is now) or a date-time with zone. Such an answer "
        "never changes, but for that of today. Default: now.",
        examples=["2017-10-02"],
    )

    def moment(self, state: ApiState) -> datetime:
        """The moment asked for, or now; a problem 400 if it lies in the future."""
        return settled(state, self.as_of)


class Paged(Asking):
    """A page of a list."""

    limit: int = Field(100, ge=1, le=1000, description="Items per page.", examples=[100])
    cursor: str | None = Field(
        None,
        max_length=2000,
        description="Where the page before ended: taken from `next` or the header `Link`.",
    )


class Page(AsOf, Paged):
    """A page of a list as of a moment."""


class InPlaces(Page):
    """A page of what lies in some places."""

    country: Names = Field(
        default_factory=list,
        description="Countries, by any code; repeat it or separate by commas.",
        examples=[["TGO"]],
    )
    region: Names = Field(
        default_factory=list, description="Regions, by any code.", examples=[["TG-M"]]
    )


class Period(InPlaces):
    """A page of what lies in some places and days."""

    since: Day | None = Field(None, description="First day, included.", examples=["2017-08-01"])
    until: Day | None = Field(None, description="Last day, included.", examples=["2017-12-31"])

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.since and self.until and self.since > self.until:
            raise wrong_parameters(("since", "lies after until"), ("until", "lies before since"))
        return self


class EventsAsked(Period):
    """Which events."""

    kind: Kinds = Field(default_factory=list, description="Kinds of event.", examples=[["force"]])
    source: Names = Field(
        default_factory=list, description="Sources by name.", examples=[["chronicle"]]
    )
    format: Format | None = Field(None, description="`csv` is the event-exchange format.")


class ScoresAsked(InPlaces):
    """Which of the newest scores."""

    target: Targets = Field(
        default_factory=list, description="What is warned of.", examples=[["force"]]
    )
    level: Level | None = Field(None, description="Countries or subdivisions only.")
    office: Asked | None = Field(
        None, description="Only the countries of an office.", examples=["dakar"]
    )
    format: Format | None = Field(None, description="`json` or `csv`.")


class ScoreHistoryAsked(Period):
    """Which scores of past origins. Days are origins (Mondays)."""

    target: Targets = Field(
        default_factory=list, description="What is warned of.", examples=[["force"]]
    )
    level: Level | None = Field(None, description="Countries or subdivisions only.")
    format: Format | None = Field(None, description="`json` or `csv`.")


class AlertsAsked(Period):
    """Which alerts. Days are those on which they opened."""

    state: States = Field(default_factory=list, description="States.", examples=[["open"]])
    target: Targets = Field(
        default_factory=list, description="What is warned of.", examples=[["force"]]
    )
    format: Format | None = Field(None, description="`json` or `csv`.")


class DeliveriesAsked(Paged):
    """Which deliveries. They are told as they stand now."""

    state: DeliveryStates = Field(default_factory=list, description="States.", examples=[["dead"]])
    subscription: Names = Field(
        default_factory=list, description="Subscriptions, or recipients of offices."
    )


class InCountries(Page):
    """A page of what concerns some countries."""

    country: Names = Field(
        default_factory=list,
        description="Countries, by any code; repeat it or separate by commas.",
        examples=[["TGO"]],
    )


class ForecastsAsked(InCountries):
    """Which of the newest forecasts."""

    step: Steps = Field(
        default_factory=list,
        description="Months after the newest one known, 1 to 6.",
        examples=[[1]],
    )
    month: Months = Field(
        default_factory=list, description="Months that are forecast.", examples=[["2020-02"]]
    )
    office: Asked | None = Field(
        None, description="Only the countries of an office.", examples=["dakar"]
    )
    format: Format | None = Field(None, description="`json` or `csv`.")


class DeploymentsAsked(InCountries):
    """Which deployments."""

    stage: Stages = Field(default_factory=list, description="Stages.", examples=[["deployed"]])


class RecommendationsAsked(InCountries):
    """Which recommendations."""

    body: Bodies = Field(default_factory=list, description="Who recommends.", examples=[["upr"]])
    theme: Themes = Field(
        default_factory=list, description="What they are about.", examples=[["assembly"]]
    )
    status: Statuses = Field(
        default_factory=list, description="How far they have come.", examples=[["open"]]
    )
    overdue: bool | None = Field(
        None, description="`true`: only open ones whose due or review date has passed."
    )
    format: Format | None = Field(None, description="`csv` can be imported again.")


class BriefAsked(AsOf):
    """Which brief, and how it is written."""

    language: CompleteLanguage | None = Field(
        None, description="Default: that of the office that watches the country."
    )
    format: BriefFormat | None = Field(None, description="`html` is a page made for print.")


class RegionsAsked(Asking):
    """Which regions."""

    level: Level | None = Field(None, description="Countries or subdivisions only.")
    country: Names = Field(
        default_factory=list,
        description="Countries by any code, with their subdivisions.",
        examples=[["TGO", "BEN"]],
    )
    parent: Asked | None = Field(
        None, description="The subdivisions of one country.", examples=["TGO"]
    )
    format: Format | None = Field(None, description="`geojson` adds outlines; needs `country`.")


class SeriesAsked(AsOf):
    """How much of a series."""

    weeks: int = Field(104, ge=1, le=520, description="Weeks up to the last origin.")


class ScorecardAsked(AsOf):
    """Which rows of a scorecard."""

    source: Names = Field(
        default_factory=list, description="Sources by name.", examples=[["gdelt"]]
    )
    target: Targets = Field(
        default_factory=list, description="What is warned of.", examples=[["force"]]
    )
    level: Level | None = Field(None, description="Countries or subdivisions only.")


# Parameters that mean one thing. A list of `country`, say, is written by repeating it.
SINGLE = frozenset(
    name
    for asked in (
        EventsAsked,
        ScoresAsked,
        ScoreHistoryAsked,
        ForecastsAsked,
        AlertsAsked,
        RecommendationsAsked,
        BriefAsked,
        RegionsAsked,
        SeriesAsked,
        ScorecardAsked,
    )
    for name, parameter in asked.model_fields.items()
    if parameter.default_factory is not list
)


async def check_query(request: Request) -> None:
    """A problem 422 where a parameter is not UTF-8, which would be read as something else, or where
    one thing is asked for twice: one of the two would be dropped.
    """
    for pair in request.scope["query_string"].split(b"&"):
        try:
            unquote_to_bytes(pair).decode()
        except UnicodeDecodeError:
            name = pair.partition(b"=")[0].decode("ascii", "replace")
            raise wrong_parameters((shown(name), "is not UTF-8")) from None
    asked = request.query_params
    repeated = [name for name in asked if name in SINGLE and len(asked.getlist(name)) > 1]
    if repeated:
        raise wrong_parameters(*((name, "is given more than once") for name in repeated))


def settled(state: ApiState, moment: datetime | None) -> datetime:
    """A moment that is not in the future of the service's clock; now if none is given."""
    now = state.clock()
    past = of_the_past(state, moment)
    if past is not None and past > now:
        raise Problem(
            "future-moment",
            f"as_of {past.isoformat()} lies after the service's clock, {now.isoformat()}.",
        )
    return past or now


def of_the_past(state: ApiState, moment: datetime | None) -> datetime | None:
    """A moment that is asked for; None where it is the end of today, which has not come: the answer
    is that of now, and must not be taken for history."""
    return None if moment == end_of_day(state.clock().date()) else moment
