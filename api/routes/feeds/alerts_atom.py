"""Route for the Atom feed of alerts."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from api.formats import atom
from api.formats.registry import NOT_MODIFIED, documented_text
from api.records.records import alert_record
from api.routes.feeds.headlines import headline, subject
from api.routes.feeds.queries import FollowQuery
from api.routing.key_first import KeyFirst
from api.serving.access import ReadsAlerts, State
from api.serving.answers import POLLED, tag, unchanged
from api.serving.state import ApiState
from ewarn.domain.target import Basis
from ewarn.egress.alerts import AlertEventRecord
from ewarn.egress.definition.shapes import outbound
from ewarn.pipeline.intake.footing import footing
from ewarn.store.alerts import changes
from ewarn.store.alerts.changes import RecordedChange
from ewarn.store.scores import scores

ENTRIES = 100
_EXAMPLE = '<feed xmlns="http://www.w3.org/2005/Atom"><title>ewarn: alerts</title></feed>'
router = APIRouter(prefix="/v1/feeds", tags=["alerts"], route_class=KeyFirst)


@router.get(
    "/alerts.atom",
    response_class=Response,
    responses=NOT_MODIFIED | {200: documented_text(atom.MEDIA_TYPE, "An Atom feed.", _EXAMPLE)},
)
def get_feed(
    request: Request, state: State, reader: ReadsAlerts, asked: Annotated[FollowQuery, Query()]
) -> Response:
    """Return the newest hundred changes of alerts as an Atom feed, the newest first.

    The subtitle of the feed is the notice on sources that are not healthy. Poll with
    `If-None-Match`. Needs the scope `alerts:read`. Error: 404 if the key does not cover a country
    or region, or there is no such office.
    """
    now, wanted = state.clock(), asked.filter(state, reader)
    with state.store.read() as connection:
        found = changes.newest(connection, wanted, now, ENTRIES)
        ground = footing(connection, state.service, wanted.countries, now, reader.key.licences)
        bases = scores.bases(connection, {each.alert.score_id for each in found})
    turns = [found[0].event.at if found else None, ground.turned_at]
    address = f"{state.base_url}{request.url.path}"
    query = f"?{request.url.query}" if request.url.query else ""
    text = atom.write(
        id_=address + query,
        title="ewarn: alerts",
        subtitle=ground.notice(),
        address=address + query,
        updated=max(filter(None, turns), default=now),
        entries=[_entry(state, each, bases) for each in found],
    )
    etag = tag(request, reader, state.version, text)
    same = unchanged(request, etag)
    if same is not None:
        return same
    return Response(text, media_type=atom.MEDIA_TYPE, headers={**POLLED, "ETag": etag})


def _entry(state: ApiState, found: RecordedChange, bases: Mapping[str, Basis]) -> atom.AtomEntry:
    alert = alert_record(state, found.alert, bases.get(found.alert.score_id))
    change: dict[str, Any] = outbound(AlertEventRecord, found.event)
    address = f"{state.base_url}/v1/alerts/{alert['id']}"
    parts = (subject(alert), change["reason"], alert["notice"])
    return atom.AtomEntry(
        id=f"{address}#{change['sequence']}",
        title=headline(alert, change),
        summary=". ".join(part for part in parts if part) + ".",
        at=change["at"],
        author=change["actor"],
        category=change["kind"],
        web=f"{state.base_url}/alerts/{alert['id']}",
        cap=f"{address}.cap",
    )
