"""Routes for recommendations to countries and their follow-up."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from operator import attrgetter
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import Response
from sqlalchemy import Connection

from api.formats.registry import MEDIA_TYPES, XLSX, TableFormat, documented
from api.pages.told_problem import TELLERS
from api.records.response_records import recommendation_record, taken_in_record
from api.routing.key_first import KeyFirst, takes_at_most
from api.schemas.lists import RecommendationList
from api.schemas.response import RecommendationBody, StatusQuery
from api.serving import cursors
from api.serving.access import Reader, ReadsDeployments, State, WritesDeployments
from api.serving.answers import Listing, answer_in_language, json_answer
from api.serving.problems import Problem, as_problems
from api.serving.queries import AsOf, NoParameters, RecommendationsQuery, settled
from api.serving.requests import format_of, language_of
from api.serving.state import ApiState
from api.serving.texts import Asked
from ewarn.domain.recommendation import Recommendation, Status
from ewarn.domain.region import Level
from ewarn.egress.response import RecommendationImportRecord, RecommendationWithHistory
from ewarn.errors import InputError
from ewarn.languages import problem_details
from ewarn.languages.row_reasons import told_row_reason
from ewarn.pipeline.response.recommendations import RecommendationImport, add, move, take_in
from ewarn.response.follow_up import identity
from ewarn.response.sheets import MOST_BYTES
from ewarn.store.response import recommendations
from ewarn.store.response.recommendations import RecommendationFilter

router = APIRouter(prefix="/v1/recommendations", tags=["response"], route_class=KeyFirst)
Id = Annotated[
    Asked, Path(description="Id of a recommendation.", examples=["recommendation-0123456789abcdef"])
]
_ROWS = (
    "country,body,text,owner,given_on\r\n"
    "TGO,upr,An invented recommendation.,regional office,2016-11-04\r\n"
)
_FILE = {
    "requestBody": {
        "required": True,
        "description": "A CSV file (UTF-8) or an XLSX workbook of up to 5 MiB: docs/response.md.",
        "content": {
            "text/csv": {"schema": {"type": "string"}, "example": _ROWS},
            MEDIA_TYPES[XLSX]: {"schema": {"type": "string", "format": "binary"}},
        },
    }
}


async def _file(request: Request) -> bytes:
    return await request.body()


@router.get("", response_model=RecommendationList, responses=documented(TableFormat))
def list_recommendations(
    request: Request,
    state: State,
    reader: ReadsDeployments,
    asked: Annotated[RecommendationsQuery, Query()],
) -> Response:
    """Return the recommendations as they were at `as_of`, newest first by `given_on`.

    Only recommendations to countries of the key are listed. Needs the scope `deployments:read`.
    """
    given, after = cursors.begin(state, asked, cursors.dated)
    now = settled(state, given)
    wanted = RecommendationFilter(
        bodies=tuple(asked.body),
        themes=tuple(asked.theme),
        statuses=tuple(asked.status),
        overdue_on=now.date() if asked.overdue else None,
    )
    countries = reader.narrowed(state, asked.country)
    size = asked.page_size(format_of(request))

    def read(
        connection: Connection, after: tuple[date, str] | None
    ) -> tuple[Sequence[Recommendation], tuple[date, str] | None]:
        found = recommendations.find(
            connection, now, wanted, countries=countries, after=after, limit=size + 1
        )
        return cursors.page_of(found, size, attrgetter("given_on", "id"))

    with state.store.read() as connection:
        found, end = read(connection, after)
    later = cursors.later_pages(state.store, read, end)
    return Listing(
        [recommendation_record(item, now.date()) for item in found],
        now,
        cursor=None if end is None else cursors.write(state, now, *end),
        later=(recommendation_record(item, now.date()) for item in later),
    ).answer(request, asked)


@router.get("/{id}", response_model=RecommendationWithHistory)
def get_recommendation(
    state: State, reader: ReadsDeployments, id: Id, asked: Annotated[AsOf, Query()]
) -> Response:
    """Return one recommendation as it was at `as_of`, with its history, oldest first.

    Needs the scope `deployments:read`. Error: 404 if there is no such recommendation for the key.
    """
    moment = asked.moment(state)
    with state.store.read() as connection:
        found = recommendations.find(
            connection, moment, RecommendationFilter(), countries=reader.countries, ids=[id]
        )
        if not found:
            raise Problem("not-found", problem_details.NO_RECOMMENDATION(id=repr(id[:60])))
        history = recommendations.history(connection, id, moment)
    return json_answer(recommendation_record(found[0], moment.date(), history))


@router.post(
    "", response_model=RecommendationWithHistory, status_code=201, responses={404: {}, 409: {}}
)
def add_recommendation(
    state: State,
    actor: WritesDeployments,
    asked: RecommendationBody,
    _: Annotated[NoParameters, Query()],
) -> Response:
    """Add a recommendation. Its status is `open` at first.

    Needs the scope `deployments:write`. Errors: 404 if the key does not cover the country; 409 if
    the recommendation exists already or is not valid.
    """
    now = state.clock()
    with as_problems():
        change = add(state.store, _recommendation(state, actor, asked), actor.name, now)
    answer = get_recommendation(state, actor, change.recommendation.id, AsOf.model_construct())
    answer.status_code = 201
    return answer


@router.post(
    "/import", response_model=RecommendationImportRecord, openapi_extra=_FILE, responses={400: {}}
)
@takes_at_most(MOST_BYTES)
def import_recommendations(
    request: Request,
    state: State,
    actor: WritesDeployments,
    body: Annotated[bytes, Depends(_file)],
    _: Annotated[NoParameters, Query()],
) -> Response:
    """Import a list of recommendations from a CSV or XLSX file.

    Invalid rows are rejected with their line and a reason, in the language of `Accept-Language`;
    the others are stored. To import the same file again changes nothing. Needs the scope
    `deployments:write`. Errors: 400 if the file cannot be read, 413 if it is larger than 5 MiB.
    """
    now = state.clock()
    try:
        found = take_in(
            state.store, state.places, body, actor.countries, actor.name, now, "imported"
        )
    except InputError as error:
        raise Problem("request-refused", f"{error}.") from None
    return answer_in_language(request, taken_in_record(_told(found, language_of(request))))


@router.post("/{id}/status", response_model=RecommendationWithHistory, responses={409: {}})
def move_recommendation(
    state: State,
    actor: WritesDeployments,
    id: Id,
    asked: StatusQuery,
    _: Annotated[NoParameters, Query()],
) -> Response:
    """Record the new status of a recommendation and the evidence for it.

    Every status stays on record. If the review date has passed, this counts as the review;
    `review_on` sets the next one. Needs the scope `deployments:write`. Errors: 404 if there is no
    such recommendation for the key, 409 if the status is not possible now.
    """
    now = state.clock()
    with as_problems():
        move(
            state.store,
            id,
            actor.countries,
            asked.status,
            asked.evidence,
            actor.name,
            now,
            on=asked.on,
            review_on=asked.review_on,
        )
    return get_recommendation(state, actor, id, AsOf.model_construct())


def _told(found: RecommendationImport, language: str) -> RecommendationImport:
    """Return the result of an import with its reasons and warnings in a language."""

    def told(text: str) -> str:
        return told_row_reason(text, language, TELLERS)

    rejected = tuple(replace(each, reason=told(each.reason)) for each in found.rejected)
    return replace(found, rejected=rejected, warnings=tuple(map(told, found.warnings)))


def _recommendation(state: ApiState, actor: Reader, asked: RecommendationBody) -> Recommendation:
    country = actor.region(state, asked.country)
    if country.level is not Level.COUNTRY:
        detail = problem_details.RECOMMENDED_TO_NO_COUNTRY(code=country.id)
        raise Problem("not-possible", detail)
    values = asked.model_dump() | {"country": country.id}
    return Recommendation(
        id=identity(country.id, asked.body, asked.reference, asked.text),
        status=Status.OPEN,
        status_on=asked.given_on,
        evidence="",
        **values,
    )
