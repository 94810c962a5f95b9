"""Routes for the service itself: sources, models with their scorecards, and status."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response
from sqlalchemy import Connection

from api.records.records import Record, source_record
from api.routing.key_first import KeyFirst
from api.schemas.lists import ModelList, ScorecardList, SourceList
from api.serving.access import Reader, ReadsScores, ReadsSources, State
from api.serving.answers import FRESH, Listing, json_answer
from api.serving.problems import Problem
from api.serving.queries import ListAsOf, NoParameters, ScorecardQuery
from api.serving.requests import language_of
from api.serving.state import ApiState
from api.serving.texts import Asked
from api.serving.withheld import (
    listed_sources,
    passable,
    readers_of,
    uncounted_sources,
    unreadable_sources,
)
from ewarn.domain.region import Level
from ewarn.domain.source import SourceStatus
from ewarn.domain.target import Basis
from ewarn.domain.time import WEEK
from ewarn.egress.definition.shapes import outbound
from ewarn.egress.scorecards import ScorecardRecord
from ewarn.egress.service import ModelCard, ServiceStatus
from ewarn.languages import problem_details
from ewarn.languages.catalogues import translation
from ewarn.languages.formats import percent
from ewarn.languages.source_reasons import told_outcomes, told_reason
from ewarn.pipeline.delivery.subscribing import visible_recipients
from ewarn.pipeline.intake.weekly_events import WEEKS, weekly_events
from ewarn.store.database.cuts import Cut
from ewarn.store.delivery import outbox
from ewarn.store.events import event_queries
from ewarn.store.intake import runs
from ewarn.store.scores import score_standing, scorecards, scores
from ewarn.store.scores.scorecards import ScorecardRow

router = APIRouter(prefix="/v1", tags=["service"], route_class=KeyFirst)


@router.get("/sources", response_model=SourceList)
def list_sources(
    request: Request, state: State, reader: ReadsSources, asked: Annotated[ListAsOf, Query()]
) -> Response:
    """Return the sources with their health and its reason, their terms, and how complete they were.

    Sources that need a licence the key lacks are not listed. `reason`, `completeness` and
    `outcomes` are in the language of `Accept-Language`; what a provider says stays as it is. Needs
    the scope `sources:read`.
    """
    moment, language = asked.moment(state), language_of(request)
    with state.store.read() as connection:
        scored = scores.latest_runs(
            connection, Cut.at(moment), without=unreadable_sources(state, reader)
        )
        completeness = {
            source: _completeness(connection, run, reader, language)
            for source, run in scored.items()
        }
        last_days = _last_days(connection, state, reader, moment)
    closed = uncounted_sources(state, reader)
    listed = [(source, source.status(moment)) for source in listed_sources(state, reader)]
    counts = _counts(state, reader, asked, [status for _, status in listed], moment)
    items = [
        source_record(
            replace(
                status,
                last_event_on=last_days[source.name],
                reason=told_reason(status.reason, language),
            ),
            source.terms,
            completeness.get(source.name) or translation(language).gettext("not scored yet"),
            [
                drop
                for drop in source.drops(moment)
                if source.name not in closed and _sees(state, reader, drop.region)
            ],
            source.baseline(moment),
            told_outcomes(source.outcomes(moment) or "", language) or None,
            **counts[source.name],
        )
        for source, status in listed
    ]
    headers = {**FRESH, "Content-Language": language}
    return Listing(items, moment, headers=headers).answer(request)


@router.get("/models", response_model=ModelList)
def list_models(
    request: Request, state: State, reader: ReadsScores, asked: Annotated[ListAsOf, Query()]
) -> Response:
    """Return the model cards of the models that were in use at `as_of`.

    Needs the scope `scores:read`.
    """
    moment = asked.moment(state)
    items = [outbound(ModelCard, card) for card in _cards(state, reader, moment)]
    return Listing(items, moment).answer(request)


@router.get("/models/{name}/scorecard", response_model=ScorecardList)
def get_scorecard(
    request: Request,
    state: State,
    reader: ReadsScores,
    name: Annotated[
        Asked, Path(description="Name of a model, without its version.", examples=["ensemble"])
    ],
    asked: Annotated[ScorecardQuery, Query()],
) -> Response:
    """Return how well past scores of a model did, by month and over all, as known at `as_of`.

    Every calibrated score is compared with its outcome. The list is empty until the first scores
    have matured, which is 26 weeks after the end of their horizon. Needs the scope `scores:read`.
    Error: 404 if there was no such model at `as_of`.
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
    if not found and not _is_served(state, reader, name, moment):
        raise Problem("not-found", problem_details.NO_MODEL(name=repr(name[:60])))
    return Listing([_scorecard_record(row) for row in found], moment).answer(request)


