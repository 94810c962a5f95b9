"""Lists of records as the API returns them."""

from ewarn.egress.alerts import AlertRecord, SilenceRecord
from ewarn.egress.deliveries import DeliveryRecord, SubscriptionRecord
from ewarn.egress.events import EventRecord
from ewarn.egress.forecasts import ForecastRecord, ForecastScorecardRecord
from ewarn.egress.lists import ListFields, SourceListFields
from ewarn.egress.places import OfficeRecord, RegionRecord
from ewarn.egress.response import DeploymentRecord, RecommendationRecord
from ewarn.egress.rules import RuleRecord
from ewarn.egress.scorecards import ScorecardRecord
from ewarn.egress.scores import DriverRecord, ScoreRecord
from ewarn.egress.service import ModelCard, SourceRecord


class ScorecardList(ListFields):
    """The rows of a scorecard."""

    items: list[ScorecardRecord]


class ForecastList(SourceListFields):
    """A page of forecasts."""

    items: list[ForecastRecord]


class ForecastScorecardList(ListFields):
    """The rows of a scorecard of forecasts."""

    items: list[ForecastScorecardRecord]


class RegionList(ListFields):
    """Regions."""

    items: list[RegionRecord]


class OfficeList(ListFields):
    """Offices."""

    items: list[OfficeRecord]


class VersionList(ListFields):
    """Versions of an event, or events of other sources that may be linked to it."""

    items: list[EventRecord]


class EventList(SourceListFields):
    """A page of events."""

    items: list[EventRecord]


class DriverList(ListFields):
    """The drivers of a score."""

    items: list[DriverRecord]


class ScoreList(SourceListFields):
    """A page of scores."""

    items: list[ScoreRecord]


class AlertList(SourceListFields):
    """A page of alerts."""

    items: list[AlertRecord]


class SilenceList(ListFields):
    """Silences."""

    items: list[SilenceRecord]


class SubscriptionList(ListFields):
    """Subscriptions."""

    items: list[SubscriptionRecord]


class DeliveryList(ListFields):
    """A page of deliveries, newest first."""

    items: list[DeliveryRecord]


class DeploymentList(ListFields):
    """Deployments."""

    items: list[DeploymentRecord]


class RecommendationList(ListFields):
    """Recommendations."""

    items: list[RecommendationRecord]


class RuleList(ListFields):
    """The rules in force."""

    items: list[RuleRecord]


class SourceList(ListFields):
    """Sources."""

    items: list[SourceRecord]


class ModelList(ListFields):
    """Model cards."""

    items: list[ModelCard]
