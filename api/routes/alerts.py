"""Routes for alerts: as they were at any moment, with all their changes."""

from datetime import datetime
from functools import partial
from typing import Annotated, NamedTuple

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response
from sqlalchemy import Connection

from api.formats.registry import NOT_MODIFIED, PlacedFormat, documented
from api.records.records import Record, alert_record, alert_with_timeline
from api.routes.offices import places_of
from api.routing.key_first import open_to_partners
from api.routing.polled import Polled, set_valid_until
from api.schemas.lists import AlertList
from api.serving import cursors
from api.serving.access import Reader, ReadsAlerts, State
from api.serving.answers import POLLED, Listing, answer_in_language, tag, unchanged
from api.serving.footings import footing_of
from api.serving.problems import Problem
from api.serving.queries import AlertsQuery, AsOf, in_any_case
from api.serving.requests import format_of, language_of
from api.serving.state import ApiState
from api.serving.texts import Asked
from api.serving.withheld import readers_of, unreadable_sources
from ewarn.domain.alert import Alert
from ewarn.domain.target import Basis
from ewarn.egress.alerts import AlertWithTimeline
from ewarn.languages import problem_details
from ewarn.languages.catalogues import ENGLISH
from ewarn.notify.messages import labels
from ewarn.pipeline.alerts.staleness import overdue, valid_until, with_staleness
from ewarn.store.alerts import alert_pages, alerts
from ewarn.store.scores import scores

router = APIRouter(prefix="/v1/alerts", tags=["alerts"], route_class=Polled)


@router.get("", response_model=AlertList, responses=documented(PlacedFormat) | NOT_MODIFIED)
@open_to_partners
def list_alerts(
    request: Request, state: State, reader: ReadsAlerts, asked: Annotated[AlertsQuery, Query()]
) -> Response:
    """Return the alerts as they were at `as_of`, those opened last first.

    Poll with `If-None-Match`: the answer is 304 until an alert changes. Needs the scope
    `alerts:read`. Errors: 400 for a wrong cursor; 404 if the key does not cover a country or
    region.
    """
    given, after = cursors.begin(state, asked, cursors.dated)
    now = reader.moment(state, given)
    opened_since, opened_until = reader.days(asked.since, asked.until)
    countries, regions = places_of(state, reader, asked)
    wanted = alerts.AlertFilter(
        countries=countries,
        regions=regions,
        targets=tuple(asked.target),
        states=tuple(asked.state),
        rules=in_any_case(asked.rule, (rule.id for rule in state.rulebook.rules)),
        level=asked.level,
        since=opened_since,
        until=opened_until,
        readers=readers_of(state, reader),
    )
    size = asked.page_size(format_of(request))
    with state.store.read() as connection:
        if given is None:
            newest = alerts.newest_change(connection, now, wanted.countries, wanted.readers)
        else:  # of the past hardly anything changes, whoever may see it
            newest = alerts.newest_change_of_all(connection, now)
        # Alerts become stale with time alone, so the tag must change with it.
        hidden = unreadable_sources(state, reader)
        ends = valid_until(connection, state.service, now, hidden)
        old = overdue(ends, now)
        ground = footing_of(connection, request, reader, wanted.countries, now, given=given)
        coming = (end for source, end in ends.items() if source not in old)
        set_valid_until(request, state.clock(), ground.until, *coming)
        etag = tag(request, reader, state.version, newest, old, ground)
        same = unchanged(request, etag)
        if same is not None:
            return same

        def read(
            connection: Connection, after: alert_pages.Position | None
        ) -> tuple[list[_Listed], alert_pages.Position | None]:
            page = alert_pages.page(connection, wanted, now, after=after, limit=size)
            shown = with_staleness(connection, state.service, page.alerts, old, now)
            bases = scores.bases(connection, [alert.score_id for alert in shown])
            return [_Listed(alert, bases.get(alert.score_id)) for alert in shown], page.end

        found, end = read(connection, after)
        turns = [alerts.changed_at(connection, newest), *old.values(), ground.turned_at]
        since = (given and now) or max((each for each in turns if each is not None), default=None)
    later = cursors.later_pages(state.store, read, end)
    language = language_of(request)
    return Listing(
        [alert_record(state, each.alert, each.basis, language) for each in found],
        since,
        cursor=None if end is None or since is None else cursors.write(state, since, *end),
        later=(alert_record(state, each.alert, each.basis, language) for each in later),
        notice=partial(labels.basis_notices, {each.basis for each in found if each.basis}),
        footing=ground,
        headers={**POLLED, "ETag": etag},
    ).answer(request, asked)


class _Listed(NamedTuple):
    """An alert in a list, with the basis of its score; None if it has no score."""

    alert: Alert
    basis: Basis | None


@router.get("/{id}", response_model=AlertWithTimeline)
@open_to_partners
def get_alert(
    request: Request,
    state: State,
    reader: ReadsAlerts,
    id: Annotated[Asked, Path(description="Id of an alert.", examples=["alert-0123456789abcdef"])],
    asked: Annotated[AsOf, Query()],
) -> Response:
    """Return one alert as it was at `as_of`, with its timeline, oldest change first.

    Needs the scope `alerts:read`. Error: 404 if there is no such alert for the key.
    """
    moment = reader.moment(state, asked.as_of)
    record = alert_as_of(state, reader, id, moment, language_of(request))
    return answer_in_language(request, record)


def alert_as_of(
    state: ApiState, reader: Reader, id: str, moment: datetime, language: str = ENGLISH
) -> Record:
    """Return the record of one alert as it was at a moment, with its timeline.

    Its notice is in a language.

    Raises:
        Problem: 404 if there is no such alert for the key.
    """
    since, until = reader.days(None, None)
    wanted = alerts.AlertFilter(
        countries=reader.countries,
        regions=reader.regions(state, ()),
        ids=(id,),
        since=since,
        until=until,
        readers=readers_of(state, reader),
    )
    with state.store.read() as connection:
        found = alerts.find(connection, wanted, moment)
        if not found:
            raise Problem("not-found", problem_details.NO_ALERT(id=repr(id[:60])))
        old = overdue(valid_until(connection, state.service, moment), moment)
        (alert,) = with_staleness(connection, state.service, found, old, moment)
        return alert_with_timeline(connection, state, reader, alert, moment, language)
