"""The questions that a client can ask: one method for each address that gives records.

Reading alone: to act on an alert or to propose a deployment stays a request of its own, made by a
person. Field reports and subscriptions are left out too.
"""

from datetime import date, datetime
from typing import Unpack

from ewarn.client import filters as given
from ewarn.client.questions import Question, list_of, one_of, question
from ewarn.egress.alerts import AlertRecord, AlertWithTimeline, SilenceRecord
from ewarn.egress.briefs import Brief
from ewarn.egress.events import EventRecord
from ewarn.egress.forecasts import ForecastRecord, ForecastScorecardRecord
from ewarn.egress.places import OfficeRecord, RegionRecord, SeriesOfRegion, SlowingOfRegion
from ewarn.egress.response import (
    DeploymentRecord,
    DeploymentWithSteps,
    RecommendationRecord,
    RecommendationWithHistory,
)
from ewarn.egress.rules import RuleRecord, RuleVersionRecord
from ewarn.egress.scorecards import ScorecardRecord
from ewarn.egress.scores import DriverRecord, ScoreRecord
from ewarn.egress.service import ModelCard, ServiceStatus, SourceRecord

AsOf = date | datetime | None


class Reads:
    """What `Client` and `AsyncClient` can ask."""

    @list_of
    def scores(self, **filters: Unpack[given.ScoreFilters]) -> Question[ScoreRecord]:
        """Read the newest score of each region, target and source."""
        return question(ScoreRecord, "scores", filters=filters)

    @list_of
    def score_history(self, **filters: Unpack[given.ScoreHistoryFilters]) -> Question[ScoreRecord]:
        """Read the score of every past origin."""
        return question(ScoreRecord, "scores", "history", filters=filters)

    @one_of
    def score(self, id: str | int) -> Question[ScoreRecord]:
        """Read one score, with the events behind its drivers."""
        return question(ScoreRecord, "scores", id)

    @list_of
    def drivers(
        self, id: str | int, **filters: Unpack[given.FieldFilters]
    ) -> Question[DriverRecord]:
        """Read what moved a score."""
        return question(DriverRecord, "scores", id, "drivers", filters=filters)

    @list_of
    def alerts(self, **filters: Unpack[given.AlertFilters]) -> Question[AlertRecord]:
        """Read alerts, the newest first."""
        return question(AlertRecord, "alerts", filters=filters)

    @one_of
    def alert(self, id: str, *, as_of: AsOf = None) -> Question[AlertWithTimeline]:
        """Read one alert with every change of it."""
        return question(AlertWithTimeline, "alerts", id, filters={"as_of": as_of})

    @list_of
    def events(self, **filters: Unpack[given.EventFilters]) -> Question[EventRecord]:
        """Read events, each in its newest version."""
        return question(EventRecord, "events", filters=filters)

    @list_of
    def event_versions(
        self, source: str, source_event_id: str, **filters: Unpack[given.MomentFilters]
    ) -> Question[EventRecord]:
        """Read every version of one event."""
        return question(EventRecord, "events", source, source_event_id, "versions", filters=filters)

    @list_of
    def event_links(
        self, source: str, source_event_id: str, **filters: Unpack[given.MomentFilters]
    ) -> Question[EventRecord]:
        """Read events of other sources that may be the same as one event."""
        return question(EventRecord, "events", source, source_event_id, "links", filters=filters)

    @list_of
    def forecasts(self, **filters: Unpack[given.ForecastFilters]) -> Question[ForecastRecord]:
        """Read the newest monthly forecasts of deaths."""
        return question(ForecastRecord, "forecasts", filters=filters)

    @list_of
    def forecast_scorecard(
        self, **filters: Unpack[given.MomentFilters]
    ) -> Question[ForecastScorecardRecord]:
        """Read how past forecasts did."""
        return question(ForecastScorecardRecord, "forecasts", "scorecard", filters=filters)

    @list_of
    def regions(self, **filters: Unpack[given.RegionFilters]) -> Question[RegionRecord]:
        """Read countries and subdivisions."""
        return question(RegionRecord, "regions", filters=filters)

    @one_of
    def region(self, id: str) -> Question[RegionRecord]:
        """Read one region, named by any of its codes or by its name."""
        return question(RegionRecord, "regions", id)

    @one_of
    def series(
        self, id: str, *, weeks: int | None = None, as_of: AsOf = None
    ) -> Question[SeriesOfRegion]:
        """Read the weekly counts of a region. A week that nobody observed has none."""
        return question(
            SeriesOfRegion, "regions", id, "series", filters={"weeks": weeks, "as_of": as_of}
        )

    @one_of
    def slowing(self, id: str, *, as_of: AsOf = None) -> Question[SlowingOfRegion]:
        """Read signs of critical slowing down in a region: context, no part of a score."""
        return question(SlowingOfRegion, "regions", id, "slowing", filters={"as_of": as_of})

    @one_of
    def brief(self, id: str, *, language: str | None = None, as_of: AsOf = None) -> Question[Brief]:
        """Read the brief on a region."""
        return question(
            Brief, "regions", id, "brief", filters={"language": language, "as_of": as_of}
        )

    @list_of
    def offices(self, **filters: Unpack[given.FieldFilters]) -> Question[OfficeRecord]:
        """Read the offices."""
        return question(OfficeRecord, "offices", filters=filters)

    @list_of
    def sources(self, **filters: Unpack[given.MomentFilters]) -> Question[SourceRecord]:
        """Read the sources, with their health and terms."""
        return question(SourceRecord, "sources", filters=filters)

    @list_of
    def models(self, **filters: Unpack[given.MomentFilters]) -> Question[ModelCard]:
        """Read the cards of the models."""
        return question(ModelCard, "models", filters=filters)

    @list_of
    def scorecard(
        self, model: str, **filters: Unpack[given.ScorecardFilters]
    ) -> Question[ScorecardRecord]:
        """Read how the scores of a model did once their outcomes were known."""
        return question(ScorecardRecord, "models", model, "scorecard", filters=filters)

    @list_of
    def rules(self, **filters: Unpack[given.FieldFilters]) -> Question[RuleRecord]:
        """Read the rules in force."""
        return question(RuleRecord, "rules", filters=filters)

    @one_of
    def rule_version(self, hash: str) -> Question[RuleVersionRecord]:
        """Read the text of a rule as it was, by its hash."""
        return question(RuleVersionRecord, "rules", hash)

    @list_of
    def silences(self, **filters: Unpack[given.FieldFilters]) -> Question[SilenceRecord]:
        """Read the silences."""
        return question(SilenceRecord, "silences", filters=filters)

    @list_of
    def deployments(self, **filters: Unpack[given.DeploymentFilters]) -> Question[DeploymentRecord]:
        """Read deployments."""
        return question(DeploymentRecord, "deployments", filters=filters)

    @one_of
    def deployment(self, id: str, *, as_of: AsOf = None) -> Question[DeploymentWithSteps]:
        """Read one deployment with its steps."""
        return question(DeploymentWithSteps, "deployments", id, filters={"as_of": as_of})

    @list_of
    def recommendations(
        self, **filters: Unpack[given.RecommendationFilters]
    ) -> Question[RecommendationRecord]:
        """Read recommendations of human-rights bodies."""
        return question(RecommendationRecord, "recommendations", filters=filters)

    @one_of
    def recommendation(self, id: str, *, as_of: AsOf = None) -> Question[RecommendationWithHistory]:
        """Read one recommendation with its history."""
        return question(RecommendationWithHistory, "recommendations", id, filters={"as_of": as_of})

    @one_of
    def status(self) -> Question[ServiceStatus]:
        """Read the state of the service."""
        return question(ServiceStatus, "status")
