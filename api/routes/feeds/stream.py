"""Route for the stream of changes of alerts."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from api.formats.event_stream import MEDIA_TYPE
from api.formats.registry import documented_text
from api.routes.feeds.change_feed import ChangeFeed
from api.routes.feeds.queries import FollowQuery
from api.routing.key_first import KeyFirst
from api.serving.access import ReadsAlerts, State
from api.serving.answers import WithoutBodyForHead
from api.serving.requests import HEAD

router = APIRouter(prefix="/v1/stream", tags=["alerts"], route_class=KeyFirst)
LastEventId = Annotated[
    int | None,
    Header(
        ge=0,
        le=2**63 - 1,
        description="The id of the last event that the client received.",
        examples=[12],
    ),
]


_EXAMPLE = 'id: 12\ndata: {"change": {"kind": "opened"}, "alert": {"id": "a1"}}\n\n'
_EVERYTHING = FollowQuery(office=None, level=None)


@router.get(
    "",
    response_class=Response,
    responses={
        200: documented_text(MEDIA_TYPE, "Changes, as server-sent events.", _EXAMPLE),
        400: {},
    },
)
async def stream_changes(
    request: Request,
    state: State,
    reader: ReadsAlerts,
    asked: Annotated[FollowQuery, Query()],
    last_event_id: LastEventId = None,
) -> Response:
    """Return changes of alerts as they are recorded, as server-sent events that do not end.

    The data of an event are the change (`change`) and the alert after it (`alert`), and its id is
    the `sequence` of the change. With the header `Last-Event-ID` the stream goes on after that
    change, without a skip or a repeat; without it, it begins now. A comment is sent when nothing
    happens. The stream ends when the key is revoked or expires, and when the service stops. Needs
    the scope `alerts:read`. Errors: 400 if there is no such change; 404 if the key does not cover a
    country or region, or there is no such office; 503 if too many clients are connected.
    """
    wanted = await run_in_threadpool(asked.filter, state, reader)
    readable = await run_in_threadpool(_EVERYTHING.filter, state, reader)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    feed: ChangeFeed = request.app.state.changes
    is_head = request.scope.get(HEAD)
    events = (
        _nothing() if is_head else await feed.follow(reader.key, wanted, last_event_id, readable)
    )
    return WithoutBodyForHead(events, media_type=MEDIA_TYPE, headers=headers)


async def _nothing() -> AsyncIterator[bytes]:
    nothing: tuple[bytes, ...] = ()
    for piece in nothing:
        yield piece
