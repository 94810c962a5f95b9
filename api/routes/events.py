"""Events as sources know them, and every version of each."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response

from api.records.records import event_record
from api.schemas.lists import EventList, VersionList
from api.serving import cursors
from api.serving.access import Reader, ReadsEvents, State
from api.serving.answers import Listing
from api.serving.exports import EVENT_COLUMNS, exchange_row
from api.serving.key_first import KeyFirst
from api.serving.problems import Problem
from api.serving.queries import AsOf, EventsAsked, settled
from api.serving.state import ApiState
from api.serving.texts import Asked
from api.serving.withheld import passable, passable_links, withheld_sources
from ewarn.domain.event import Event
from ewarn.domain.kinds import PLANNED
from ewarn.pipeline.intake.footing import footing
from ewarn.store.database.cuts import Cut
from ewarn.store.events import event_queries

router = APIRouter(prefix="/v1/events", tags=["events"], route_class=KeyFirst)
CSV: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/csv": {"schema": {"type": "string"}}}}
}


@router.get("", response_model=EventList, responses=CSV)
def list_events(
    request: Request, state: State, reader: ReadsEvents, asked: Annotated[EventsAsked, Query()]
) -> Response:
    """Events, newest first, each in the version in force at `as_of`.

    CSV (`Accept: text/csv` or `format=csv`) is the event-exchange format: importing it again
    changes nothing. Announced assemblies, and sources whose terms forbid passing rows on, are
    left out.
    """
    given, after = cursors.begin(state, asked, cursors.event)
    moment = settled(state, given)
    wanted = passable(
        state,
        reader,
        countries=reader.narrowed(state, asked.country),
        regions=reader.regions(state, asked.region),
        sources=asked.source,
        kinds=[kind.value for kind in asked.kind],
        since=asked.since,
        until=asked.until,
    )
    with state.store.read() as connection:
        found = event_queries.current(
            connection, Cut.at(moment), wanted, after=after, limit=asked.limit + 1
        )
        ground = footing(connection, state.service, wanted.countries, moment, reader.key.licences)
    shown = found[: asked.limit]
    records = [event_record(event) for event in shown]
    cursor = None
    if len(found) > asked.limit:
        last = shown[-1]
        cursor = cursors.write(moment, last.occurred_on, last.source, last.source_event_id)
    return Listing(
        records,
        moment,
        columns=EVENT_COLUMNS,
        cursor=cursor,
        footing=ground,
        rows=[exchange_row(*pair) for pair in zip(shown, records, strict=True)],
    ).answer(request, asked.format)


@router.get("/{source}/{source_event_id:path}/versions", response_model=VersionList)
def list_versions(
    request: Request,
    state: State,
    reader: ReadsEvents,
    source: Annotated[Asked, Path(examples=["chronicle"])],
    source_event_id: Annotated[Asked, Path(examples=["TGO-2017-08-19-sokode-1"])],
    asked: Annotated[AsOf, Query()],
) -> Response:
    """Every version of one event known at `as_of`, oldest first, deletions included."""
    moment = asked.moment(state)
    versions = _versions(state, reader, source, source_event_id, moment)
    return Listing([event_record(event) for event in versions], moment).answer(request)


@router.get("/{source}/{source_event_id:path}/links", response_model=VersionList)
def list_links(
    request: Request,
    state: State,
    reader: ReadsEvents,
    source: Annotated[Asked, Path(examples=["chronicle"])],
    source_event_id: Annotated[Asked, Path(examples=["TGO-2017-08-19-sokode-1"])],
    asked: Annotated[AsOf, Query()],
) -> Response:
    """What other sources say of the same kind in the same region, a day before to a day after.

    They may tell of the same happening or of another; sources are never merged nor added up.
    """
    moment = asked.moment(state)
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
    """Versions of an event that a key may see; raises Problem where there is none."""
    with state.store.read() as connection:
        versions = event_queries.history(connection, source, source_event_id, Cut.at(moment))
    seen = [
        event
        for event in versions
        if PLANNED not in event.tags and (event.deleted or reader.sees(event.country))
    ]
    if all(event.deleted for event in seen) or source in withheld_sources(state, reader):
        raise Problem("not-found", "There is no such event for this key.")
    return seen