@router.get("/status", response_model=ServiceStatus)
def get_status(state: State, reader: ReadsSources, _: Annotated[NoParameters, Query()]) -> Response:
    """Return the state of the service: version, clock, live or replay, and more.

    `newest_origin` is the newest origin scored in countries of the key. `outbox` counts, by state,
    the messages to recipients that the key may see. Needs the scope `sources:read`.
    """
    now = state.clock()
    with state.store.read() as connection:
        hidden = unreadable_sources(state, reader)
        scored = scores.latest_runs(connection, Cut.at(now), interim=True, without=hidden)
        standing = score_standing.of_runs(connection, scored.values(), reader.countries)
        seen = visible_recipients(connection, reader.key, state.rulebook.offices)
        everybody = reader.key.is_everywhere
        recipients = None if everybody else seen
        waiting = outbox.states(connection, recipients, readers_of(state, reader))
    status = {
        "version": state.version,
        "clock": now,
        "mode": "replay" if state.is_replay else "live",
        "newest_origin": max((each.origin for each in standing), default=None),
        "rules_broken": bool(state.rules_problem()),
        "outbox": waiting,
    }
    return json_answer(outbound(ServiceStatus, status))


def _last_days(
    connection: Connection, state: ApiState, reader: Reader, moment: datetime
) -> dict[str, date | None]:
    """Return the latest day, up to now, of the events of each source that a key may read."""
    return {
        source.name: event_queries.last_day(
            connection,
            Cut.at(moment),
            passable(
                state,
                reader,
                countries=reader.countries,
                sources=[source.name],
                until=moment.date(),
            ),
        )
        for source in listed_sources(state, reader)
    }


def _counts(
    state: ApiState,
    reader: Reader,
    asked: ListAsOf,
    statuses: Sequence[SourceStatus],
    moment: datetime,
) -> dict[str, Record]:
    """Return the refused rows and the weekly events of each source, if the request wants them.

    They are counted at each request, so clients that do not need them leave them out by `fields`.
    """
    names = [status.source for status in statuses]
    counts: dict[str, Record] = {name: {} for name in names}
    if asked.fields and not {"refused_rows", "events_by_week"} & {*asked.fields}:
        return counts
    closed = uncounted_sources(state, reader)
    cadences = {each.source: each.cadence for each in statuses if each.source not in closed}
    own = state.places.regions(countries=reader.countries) if reader.countries else ()
    with state.store.read() as connection:
        refused = runs.refused_rows(connection, names, moment - WEEKS * WEEK, moment)
        weeks = weekly_events(
            connection,
            cadences,
            moment,
            countries=reader.countries,
            regions=[region.id for region in own],
        )
    for name in names:
        counts[name] = {"refused_rows": refused[name], "events_by_week": weeks.get(name, [])}
    return counts


def _sees(state: ApiState, reader: Reader, region: str) -> bool:
    return reader.sees(state.places.get(region).country)


def _completeness(connection: Connection, run: int, reader: Reader, language: str) -> str:
    """Return in words how much of the last weeks a source had observed when it was last scored."""
    gettext, ngettext = translation(language).gettext, translation(language).ngettext
    wanted = scores.ScoreFilter(countries=reader.countries, level=Level.COUNTRY)
    found = scores.in_runs(connection, [run], wanted)
    if found and all(score.basis is Basis.ILLUSTRATION for score in found):
        return gettext("compiled by hand: a week without a row proves nothing")
    shares = {score.country: score.completeness for score in found}
    if not shares:
        return gettext("no country of this key was scored")
    message = ngettext(
        "observed in %(share)s of the last 12 weeks, over %(count)s country",
        "observed in %(share)s of the last 12 weeks, over %(count)s countries",
        len(shares),
    )
    share = percent(sum(shares.values()) / len(shares), language)
    return message % {"share": share, "count": len(shares)}


def _cards(state: ApiState, reader: Reader, moment: datetime) -> list[Mapping[str, Any]]:
    """Return the cards of the models of a moment, without those of sources the key may not read."""
    hidden = unreadable_sources(state, reader)
    return [card for card in state.model_cards(moment) if card.get("source") not in hidden]


def _is_served(state: ApiState, reader: Reader, name: str, moment: datetime) -> bool:
    cards = _cards(state, reader, moment)
    return any(str(card.get("model", "")).partition("@")[0] == name for card in cards)


def _scorecard_record(row: ScorecardRow) -> Record:
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
