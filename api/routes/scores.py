"""Routes for scores: the newest ones, their history, and their drivers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response
from sqlalchemy import Connection

from api.formats.registry import NOT_MODIFIED, PlacedFormat, documented
from api.records.records import (
    Freshness,
    Record,
    event_record,
    freshness,
    score_record,
)
from api.records.unobserved import countries_named, rows_without_scores
from api.routes.offices import places_of
from api.routing.key_first import open_to_partners
from api.routing.polled import Polled, set_valid_until
from api.schemas.lists import DriverList, ScoreList
from api.serving import cursors
from api.serving.access import Reader, ReadsScores, State
from api.serving.answers import POLLED, Listing, answer_in_language, tag, unchanged
from api.serving.footings import footing_of
from api.serving.problems import Problem
from api.serving.queries import (
    ListQuery,
    NoParameters,
    Paged,
    ScoreHistoryQuery,
    ScoresQuery,
)
from api.serving.requests import format_of, language_of
from api.serving.state import ApiState
from api.serving.withheld import passable, unreadable_sources, withheld_sources
from ewarn.domain.score import Driver, Score
from ewarn.egress.scores import ScoreRecord
from ewarn.languages import problem_details
from ewarn.notify.messages import labels
from ewarn.notify.messages.score_notices import score_notice
from ewarn.notify.messages.source_notices import joined
from ewarn.pipeline.intake.footing import Footing
from ewarn.pipeline.scoring.score_records import driver_record
from ewarn.pipeline.scoring.unobserved import observed_until
from ewarn.store.database.cuts import Cut
from ewarn.store.events import event_queries
from ewarn.store.scores import score_pages, score_standing, scores

router = APIRouter(prefix="/v1/scores", tags=["scores"], route_class=Polled)

ScoreId = Annotated[int, Path(ge=1, le=2**63 - 1, description="Id of a score.", examples=[1])]


@router.get("", response_model=ScoreList, responses=documented(PlacedFormat) | NOT_MODIFIED)
@open_to_partners
def list_scores(
    request: Request, state: State, reader: ReadsScores, asked: Annotated[ScoresQuery, Query()]
) -> Response:
    """Return the newest score of each region, target and source.

    Regions that the request names (`region`, `country`, `office`) and that no source observes are
    at the end of the list, in rows that say so. Poll with `If-None-Match`: the answer is 304 until
    there are new scores. `as_of` in the answer is the moment from which on it is valid; a request
    with that `as_of` returns the same answer. Needs the scope `scores:read`. Errors: 400 for a
    wrong cursor; 404 if the key does not cover a country or region, or there is no such office.
    """
    given, after = cursors.begin(state, asked, cursors.row)
    now = reader.moment(state, given)
    wanted = _wanted(state, reader, asked, reader.days(None, None))
    size = asked.page_size(format_of(request))
    with state.store.read() as connection:
        hidden = unreadable_sources(state, reader)
        runs = scores.latest_runs(connection, Cut.at(now), interim=True, without=hidden).values()
        held = score_standing.of_runs(connection, runs, wanted.countries)
        fresh = freshness(held, now)
        ground = footing_of(connection, request, reader, wanted.countries, now, given=given)
        places = countries_named(state, asked, wanted)
        seen = observed_until(connection, state.service, places, now, reader.key.licences)
        set_valid_until(request, state.clock(), ground.until)
        # The notice on old scores changes with time alone, so the tag must change with it.
        etag = tag(request, reader, state.version, held, fresh.old, ground, seen)
        same = unchanged(request, etag)
        if same is not None:
            return same

        def read(connection: Connection, after: int | None) -> _Part:
            found = score_pages.standing(connection, runs, wanted, after=after, limit=size + 1)
            return cursors.page_of([_limited(reader, each) for each in found], size, _place)

        found, end = read(connection, after)
        missing = rows_without_scores(
            connection, state, asked, wanted, now, reader.key.licences, language_of(request)
        )
    since = (given and now) or max(filter(None, (fresh.since, ground.turned_at)), default=None)
    later = cursors.later_pages(state.store, read, end)
    page = _Page(found, end, since, fresh, ground, later, missing)
    return _answer(request, state, page, asked, {"ETag": etag})


@router.get("/history", response_model=ScoreList, responses=documented(PlacedFormat))
@open_to_partners
def list_history(
    request: Request,
    state: State,
    reader: ReadsScores,
    asked: Annotated[ScoreHistoryQuery, Query()],
) -> Response:
    """Return the score of every past origin as it was at `as_of`, in the order of recording.

    Needs the scope `scores:read`. Errors: 400 for a wrong cursor; 404 if the key does not cover a
    country or region.
    """
    given, after = cursors.begin(state, asked, cursors.row)
    moment = reader.moment(state, given)
    wanted = _wanted(state, reader, asked, reader.days(asked.since, asked.until))
    hidden, size = unreadable_sources(state, reader), asked.page_size(format_of(request))

    def read(connection: Connection, after: int | None) -> _Part:
        found = score_pages.history(
            connection, Cut.at(moment), wanted, after=after, limit=size + 1, without=hidden
        )
        return cursors.page_of([_limited(reader, each) for each in found], size, _place)

    with state.store.read() as connection:
        found, end = read(connection, after)
        runs = scores.latest_runs(connection, Cut.at(moment), interim=True, without=hidden).values()
        fresh = freshness(score_standing.of_runs(connection, runs, wanted.countries), moment)
        ground = footing_of(connection, request, reader, wanted.countries, moment, given=given)
    set_valid_until(request, state.clock(), ground.until)
    later = cursors.later_pages(state.store, read, end)
    return _answer(request, state, _Page(found, end, moment, fresh, ground, later), asked, {})


@router.get("/{id}", response_model=ScoreRecord)
@open_to_partners
def get_score(
    request: Request,
    state: State,
    reader: ReadsScores,
    id: ScoreId,
    _: Annotated[NoParameters, Query()],
) -> Response:
    """Return one score by its id. A score never changes.

    Needs the scope `scores:read`. Error: 404 if there is no such score for the key.
    """
    with state.store.read() as connection:
        score = _one(connection, state, reader, id)
    record = score_record(state, score, language_of(request), with_events=True)
    return answer_in_language(request, record)


@router.get("/{id}/drivers", response_model=DriverList)
@open_to_partners
def list_drivers(
    request: Request,
    state: State,
    reader: ReadsScores,
    id: ScoreId,
    _: Annotated[ListQuery, Query()],
) -> Response:
    """Return the drivers of a score in words, each with the newest events behind it as known then.

    The events are included only if the key also has the scope `events:read`. Needs the scope
    `scores:read`. Error: 404 if there is no such score for the key.
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
    notice = partial(score_notice, score)
    return Listing(items, score.recorded_at, notice=notice).answer(request)


