"""Monthly forecasts of deaths by country, and what they proved to be worth."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from api.records.forecast_records import (
    forecast_record,
    forecast_scorecard_record,
    rows_without_forecast,
)
from api.routes.events import CSV
from api.routes.offices import within_office
from api.schemas.lists import ForecastList, ForecastScorecardList
from api.serving import cursors
from api.serving.access import ReadsScores, State
from api.serving.answers import POLLED, Listing, tag, unchanged
from api.serving.exports import FORECAST_COLUMNS
from api.serving.key_first import KeyFirst
from api.serving.queries import AsOf, ForecastsAsked, settled
from api.serving.withheld import unreadable_sources
from ewarn.notify.source_notices import forecast_words
from ewarn.pipeline.intake.footing import footing
from ewarn.store.database.cuts import Cut
from ewarn.store.scores import forecast_scorecards, forecasts
from ewarn.store.scores.forecasts import ForecastFilter

router = APIRouter(prefix="/v1/forecasts", tags=["scores"], route_class=KeyFirst)


@router.get("", response_model=ForecastList, responses=CSV)
def list_forecasts(
    request: Request, state: State, reader: ReadsScores, asked: Annotated[ForecastsAsked, Query()]
) -> Response:
    """The newest forecast of deaths in organised violence, by country and month, one to six months
    after the newest month known.

    Countries that were asked for (`country`, `office`) and of which nothing is forecast end the
    list, as rows that say so. `notice` says up to which month deaths are known. Poll it with
    `If-None-Match`: the answer is 304 until something was forecast again.
    """
    given, after = cursors.begin(state, asked, cursors.row)
    now = settled(state, given)
    countries = within_office(state, reader, asked.office, reader.narrowed(state, asked.country))
    wanted = ForecastFilter(countries, tuple(asked.step), tuple(asked.month))
    with state.store.read() as connection:
        hidden = unreadable_sources(state, reader)
        runs = {
            run.id: run
            for run in forecasts.latest_runs(connection, Cut.at(now), without=hidden).values()
        }
        ground = footing(connection, state.service, countries, now, reader.key.licences)
        etag = tag(request, reader, state.version, sorted(runs), ground)
        same = unchanged(request, etag)
        if same is not None:
            return same
        found = forecasts.of_runs(connection, runs, wanted, after=after, limit=asked.limit + 1)
        told = forecasts.countries_of(connection, runs)
    shown = found[: asked.limit]
    moments = [run.recorded_at for run in runs.values()]
    since = given or max(filter(None, (*moments, ground.turned_at)), default=None)
    cursor = None
    if len(found) > asked.limit:
        cursor = cursors.write(since or now, shown[-1].id)
    named = countries if asked.country or asked.office else ()
    missing = [] if cursor else rows_without_forecast(state, named, told, now)
    return Listing(
        [forecast_record(state, item, runs[item.run_id]) for item in shown] + missing,
        since,
        columns=FORECAST_COLUMNS,
        cursor=cursor,
        notice=forecast_words((run.source, run.known_month) for run in runs.values()),
        footing=ground,
        headers={**POLLED, "ETag": etag},
    ).answer(request, asked.format)


@router.get("/scorecard", response_model=ForecastScorecardList)
def get_forecast_scorecard(
    request: Request, state: State, reader: ReadsScores, asked: Annotated[AsOf, Query()]
) -> Response:
    """How past forecasts did, once their months were known, by step and over all, beside plain
    forecasts of the same moments.

    The list is empty until the first month that was forecast is known.
    """
    moment = asked.moment(state)
    with state.store.read() as connection:
        hidden = unreadable_sources(state, reader)
        found = forecast_scorecards.newest(connection, Cut.at(moment), without=hidden)
    return Listing([forecast_scorecard_record(row) for row in found], moment).answer(request)
