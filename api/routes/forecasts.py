"""Routes for monthly forecasts of deaths by country, and for their scorecard."""

from collections.abc import Sequence
from functools import partial
from operator import attrgetter
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from sqlalchemy import Connection

from api.formats.registry import NOT_MODIFIED, TableFormat, documented
from api.records.forecast_records import (
    forecast_record,
    forecast_scorecard_record,
    rows_without_forecast,
)
from api.routes.offices import within_office
from api.routing.key_first import KeyFirst
from api.schemas.lists import ForecastList, ForecastScorecardList
from api.serving import cursors
from api.serving.access import ReadsScores, State
from api.serving.answers import POLLED, Listing, tag, unchanged
from api.serving.footings import footing_of
from api.serving.queries import ForecastsQuery, ListAsOf, settled
from api.serving.requests import format_of, language_of
from api.serving.withheld import unreadable_sources
from ewarn.notify.messages.source_notices import forecast_words
from ewarn.store.database.cuts import Cut
from ewarn.store.scores import forecast_scorecards, forecasts
from ewarn.store.scores.forecasts import Forecast, ForecastFilter

router = APIRouter(prefix="/v1/forecasts", tags=["scores"], route_class=KeyFirst)


@router.get("", response_model=ForecastList, responses=documented(TableFormat) | NOT_MODIFIED)
def list_forecasts(
    request: Request, state: State, reader: ReadsScores, asked: Annotated[ForecastsQuery, Query()]
) -> Response:
    """Return the newest forecast of deaths in organised violence, by country and month.

    Forecasts reach one to six months beyond the newest known month, which `notice` names. Countries
    that the request names (`country`, `office`) and that have no forecast are at the end of the
    list, in rows that say so. Poll with `If-None-Match`: the answer is 304 until there are new
    forecasts. Needs the scope `scores:read`. Errors: 400 for a wrong cursor; 404 if the key does
    not cover a country, or there is no such office.
    """
    given, after = cursors.begin(state, asked, cursors.row)
    now = settled(state, given)
    countries = within_office(state, reader, asked.office, reader.narrowed(state, asked.country))
    wanted = ForecastFilter(countries, tuple(asked.step), tuple(asked.month))
    size = asked.page_size(format_of(request))
    with state.store.read() as connection:
        hidden = unreadable_sources(state, reader)
        runs = {
            run.id: run
            for run in forecasts.latest_runs(connection, Cut.at(now), without=hidden).values()
        }
        ground = footing_of(connection, request, reader, countries, now, given=given)
        etag = tag(request, reader, state.version, sorted(runs), ground)
        same = unchanged(request, etag)
        if same is not None:
            return same

        def read(
            connection: Connection, after: int | None
        ) -> tuple[Sequence[Forecast], int | None]:
            found = forecasts.of_runs(connection, runs, wanted, after=after, limit=size + 1)
            return cursors.page_of(found, size, attrgetter("id"))

        found, end = read(connection, after)
        told = forecasts.countries_of(connection, runs)
    moments = [run.recorded_at for run in runs.values()]
    since = given or max(filter(None, (*moments, ground.turned_at)), default=None)
    named = countries if asked.country or asked.office else ()
    later = cursors.later_pages(state.store, read, end)
    return Listing(
        [forecast_record(state, item, runs[item.run_id]) for item in found],
        since,
        cursor=None if end is None else cursors.write(state, since or now, end),
        later=(forecast_record(state, item, runs[item.run_id]) for item in later),
        last=rows_without_forecast(state, named, told, now, language_of(request)),
        notice=partial(forecast_words, [(run.source, run.known_month) for run in runs.values()]),
        footing=ground,
        headers={**POLLED, "ETag": etag},
    ).answer(request, asked)


@router.get("/scorecard", response_model=ForecastScorecardList)
def get_forecast_scorecard(
    request: Request, state: State, reader: ReadsScores, asked: Annotated[ListAsOf, Query()]
) -> Response:
    """Return how well past forecasts did, by months ahead and over all, beside baseline forecasts.

    The baseline forecasts are of the same moments. The list is empty until the first forecast month
    is known. Needs the scope `scores:read`.
    """
    moment = asked.moment(state)
    with state.store.read() as connection:
        hidden = unreadable_sources(state, reader)
        found = forecast_scorecards.newest(connection, Cut.at(moment), without=hidden)
    return Listing([forecast_scorecard_record(row) for row in found], moment).answer(request)
