"""Scorecards: how the scores of a model did, once their outcomes were known."""

from collections.abc import Collection
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response

from api.records.records import Record
from api.schemas.lists import ScorecardList
from api.serving.access import ReadsScores, State
from api.serving.answers import Listing
from api.serving.key_first import KeyFirst
from api.serving.problems import Problem
from api.serving.queries import ScorecardAsked
from api.serving.state import ApiState
from api.serving.texts import Asked
from api.serving.withheld import unreadable_sources
from ewarn.egress.scorecards import ScorecardRecord
from ewarn.egress.shapes import outbound
from ewarn.store.database.cuts import Cut
from ewarn.store.scores import scorecards
from ewarn.store.scores.scorecards import ScorecardRow

router = APIRouter(prefix="/v1/models", tags=["service"], route_class=KeyFirst)


@router.get("/{name}/scorecard", response_model=ScorecardList)
def get_scorecard(
    request: Request,
    state: State,
    reader: ReadsScores,
    name: Annotated[
        Asked, Path(description="A model, without its version.", examples=["ensemble"])
    ],
    asked: Annotated[ScorecardAsked, Query()],
) -> Response:
    """Every calibrated score against its outcome, by month and over all, as judged by `as_of`.

    The list is empty until the first scores have matured: 26 weeks after the end of their horizon.
    """
    moment = asked.moment(state)
    with state.store.read() as connection:
        found = scorecards.newest(
            connection,
            Cut.at(moment),
            name,
            sources=asked.source,
            targets=asked.target,
            level=asked.level,
        )
    hidden = unreadable_sources(state, reader)
    found = [row for row in found if row.purpose.source not in hidden]
    if not found and not _is_served(state, name, hidden):
        raise Problem("not-found", f"There is no model {name[:60]!r}; /v1/models lists them.")
    return Listing([_record(row) for row in found], moment).answer(request)


def _is_served(state: ApiState, name: str, hidden: Collection[str]) -> bool:
    cards = [card for card in state.model_cards() if card.get("source") not in hidden]
    return any(str(card.get("model", "")).partition("@")[0] == name for card in cards)


def _record(row: ScorecardRow) -> Record:
    purpose = row.purpose
    return outbound(
        ScorecardRecord,
        row.figures,
        model=row.model,
        source=purpose.source,
        target=purpose.target,
        level=purpose.level,
        horizon_weeks=purpose.horizon_weeks,
        month=row.month or None,
        as_of=row.as_of,
        recorded_at=row.recorded_at,
    )
