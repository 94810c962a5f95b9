"""Lists of records, as they are answered: what every list has, and whose records each holds."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from ewarn.egress.alerts import AlertRecord, SilenceRecord, UnwellRecord
from ewarn.egress.deliveries import DeliveryRecord, SubscriptionRecord
from ewarn.egress.events import EventRecord
from ewarn.egress.forecasts import ForecastRecord, ForecastScorecardRecord
from ewarn.egress.places import OfficeRecord, RegionRecord
from ewarn.egress.response import DeploymentRecord, RecommendationRecord
from ewarn.egress.rules import RuleRecord
from ewarn.egress.scorecards import ScorecardRecord
from ewarn.egress.scores import DriverRecord, ScoreRecord
from ewarn.egress.service import ModelCard, SourceRecord


class Listed(BaseModel):
    """What every list has besides its items."""

    model_config = ConfigDict(extra="forbid")

    next: str | None = Field(description="Address of the next page; null on the last.")
    as_of: datetime | None = Field(description="The moment since which the answer holds.")
    notice: str = Field(description="What must be said with these items; empty if nothing.")


class OfSources(Listed):
    """What every list has that rests on sources: also one that is empty."""

    unwell: list[UnwellRecord] = Field(
        description="Sources that are not well; `notice` says the same in words."
    )


class ScorecardList(Listed):
    """The rows of a scorecard."""

    items: list[ScorecardRecord]


class ForecastList(OfSources):
    """Forecasts."""

    items: list[ForecastRecord]


class ForecastScorecardList(Listed):
    """The rows of a scorecard of forecasts."""

    items: list[ForecastScorecardRecord]


class RegionList(Listed):
    """Regions."""

    items: list[RegionRecord]


class OfficeList(Listed):
    """Offices."""

    items: list[OfficeRecord]


class VersionList(Listed):
    """Versions of an event, or what others say of it."""

    items: list[EventRecord]


class EventList(OfSources):
    """A page of events."""

    items: list[EventRecord]


class DriverList(Listed):
    """The drivers of a score."""

    items: list[DriverRecord]


class ScoreList(OfSources):
    """A page of scores."""

    items: list[ScoreRecord]


class AlertList(OfSources):
    """A page of alerts."""

    items: list[AlertRecord]


class SilenceList(Listed):
    """Silences."""

    items: list[SilenceRecord]


class SubscriptionList(Listed):
    """Subscriptions."""

    items: list[SubscriptionRecord]


class DeliveryList(Listed):
    """Deliveries, the newest first."""

    items: list[DeliveryRecord]


class DeploymentList(Listed):
    """Deployments."""

    items: list[DeploymentRecord]


class RecommendationList(Listed):
    """Recommendations."""

    items: list[RecommendationRecord]


class RuleList(Listed):
    """The rules in force."""

    items: list[RuleRecord]


class SourceList(Listed):
    """Sources."""

    items: list[SourceRecord]


class ModelList(Listed):
    """Model cards."""

    items: list[ModelCard]