def _wanted(
    state: ApiState,
    reader: Reader,
    asked: ScoresQuery | ScoreHistoryQuery,
    days: tuple[date | None, date | None],
) -> scores.ScoreFilter:
    countries, regions = places_of(state, reader, asked)
    return scores.ScoreFilter(
        countries=countries,
        regions=regions,
        targets=tuple(asked.target),
        since=days[0],
        until=days[1],
        level=asked.level,
        bands=tuple(asked.band),
    )


_Part = tuple[Sequence[Score], int | None]


def _place(score: Score) -> int:
    """Return the position of a score in its list."""
    return int(score.id)


@dataclass(frozen=True, slots=True)
class _Page:
    """A page of scores and what they depend on.

    `end` is the position after which the next page begins. `later` reads the scores of the pages
    after this one.
    """

    found: Sequence[Score]
    end: int | None
    moment: datetime | None
    fresh: Freshness
    footing: Footing
    later: Iterator[Score]
    missing: Sequence[Record] = ()  # rows of regions without a score, shown on the last page

    def notice(self, language: str) -> str:
        """Return what must be shown with the scores, in a language."""
        bases = labels.basis_notices({score.basis for score in self.found}, language)
        return joined((bases, self.fresh.notice(self.found, language)), language)


def _answer(
    request: Request,
    state: ApiState,
    page: _Page,
    asked: Paged,
    headers: dict[str, str],
) -> Response:
    shown, cursor, language = page.found, None, language_of(request)
    if page.end is not None and page.moment is not None:
        cursor = cursors.write(state, page.moment, page.end)
    return Listing(
        [score_record(state, score, language) for score in shown],
        page.moment,
        cursor=cursor,
        later=(score_record(state, score, language) for score in page.later),
        last=page.missing,
        notice=page.notice,
        footing=page.footing,
        headers={**POLLED, **headers},
    ).answer(request, asked)


def _one(connection: Connection, state: ApiState, reader: Reader, id_: int) -> Score:
    score = scores.by_id(connection, id_)
    if (
        score is None
        or not reader.sees_day(score.country, score.region, score.origin)
        or score.recorded_at > reader.moment(state, None)
        or score.source in unreadable_sources(state, reader)
    ):
        raise Problem("not-found", problem_details.NO_SCORE(id=id_))
    return _without_hidden_events(state, reader, _limited(reader, score))


def _without_hidden_events(state: ApiState, reader: Reader, score: Score) -> Score:
    """Return a score without the ids of events that the key may not read."""
    hidden = withheld_sources(state, reader)
    reads = reader.key.allows("events:read")
    drivers = (
        each
        if reads and each.signal.partition(":")[0] not in hidden
        else replace(each, event_ids=())
        for each in score.drivers
    )
    return replace(score, drivers=tuple(drivers))


def _limited(reader: Reader, score: Score) -> Score:
    """Return a score without drivers from before the days of a partner's key."""
    if reader.key.partner is None:
        return score
    first = reader.key.partner.since
    drivers = tuple(each for each in score.drivers if each.first_week >= first)
    return replace(score, drivers=drivers)


def _evidence(
    connection: Connection, state: ApiState, reader: Reader, score: Score, driver: Driver
) -> list[Record]:
    if not driver.event_ids:
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
