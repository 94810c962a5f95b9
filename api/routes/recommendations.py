"""Recommendations: what was asked of a country, by whom it is followed up, how far it has come."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import Response

from api.records.response_records import recommendation_record, taken_in_record
from api.routes.events import CSV
from api.schemas.lists import RecommendationList
from api.schemas.response import RecommendationAsked, StatusAsked
from api.serving import cursors
from api.serving.access import Reader, ReadsDeployments, State, WritesDeployments
from api.serving.answers import Listing, json_answer
from api.serving.exports import RECOMMENDATION_COLUMNS
from api.serving.key_first import KeyFirst, takes_at_most
from api.serving.problems import Problem, as_problems
from api.serving.queries import Asking, AsOf, RecommendationsAsked, settled
from api.serving.state import ApiState
from api.serving.texts import Asked
from ewarn.domain.recommendation import Recommendation, Status
from ewarn.domain.region import Level
from ewarn.egress.response import RecommendationWithHistory, TakenInRecord
from ewarn.errors import InputError
from ewarn.pipeline.response.recommendations import add, move, take_in
from ewarn.response.follow_up import identity
from ewarn.response.sheets import MOST_BYTES
from ewarn.store.response import recommendations
from ewarn.store.response.recommendations import RecommendationFilter

router = APIRouter(prefix="/v1/recommendations", tags=["response"], route_class=KeyFirst)
Id = Annotated[Asked, Path(description="Id of a recommendation.")]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FILE = {
    "requestBody": {
        "required": True,
        "description": "A CSV text (UTF-8) or an XLSX workbook, at most 5 MiB; docs/response.md.",
        "content": {
            "text/csv": {"schema": {"type": "string"}},
            XLSX: {"schema": {"type": "string", "format": "binary"}},
        },
    }
}


async def _file(request: Request) -> bytes:
    return await request.body()


@router.get("", response_model=RecommendationList, responses=CSV)
def list_recommendations(
    request: Request,
    state: State,
    reader: ReadsDeployments,
    asked: Annotated[RecommendationsAsked, Query()],
) -> Response:
    """Recommendations as they stood at `as_of`, those given last first."""
    given, after = cursors.begin(state, asked, cursors.dated)
    now = settled(state, given)
    wanted = RecommendationFilter(
        bodies=tuple(asked.body),
        themes=tuple(asked.theme),
        statuses=tuple(asked.status),
        overdue_on=now.date() if asked.overdue else None,
    )
    countries = reader.narrowed(state, asked.country)
    with state.store.read() as connection:
        found = recommendations.find(
            connection, now, wanted, countries=countries, after=after, limit=asked.limit + 1
        )
    shown = found[: asked.limit]
    last = shown[-1] if len(found) > asked.limit else None
    return Listing(
        [recommendation_record(item, now.date()) for item in shown],
        now,
        columns=RECOMMENDATION_COLUMNS,
        cursor=None if last is None else cursors.write(now, last.given_on, last.id),
    ).answer(request, asked.format)


@router.get("/{id}", response_model=RecommendationWithHistory)
def get_recommendation(
    state: State, reader: ReadsDeployments, id: Id, asked: Annotated[AsOf, Query()]
) -> Response:
    """One recommendation as it stood at `as_of`, with its history, oldest first."""
    moment = asked.moment(state)
    with state.store.read() as connection:
        found = recommendations.find(
            connection, moment, RecommendationFilter(), countries=reader.countries, ids=[id]
        )
        if not found:
            raise Problem("not-found", f"There is no recommendation {id[:60]!r} for this key.")
        history = recommendations.history(connection, id, moment)
    return json_answer(recommendation_record(found[0], moment.date(), history))


@router.post("", response_model=RecommendationWithHistory, status_code=201)
def add_recommendation(
    state: State,
    actor: WritesDeployments,
    asked: RecommendationAsked,
    _: Annotated[Asking, Query()],
) -> Response:
    """Add a recommendation. It begins as `open`."""
    now = state.clock()
    with as_problems():
        change = add(state.store, _recommendation(state, actor, asked), actor.name, now)
    answer = get_recommendation(state, actor, change.recommendation.id, AsOf.model_construct())
    answer.status_code = 201
    return answer


@router.post("/import", response_model=TakenInRecord, openapi_extra=_FILE)
@takes_at_most(MOST_BYTES)
def import_recommendations(
    state: State,
    actor: WritesDeployments,
    body: Annotated[bytes, Depends(_file)],
    _: Annotated[Asking, Query()],
) -> Response:
    """Take in a list of recommendations. Bad rows are refused with line and reason, the others go
    in; the same file a second time changes nothing.
    """
    now = state.clock()
    try:
        found = take_in(
            state.store, state.places, body, actor.countries, actor.name, now, "imported"
        )
    except InputError as error:
        raise Problem("request-refused", f"{error}.") from None
    return json_answer(taken_in_record(found))


@router.post("/{id}/status", response_model=RecommendationWithHistory)
def move_recommendation(
    state: State,
    actor: WritesDeployments,
    id: Id,
    asked: StatusAsked,
    _: Annotated[Asking, Query()],
) -> Response:
    """Say how far a recommendation has come, and what that rests on. Every word is kept.

    A review date that has passed is answered by it; `review_on` sets the next one.
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


def _recommendation(state: ApiState, actor: Reader, asked: RecommendationAsked) -> Recommendation:
    country = actor.region(state, asked.country)
    if country.level is not Level.COUNTRY:
        raise Problem("not-possible", f"{country.id} is not a country: it is recommended to one.")
    values = asked.model_dump() | {"country": country.id}
    return Recommendation(
        id=identity(country.id, asked.body, asked.reference, asked.text),
        status=Status.OPEN,
        status_on=asked.given_on,
        evidence="",
        **values,
    )
