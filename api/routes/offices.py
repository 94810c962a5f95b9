"""Offices: who watches which countries."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from api.access import ReadsAnything, State
from api.answers import Listing
from api.key_first import KeyFirst
from api.problems import Problem
from api.queries import Asking
from api.records import office_record
from api.schemas_places import OfficeList
from api.state import ApiState
from ewarn.domain.region import Office

router = APIRouter(prefix="/v1/offices", tags=["places"], route_class=KeyFirst)


@router.get("", response_model=OfficeList)
def list_offices(
    request: Request, state: State, reader: ReadsAnything, _: Annotated[Asking, Query()]
) -> Response:
    """Offices that watch any country the key covers, with their countries and language."""
    items = [
        office_record(office)
        for office in state.rulebook.offices
        if reader.key.covers_any(office.countries)
    ]
    return Listing(items, None).answer(request)


def office_named(state: ApiState, name: str) -> Office:
    """The office with an id; a problem 404 if there is none."""
    for office in state.rulebook.offices:
        if office.id == name:
            return office
    raise Problem("not-found", f"There is no office {name[:60]!r}; /v1/offices lists them.")
