"""Scores: the newest of each region, their history, and what moved them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response
from sqlalchemy import Connection

from api.records.records import (
    Freshness,
    Record,
    driver_record,
    event_record,
    freshness,
    score_notice,
    score_record,
)
from api.records.unobserved import countries_named, rows_without_scores
from api.routes.events import CSV
from api.routes.offices import within_office
from api.schemas.lists import DriverList, ScoreList
from api.serving import cursors
from api.serving.access import Reader, ReadsScores, State
from api.serving.answers import POLLED, Listing, json_answer, tag, unchanged
from api.serving.exports import SCORE_COLUMNS
from api.serving.key_first import KeyFirst
from api.serving.problems import Problem
from api.serving.queries import Asking, Format, ScoreHistoryAsked, ScoresAsked, settled
from api.serving.state import ApiState
from api.serving.withheld import passable, unreadable_sources
from ewarn.domain.score import Driver, Score
from ewarn.egress.scores import ScoreRecord
from ewarn.notify import labels
from ewarn.notify.source_notices import together
from ewarn.pipeline.intake.footing import Footing, footing
from ewarn.pipeline.scoring.unobserved import observed_until
from ewarn.store.database.cuts import Cut
from ewarn.store.events import event_queries
from ewarn.store.scores import score_standing, scores

router = APIRouter(prefix="/v1/scores", tags=["scores"], route_class=KeyFirst)

ScoreId = Annotated[int, Path(ge=1, le=2**63 - 1, description="Id of a score.", examples=[1])]


@router.get("", response_model=ScoreList, responses=CSV)
def list_scores(
    request: Request, state: State, reader: ReadsScores, asked: Annotated[ScoresAsked, Query()]
) -> Response:
    """The newest score of each region, target and source.

    Regions that were asked for (`region`, `country`, `office`) and that no source observes end the
    list, as rows that say so. Poll it with `If-None-Match`: the answer is 304 until something was
    scored again. `as_of` in
    the answer is the moment since which it holds; asking as of that moment gives it again.
    """
    given, after = cursors.begin(state, asked, cursors.row)
    now = settled(state, given)
    wanted = _latest_wanted(state, reader, asked)
    with state.store.read() as connection:
        hidden = unreadable_sources(state, reader)
        runs = scores.latest_runs(connection, Cut.at(now), interim=True, without=hidden).values()
        held = score_standing.of_runs(connection, runs, wanted.countries)
        fresh = freshness(held, now)
        ground = footing(connection, state.service, wanted.countries, now, reader.key.licences)
        places = countries_named(state, asked, wanted)
        seen = observed_until(connection, state.service, places, now, reader.key.licences)
        # What is said of old scores changes with the clock alone, and so must the tag.
        etag = tag(request, reader, state.version, held, fresh.old, ground, seen)
        same = unchanged(request, etag)
        if same is not None:
            return same
        found = scores.standing(connection, runs, wanted, after=after, limit=asked.limit + 1)
        missing = rows_without_scores(connection, state, asked, wanted, now, reader.key.licences)
    since = given or max(filter(None, (fresh.since, ground.turned_at)), default=None)
    page = _Page(found, since, fresh, ground, asked.limit, missing)
    return _answer(request, state, page, asked.format, {"ETag": etag})


@router.get("/history", response_model=ScoreList, responses=CSV)
def list_history(
    request: Request,
    state: State,
    reader: ReadsScores,
    asked: Annotated[ScoreHistoryAsked, Query()],
) -> Response:
    """The score of every past origin as it stood at `as_of`, in the order they were recorded."""
    given, after = cursors.begin(state, asked, cursors.row)
    moment = settled(state, given)
    wanted = scores.ScoreFilter(
        countries=reader.narrowed(state, asked.country),
        regions=reader.regions(state, asked.region),
        targets=tuple(asked.target),
        since=asked.since,
        until=asked.until,
        level=asked.level,
    )
    hidden = unreadable_sources(state, reader)
    with state.store.read() as connection:
        found = scores.history(
            connection,
            Cut.at(moment),
            wanted,
            after=after,
            limit=asked.limit + 1,
            without=hidden,
        )
        runs = scores.latest_runs(connection, Cut.at(moment), interim=True, without=hidden).values()
        fresh = freshness(score_standing.of_runs(connection, runs, wanted.countries), moment)
        ground = footing(connection, state.service, wanted.countries, moment, reader.key.licences)
    page = _Page(found, moment, fresh, ground, asked.limit)
    return _answer(request, state, page, asked.format, {})


@router.get("/{id}", response_model=ScoreRecord)
def get_score(
    state: State, reader: ReadsScores, id: ScoreId, _: Annotated[Asking, Query()]
) -> Response:
    """One score. A score never changes."""
    with state.store.read() as connection:
        score = _one(connection, state, reader, id)
    return json_answer(score_record(state, score, with_events=True))


@router.get("/{id}/drivers", response_model=DriverList)
def list_drivers(
    request: Request,
    state: State,
    reader: ReadsScores,
    id: ScoreId,
    _: Annotated[Asking, Query()],
) -> Response:
    """What moved a score, in words, and the newest events behind each driver as known then.

    The events need the scope events:read too; without it they are left out.
    """
    with state.store.read() as connection:
        score = _one(connection, state, reader, id)
        items = [
            driver_record(
                driver,
                with_events=True,
                events=_evidence(connection, state, reader, score, driver),
            )
            for driver in score.drivers
        ]
    return Listing(items, score.recorded_at, notice=score_notice(score)).answer(request)


def _latest_wanted(state: ApiState, reader: Reader, asked: ScoresAsked) -> scores.ScoreFilter:
    return scores.ScoreFilter(
        countries=within_office(state, reader, asked.office, reader.narrowed(state, asked.country)),
        regions=reader.regions(state, asked.region),
        targets=tuple(asked.target),
        level=asked.level,
    )


@dataclass(frozen=True, slots=True)
class _Page:
    """Scores, one more than the page holds if there are more, and what they rest on."""

    found: list[Score]
    moment: datetime | None
    fresh: Freshness
    footing: Footing
    limit: int
    missing: Sequence[Record] = ()  # rows of regions without a score; they end the last page


def _answer(
    request: Request,
    state: ApiState,
    page: _Page,
    wanted: Format | None,
    headers: dict[str, str],
) -> Response:
    shown = page.found[: page.limit]
    cursor = None
    if len(page.found) > page.limit and page.moment is not None:
        cursor = cursors.write(page.moment, int(shown[-1].id))
    return Listing(
        [score_record(state, score) for score in shown] + ([] if cursor else [*page.missing]),
        page.moment,
        columns=SCORE_COLUMNS,
        cursor=cursor,
        notice=together(
            (labels.basis_notices({score.basis for score in shown}), page.fresh.notice(shown))
        ),
        footing=page.footing,
        headers={**POLLED, **headers},
    ).answer(request, wanted)


def _one(connection: Connection, state: ApiState, reader: Reader, id_: int) -> Score:
    score = scores.by_id(connection, id_)
    if (
        score is None
        or not reader.sees(score.country)
        or score.recorded_at > state.clock()
        or score.source in unreadable_sources(state, reader)
    ):
        raise Problem("not-found", f"There is no score {id_} for this key.")
    return score


def _evidence(
    connection: Connection, state: ApiState, reader: Reader, score: Score, driver: Driver
) -> list[Record]:
    if not driver.event_ids or not reader.key.allows("events:read"):
        return []
    wanted = passable(
        state,
        reader,
        countries=[score.country],
        sources=[driver.signal.partition(":")[0]],
        ids=driver.event_ids,
    )
    cut = Cut(score.as_of, score.recorded_at)
    return [event_record(event) for event in event_queries.current(connection, cut, wanted)]
