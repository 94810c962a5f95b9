"""Offices: who watches which countries."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from api.records.records import office_record
from api.schemas.lists import OfficeList
from api.serving.access import NOWHERE, Reader, ReadsAnything, State
from api.serving.answers import Listing
from api.serving.key_first import KeyFirst
from api.serving.problems import Problem
from api.serving.queries import Asking
from api.serving.state import ApiState
from ewarn.domain.key import EVERYWHERE
from ewarn.domain.region import Office

router = APIRouter(prefix="/v1/offices", tags=["places"], route_class=KeyFirst)


@router.get("", response_model=OfficeList)
def list_offices(
    request: Request, state: State, reader: ReadsAnything, _: Annotated[Asking, Query()]
) -> Response:
    """Offices that watch any country the key covers, with those countries and their language."""
    return Listing([office_record(each) for each in reader.offices(state)], None).answer(request)


def office_named(state: ApiState, reader: Reader, name: str) -> Office:
    """The office with an id; a problem 404 if none of the key's countries has such a one."""
    for office in reader.offices(state):
        if office.id == name:
            return office
    raise Problem("not-found", f"There is no office {name[:60]!r}; /v1/offices lists them.")


def within_office(
    state: ApiState, reader: Reader, name: str | None, countries: tuple[str, ...]
) -> tuple[str, ...]:
    """Those of some countries (none named: all) that an office watches; all where none is named."""
    office = None if name is None else office_named(state, reader, name)
    if office is None or EVERYWHERE in office.countries:
        return countries
    mine = countries or office.countries
    return tuple(each for each in office.countries if each in mine) or (NOWHERE,)
