"""Routes for offices, and limits of lists to the countries of an office."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from api.records.records import office_record
from api.routing.key_first import KeyFirst
from api.schemas.lists import OfficeList
from api.serving.access import NOWHERE, Reader, ReadsAnything, State
from api.serving.answers import Listing
from api.serving.problems import Problem
from api.serving.queries import ListQuery, OfPlaces
from api.serving.state import ApiState
from ewarn.domain.key import EVERYWHERE
from ewarn.domain.region import Office
from ewarn.languages import problem_details

router = APIRouter(prefix="/v1/offices", tags=["places"], route_class=KeyFirst)


@router.get("", response_model=OfficeList)
def list_offices(
    request: Request, state: State, reader: ReadsAnything, _: Annotated[ListQuery, Query()]
) -> Response:
    """Return the offices that watch a country of the key, with their language.

    `countries` holds only those that the key covers. Needs any read scope.
    """
    return Listing([office_record(each) for each in reader.offices(state)], None).answer(request)


def office_named(state: ApiState, reader: Reader, name: str) -> Office:
    """Return the office with an id.

    Raises:
        Problem: 404 if no such office watches a country of the key.
    """
    for office in reader.offices(state):
        if office.id.casefold() == name.casefold():
            return office
    raise Problem("not-found", problem_details.NO_OFFICE(name=repr(name[:60])))


def places_of(
    state: ApiState, reader: Reader, asked: OfPlaces
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the countries and the regions that the parameters of a list name.

    Raises:
        Problem: 404 if the key does not cover one of them, or if there is no such office.
    """
    countries = reader.narrowed(state, asked.country)
    regions = reader.regions(state, asked.region, countries)
    return within_office(state, reader, asked.office, countries), regions


def within_office(
    state: ApiState, reader: Reader, name: str | None, countries: tuple[str, ...]
) -> tuple[str, ...]:
    """Return those of some countries that an office watches.

    Without an office, return the countries unchanged. Without countries, return all of the office.
    """
    office = None if name is None else office_named(state, reader, name)
    if office is None or EVERYWHERE in office.countries:
        return countries
    mine = countries or office.countries
    return tuple(each for each in office.countries if each in mine) or (NOWHERE,)
