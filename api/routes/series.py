"""Routes for the weekly series of a region: counts, observed weeks, and critical slowing down."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response
from sqlalchemy import Connection

from api.records.records import Record
from api.routing.key_first import KeyFirst
from api.serving.access import ReadsEvents, State
from api.serving.answers import answer_in_language, json_answer
from api.serving.queries import AsOf, SeriesQuery
from api.serving.requests import language_of
from api.serving.state import ApiState
from api.serving.withheld import uncounted_sources
from ewarn.domain.kinds import source_signals
from ewarn.domain.region import Level, Region
from ewarn.domain.slowing import Slowing
from ewarn.domain.source import Coverage
from ewarn.domain.time import WEEK, origin_at
from ewarn.egress.definition.shapes import outbound
from ewarn.egress.places import SeriesOfRegion, SlowingOfRegion
from ewarn.frames.panel import Panel
from ewarn.languages.catalogues import translation
from ewarn.notify.messages.labels import kind_words
from ewarn.panel.ledger import from_ledger
from ewarn.pipeline.intake.health import coverage_at
from ewarn.store.database.cuts import Cut
from ewarn.store.events.counts import counts

router = APIRouter(prefix="/v1/regions", tags=["events"], route_class=KeyFirst)

SLOWING_WEEKS = 104


@router.get("/{id}/series", response_model=SeriesOfRegion)
def get_series(
    state: State,
    reader: ReadsEvents,
    id: Annotated[str, Path(description="Any code of the region.", examples=["TG-M"])],
    asked: Annotated[SeriesQuery, Query()],
) -> Response:
    """Return the number of events per week and signal, up to the last origin (Monday 00:00 UTC).

    Where `observed` is false the count is null: missing, not zero. Counts of different sources are
    never added up. The counts of a country include its subdivisions. Events whose date is known
    only to the month are in no week. Needs the scope `events:read`. Error: 404 if there is no such
    region for the key.
    """
    moment = asked.moment(state)
    region = reader.region(state, id)
    closed = uncounted_sources(state, reader)
    with state.store.read() as connection:
        coverage = _coverage(connection, state, region, moment, closed)
        panel = _panel(connection, state, region, moment, asked.weeks, coverage)
    return json_answer(
        outbound(
            SeriesOfRegion,
            {
                "region": region.id,
                "as_of": moment,
                "weeks": [panel.week(index) for index in range(panel.weeks)],
                "series": [_series(panel, signal) for signal in panel.signals],
            },
        )
    )


@router.get("/{id}/slowing", response_model=SlowingOfRegion)
def get_slowing(
    request: Request,
    state: State,
    reader: ReadsEvents,
    id: Annotated[str, Path(description="Any code of the region.", examples=["TG-M"])],
    asked: Annotated[AsOf, Query()],
) -> Response:
    """Return whether the signals of a region vary more widely and recover more slowly than before.

    This is context beside a score and never part of one: variance and lag-1 autocorrelation over
    the last 104 weeks, compared with series without a trend (Dakos et al. 2012). It is a weak sign
    and often wrong. Needs the scope `events:read`. Error: 404 if there is no such region for the
    key.
    """
    moment = asked.moment(state)
    region = reader.region(state, id)
    closed = uncounted_sources(state, reader)
    with state.store.read() as connection:
        coverage = _coverage(connection, state, region, moment, closed)
        panel = _panel(connection, state, region, moment, SLOWING_WEEKS, coverage)
    return answer_in_language(
        request,
        outbound(
            SlowingOfRegion,
            {
                "region": region.id,
                "as_of": moment,
                "first_week": panel.first_week,
                "last_week": panel.week(-1),
                "notice": _slowing_notice(language_of(request)),
                "signals": [_slowing(item) for item in state.slowing(panel)],
            },
        ),
    )


def _slowing_notice(language: str) -> str:
    return translation(language).gettext("Context only: no score, band or alert reads this.")


def _slowing(found: Slowing) -> Record:
    rounded = {
        key: round(value, 3) if isinstance(value, float) else value
        for key, value in asdict(found).items()
    }
    source, _, _ = found.signal.partition(":")
    return rounded | {"source": source, "words": kind_words(found.signal)}


def _coverage(
    connection: Connection,
    state: ApiState,
    region: Region,
    moment: datetime,
    closed: Sequence[str],
) -> list[Coverage]:
    """Return the weeks that the readable sources observed in the country of a region."""
    return [
        item
        for source in state.sources()
        if source.name not in closed
        for item in coverage_at(connection, source.name, source.status(moment).cadence, moment)
        if item.country in ("*", region.country)
    ]


def _panel(
    connection: Connection,
    state: ApiState,
    region: Region,
    moment: datetime,
    weeks: int,
    coverage: Sequence[Coverage],
) -> Panel:
    sources = sorted({item.source for item in coverage})
    origin = origin_at(moment)
    first_week = origin - weeks * WEEK
    own = [region.id]
    if region.level is Level.COUNTRY:
        own = [item.id for item in state.places.regions(countries=[region.id])]
    deltas = counts(connection, Cut.at(moment), sources=sources, regions=own, since_week=first_week)
    return from_ledger(
        deltas,
        regions=[region.id],
        parents=state.places.parents,
        signals=[signal for source in sources for signal in source_signals(source)],
        first_week=first_week,
        origin=origin,
        coverage=coverage,
    )


def _series(panel: Panel, signal: str) -> Record:
    source, kind, *flag = signal.split(":")
    seen = panel.was_observed(signal)[:, 0].tolist()
    numbers = panel.series(signal)[:, 0].tolist()
    return {
        "signal": signal,
        "source": source,
        "kind": kind,
        "flag": flag[0] if flag else None,
        "words": kind_words(signal),
        "counts": [count if here else None for count, here in zip(numbers, seen, strict=True)],
        "observed": seen,
    }
