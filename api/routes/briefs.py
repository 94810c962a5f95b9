"""The brief of a country: one page for whoever must decide, as data or made for print."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response

from api.pages.brief_page import page
from api.serving.access import ReadsBriefs, State
from api.serving.answers import FRESH, json_answer
from api.serving.key_first import KeyFirst
from api.serving.queries import BriefAsked, BriefFormat
from api.serving.state import ApiState
from api.serving.withheld import readers_of, uncounted_sources
from ewarn.domain.region import Region
from ewarn.egress.briefs import Brief

router = APIRouter(prefix="/v1/regions", tags=["response"], route_class=KeyFirst)


@router.get(
    "/{id}/brief",
    response_model=Brief,
    responses={200: {"content": {"text/html": {"schema": {"type": "string"}}}}},
)
def get_brief(
    request: Request,
    state: State,
    reader: ReadsBriefs,
    id: Annotated[str, Path(description="Any code of the country.", examples=["TGO"])],
    asked: Annotated[BriefAsked, Query()],
) -> Response:
    """What an office needs to know of a country, as it was known at `as_of`.

    Scores with intervals and drivers, weekly series, alerts that stand or closed in the last 90
    days, open recommendations on assembly, detention and elections, votes within a year,
    deployments and their effect. `format=html` (or `Accept: text/html`) is one page for print.
    A subdivision's code gives the brief of its country.
    """
    moment = asked.moment(state)
    region = reader.region(state, id)
    country = state.places.get(region.country)
    language = asked.language or _language(state, country)
    # Of protected reports a brief has counts and scores, and no rows.
    hidden, readers = uncounted_sources(state, reader), readers_of(state, reader)
    made = state.brief(country, moment, language, hidden, readers)
    if asked.format is BriefFormat.HTML or (asked.format is None and _wants_html(request)):
        text = page(made, state.places, state.version)
        return Response(text, media_type="text/html; charset=utf-8", headers=dict(FRESH))
    return json_answer(made)


def _language(state: ApiState, country: Region) -> str:
    """That of the office with the fewest countries that watches this one, else English."""
    watching = [office for office in state.rulebook.offices if office.covers(country)]
    named = [office for office in watching if "*" not in office.countries] or watching
    closest = min(named, key=lambda office: len(office.countries), default=None)
    return "en" if closest is None else closest.language


def _wants_html(request: Request) -> bool:
    accepted = request.headers.get("accept", "")
    return "text/html" in accepted and "application/json" not in accepted
