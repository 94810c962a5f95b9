"""Silences: whose news is held back. Alerts themselves open, rise and close all the same."""

import secrets
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response
from sqlalchemy import Connection

from api.access import ActsOnAlerts, Reader, ReadsAlerts, State
from api.answers import Listing, json_answer
from api.key_first import KeyFirst
from api.problems import Problem
from api.queries import Asking
from api.records import Record
from api.schemas_acts import SilenceAsked, SilenceList, SilenceRecord
from api.state import ApiState
from api.texts import Asked
from ewarn.domain.silence import Silence
from ewarn.egress import outbound
from ewarn.store import audit, silences
from ewarn.store.audit import SILENCE, Act

router = APIRouter(prefix="/v1/silences", tags=["alerts"], route_class=KeyFirst)

LONGEST = timedelta(days=366)
REMEMBERED = timedelta(days=90)


@router.get("", response_model=SilenceList)
def list_silences(
    request: Request, state: State, reader: ReadsAlerts, _: Annotated[Asking, Query()]
) -> Response:
    """Silences that hold, are to come, or ended in the last 90 days; the last to end first."""
    now = state.clock()
    with state.store.read() as connection:
        found = silences.since(connection, now - REMEMBERED)
    shown = [_record(state, each, now, reader) for each in found if _concerns(state, reader, each)]
    return Listing(shown, now).answer(request)


@router.post("", response_model=SilenceRecord, status_code=201)
def add_silence(
    state: State, actor: ActsOnAlerts, asked: SilenceAsked, _: Annotated[Asking, Query()]
) -> Response:
    """Hold back the news of some alerts until a moment, with a reason."""
    now = state.clock()
    begins = max(asked.starts_at or now, now)
    if not begins < asked.ends_at <= begins + LONGEST:
        raise Problem(
            "not-possible", f"`ends_at` must lie after {begins.isoformat()}, a year at most."
        )
    made = Silence(
        id=f"silence-{secrets.token_hex(8)}",
        author=actor.name,
        reason=asked.reason.strip(),
        starts_at=begins,
        ends_at=asked.ends_at,
        countries=actor.narrowed(state, asked.countries),
        regions=actor.regions(state, asked.regions),
        targets=tuple(asked.targets),
        rules=tuple(asked.rules),
    )
    with state.store.write() as connection:
        silences.add(connection, made)
        _audit(connection, made, "added", now, actor, made.reason)
    answer = json_answer(_record(state, made, now, actor))
    answer.status_code = 201
    return answer


@router.post("/{id}/end", response_model=SilenceRecord)
def end_silence(
    state: State,
    actor: ActsOnAlerts,
    id: Annotated[Asked, Path(description="Id of a silence.")],
    _: Annotated[Asking, Query()],
) -> Response:
    """End a silence before its time. What still stands is told at the next decision."""
    now = state.clock()
    with state.store.write() as connection:
        found = silences.find(connection, id)
        if found is None or not _within(state, actor, found):
            raise Problem("not-found", f"There is no silence {id[:60]!r} for this key.")
        silences.end(connection, [id], now, actor.name)
        ended = silences.find(connection, id)
        if ended is not None and found.ended_at is None:
            _audit(connection, ended, "ended", now, actor, "ended before its time")
    assert ended is not None  # it was there a moment ago, and none is ever removed
    return json_answer(_record(state, ended, now, actor))


def _audit(
    connection: Connection, silence: Silence, act: str, now: datetime, actor: Reader, reason: str
) -> None:
    after = {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in asdict(silence).items()
    }
    country = silence.countries[0] if len(silence.countries) == 1 else None
    done = Act(SILENCE, silence.id, country, act, now.date(), now, actor.name, reason, after)
    audit.record(connection, [done])


def _concerns(state: ApiState, reader: Reader, silence: Silence) -> bool:
    """Whether it may hold back news of a country that the key covers."""
    named = (silence.countries, _countries_of_regions(state, silence))
    return all(map(reader.key.covers_any, named))


def _within(state: ApiState, actor: Reader, silence: Silence) -> bool:
    """Whether it speaks of countries of the key alone."""
    return actor.key.covers_all([*silence.countries, *_countries_of_regions(state, silence)])


def _countries_of_regions(state: ApiState, silence: Silence) -> list[str]:
    return [state.places.get(region).country for region in silence.regions]


def _record(state: ApiState, silence: Silence, now: datetime, reader: Reader) -> Record:
    """A silence, without the countries and regions that the key does not cover."""
    own = {
        "countries": [each for each in silence.countries if reader.sees(each)],
        "regions": [
            each for each in silence.regions if reader.sees(state.places.get(each).country)
        ],
    }
    return outbound("silence", asdict(silence) | own | {"in_force": silence.in_force(now)})
