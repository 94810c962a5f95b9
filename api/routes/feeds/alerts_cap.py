"""Route for an alert as a message of the Common Alerting Protocol."""

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Path, Query
from fastapi.responses import Response

from api.formats import cap
from api.formats.registry import documented_text
from api.records.outlines import simple_outline
from api.routes.alerts import alert_as_of
from api.routes.feeds.headlines import headline, subject
from api.routing.key_first import KeyFirst
from api.serving.access import ReadsAlerts, State
from api.serving.answers import FRESH
from api.serving.queries import AsOf
from api.serving.state import ApiState
from api.serving.texts import Asked
from ewarn.domain.alert import ChangeKind
from ewarn.domain.region import Level, Region
from ewarn.notify.messages.payload_fields import CALLS_TO_ACT

OWN_ID = "~"  # in the ids of subdivisions that ISO has no code for
_SCHEMES = {Level.COUNTRY: "ISO 3166-1 alpha-3", Level.ADMIN1: "ISO 3166-2"}
_EXAMPLE = (
    '<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>a1.1</identifier></alert>'
)
router = APIRouter(prefix="/v1/alerts", tags=["alerts"], route_class=KeyFirst)


@router.get(
    "/{id}.cap",
    response_class=Response,
    responses={200: documented_text(cap.MEDIA_TYPE, "A message of CAP 1.2.", _EXAMPLE)},
)
def get_cap(
    state: State,
    reader: ReadsAlerts,
    id: Annotated[Asked, Path(description="Id of an alert.", examples=["alert-0123456789abcdef"])],
    asked: Annotated[AsOf, Query()],
) -> Response:
    """Return one alert as a CAP 1.2 message, as it was at `as_of`.

    The message is that of the newest change. The first change of an alert is a message `Alert`,
    later ones are an `Update` that refers to those before, and a withdrawal is a `Cancel`. Its
    scope is Restricted. Needs the scope `alerts:read`. Error: 404 if there is no such alert for the
    key.
    """
    record = alert_as_of(state, reader, id, asked.moment(state))
    change, region = record["timeline"][-1], state.places.get(record["region"])
    said = cap.CapMessage(
        sender=urlsplit(state.base_url).hostname or "ewarn",
        web=f"{state.base_url}/alerts/{record['id']}",
        headline=headline(record, change),
        event=subject(record),
        instruction=_instruction(state, record["rule"], ChangeKind(change["kind"])),
        area=_area(state, region),
        codes={_SCHEMES[region.level]: region.id} if OWN_ID not in region.id else {},
        outline=simple_outline(state.places, region.id),
        is_exercise=state.is_replay,
    )
    headers = {**FRESH, "Content-Disposition": f'inline; filename="{record["id"]}.xml"'}
    return Response(cap.write(record, said), media_type=cap.MEDIA_TYPE, headers=headers)


def _area(state: ApiState, region: Region) -> str:
    if region.parent is None:
        return region.name
    return f"{region.name}, {state.places.get(region.parent).name}"


def _instruction(state: ApiState, rule_id: str, kind: ChangeKind) -> str:
    """Return the suggested action, or an empty text if nobody has to act."""
    rule = next((rule for rule in state.rulebook.rules if rule.id == rule_id), None)
    playbook = state.rulebook.playbooks.get((rule and rule.playbook) or "")
    if playbook is None or kind not in CALLS_TO_ACT:
        return ""
    return playbook.suggestion.get("en", "")
