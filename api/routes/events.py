"""Routes for events as sources report them, with all their versions."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response
from sqlalchemy import Connection

from api.formats.registry import PlacedFormat, documented
from api.records.records import event_record
from api.routes.offices import places_of
from api.routing.key_first import open_to_partners
from api.routing.polled import Polled, set_valid_until
from api.schemas.lists import EventList, VersionList
from api.serving import cursors
from api.serving.access import Reader, ReadsEvents, State
from api.serving.answers import Listing
from api.serving.footings import footing_of
from api.serving.problems import Problem
from api.serving.queries import EventsQuery, ListAsOf, in_any_case
from api.serving.requests import format_of
from api.serving.state import ApiState
from api.serving.texts import Asked
from api.serving.withheld import passable, passable_links, withheld_sources
from ewarn.domain.event import Event
from ewarn.domain.kinds import PLANNED
from ewarn.languages import problem_details
from ewarn.store.database.cuts import Cut
from ewarn.store.events import event_pages, event_queries

router = APIRouter(prefix="/v1/events", tags=["events"], route_class=Polled)
SourceName = Annotated[Asked, Path(description="Name of the source.", examples=["chronicle"])]
SourceEventId = Annotated[
    Asked,
    Path(
        description="The id that the source gave to the event.",
        examples=["TGO-2017-08-19-sokode-1"],
    ),
]


@router.get("", response_model=EventList, responses=documented(PlacedFormat))
@open_to_partners
def list_events(
    request: Request, state: State, reader: ReadsEvents, asked: Annotated[EventsQuery, Query()]
) -> Response:
    """Return the events, newest first, each in the version that was in force at `as_of`.

    CSV (`Accept: text/csv` or `format=csv`) is the event-exchange format; importing it again
    changes nothing. Announced assemblies are left out, and so are sources whose terms forbid
    passing rows on. Needs the scope `events:read`. Errors: 400 for a wrong cursor; 404 if the key
    does not cover a country or region.
    """
    given, after = cursors.begin(state, asked, cursors.event)
    moment = reader.moment(state, given)
    countries, regions = places_of(state, reader, asked)
    wanted = passable(
        state,
        reader,
        countries=countries,
        regions=regions,
        sources=in_any_case(asked.source, state.terms),
        kinds=[kind.value for kind in asked.kind],
        since=asked.since,
        until=asked.until,
        level=asked.level,
    )
    size = asked.page_size(format_of(request))

    def read(
        connection: Connection, after: event_pages.Position | None
    ) -> tuple[list[Event], event_pages.Position | None]:
        page = event_pages.page(connection, moment, wanted, after=after, limit=size)
        return page.events, page.end

    with state.store.read() as connection:
        found, end = read(connection, after)
        ground = footing_of(connection, request, reader, wanted.countries, moment, given=given)
    set_valid_until(request, state.clock(), ground.until)
    return Listing(
        [event_record(event) for event in found],
        moment,
        cursor=None if end is None else cursors.write(state, moment, *end),
        later=map(event_record, cursors.later_pages(state.store, read, end)),
        footing=ground,
    ).answer(request, asked)


@router.get("/{source}/{source_event_id:path}/versions", response_model=VersionList)
@open_to_partners
def list_versions(
    request: Request,
    state: State,
    reader: ReadsEvents,
    source: SourceName,
    source_event_id: SourceEventId,
    asked: Annotated[ListAsOf, Query()],
) -> Response:
    """Return every version of one event that was known at `as_of`, oldest first, with deletions.

    Needs the scope `events:read`. Error: 404 if there is no such event for the key.
    """
    moment = reader.moment(state, asked.as_of)
    versions = _versions(state, reader, source, source_event_id, moment)
    return Listing([event_record(event) for event in versions], moment).answer(request)


@router.get("/{source}/{source_event_id:path}/links", response_model=VersionList)
@open_to_partners
def list_links(
    request: Request,
    state: State,
    reader: ReadsEvents,
    source: SourceName,
    source_event_id: SourceEventId,
    asked: Annotated[ListAsOf, Query()],
) -> Response:
    """Return events of other sources that may be the same happening.

    They are of the same kind in the same region, from the day before to the day after. They may
    also report another happening: events of different sources are never merged or added up. Needs
    the scope `events:read`. Error: 404 if there is no such event for the key.
    """
    moment = reader.moment(state, asked.as_of)
    event = _versions(state, reader, source, source_event_id, moment)[-1]
    if event.deleted:
        return Listing([], moment).answer(request)
    with state.store.read() as connection:
        found = event_queries.current(
            connection, Cut.at(moment), passable_links(state, reader, event)
        )
    return Listing([event_record(item) for item in found], moment).answer(request)


def _versions(
    state: ApiState, reader: Reader, source: str, source_event_id: str, moment: datetime
) -> list[Event]:
    """Return the versions of an event that a key may see.

    Raises:
        Problem: 404 if there are none.
    """
    with state.store.read() as connection:
        versions = event_queries.history(connection, source, source_event_id, Cut.at(moment))
    seen = list(_seen(reader, versions))
    if all(event.deleted for event in seen) or source in withheld_sources(state, reader):
        raise Problem("not-found", problem_details.NO_EVENT())
    return seen


def _seen(reader: Reader, versions: Iterable[Event]) -> Iterator[Event]:
    """Yield the versions that a key may see, and the deletions of these.

    Some sources give no place with a deletion.
    """
    is_seen = False
    for event in versions:
        if not event.deleted:
            is_planned = PLANNED in event.tags
            is_seen = not is_planned and reader.sees_day(
                event.country, event.region, event.occurred_on
            )
        if is_seen:
            yield event
