"""Route for the brief of a country: one page for decision makers, as data or for printing."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response

from api.formats.registry import documented_text
from api.pages.brief_page import page
from api.routing.key_first import KeyFirst
from api.serving.access import ReadsBriefs, State
from api.serving.answers import FRESH, json_answer
from api.serving.queries import BriefFormat, BriefQuery
from api.serving.requests import format_of
from api.serving.state import ApiState
from api.serving.withheld import readers_of, uncounted_sources
from ewarn.domain.region import Region
from ewarn.egress.briefs import Brief

router = APIRouter(prefix="/v1/regions", tags=["response"], route_class=KeyFirst)
_PAGE = "<!DOCTYPE html><title>Togo</title>"


@router.get(
    "/{id}/brief",
    response_model=Brief,
    responses={200: documented_text("text/html", "A brief, also to print.", _PAGE)},
)
def get_brief(
    request: Request,
    state: State,
    reader: ReadsBriefs,
    id: Annotated[str, Path(description="Any code of the country.", examples=["TGO"])],
    asked: Annotated[BriefQuery, Query()],
) -> Response:
    """Return what an office needs to know about a country, as it was known at `as_of`.

    It contains scores with intervals and drivers, weekly series, alerts that are open or closed in
    the last 90 days, open recommendations on assembly, detention and elections, votes within a
    year, and deployments with their effect. `format=html` (or `Accept: text/html`) returns one page
    for printing. The code of a subdivision returns the brief of its country. Needs the scopes
    `scores:read`, `alerts:read`, `events:read` and `deployments:read`. Error: 404 if there is no
    such region for the key.
    """
    moment = asked.moment(state)
    region = reader.region(state, id)
    country = state.places.get(region.country)
    language = asked.language or _language(state, country)
    # A brief shows counts and scores from protected reports, but not their rows.
    hidden, readers = uncounted_sources(state, reader), readers_of(state, reader)
    made = state.brief(country, moment, language, hidden, readers)
    headers = {**FRESH, "Content-Language": made["language"]}
    if format_of(request) == BriefFormat.HTML:
        text = page(made, state.places, state.version)
        return Response(text, media_type="text/html; charset=utf-8", headers=headers)
    return json_answer(made, headers)


def _language(state: ApiState, country: Region) -> str:
    """Return the language of the most specific office that watches a country, else English.

    The most specific office is the one with the fewest countries.
    """
    watching = [office for office in state.rulebook.offices if office.covers(country)]
    named = [office for office in watching if "*" not in office.countries] or watching
    closest = min(named, key=lambda office: len(office.countries), default=None)
    return "en" if closest is None else closest.language
