"""Silences: whose news is held back. Alerts themselves open, rise and close all the same."""

import secrets
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response
from sqlalchemy import Connection

from api.records.records import Record
from api.schemas.acts import SilenceAsked
from api.schemas.lists import SilenceList
from api.serving.access import ActsOnAlerts, Reader, ReadsAlerts, State
from api.serving.answers import Listing, json_answer
from api.serving.key_first import KeyFirst
from api.serving.problems import Problem, wrong_fields
from api.serving.queries import Asking
from api.serving.state import ApiState
from api.serving.texts import Asked
from ewarn.domain.key import EVERYWHERE
from ewarn.domain.silence import Silence, seen_by, speaks_within
from ewarn.egress.alerts import SilenceRecord
from ewarn.egress.shapes import outbound
from ewarn.store.access import audit
from ewarn.store.access.audit import SILENCE, Act
from ewarn.store.alerts import silences

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
    shown = [_record(state, each, now, reader) for each in found]
    return Listing([each for each in shown if each is not None], now).answer(request)


@router.post("", response_model=SilenceRecord, status_code=201)
def add_silence(
    state: State, actor: ActsOnAlerts, asked: SilenceAsked, _: Annotated[Asking, Query()]
) -> Response:
    """Hold back the news of some alerts until a moment, with a reason."""
    now = state.clock()
    begins = asked.starts_at or now
    if begins < now:
        raise wrong_fields(
            ("starts_at", f"lies in the past; leave it out to begin at once ({now.isoformat()})")
        )
    if not begins < asked.ends_at <= begins + LONGEST:
        raise Problem(
            "not-possible", f"`ends_at` must lie after {begins.isoformat()}, a year at most."
        )
    _require_something(asked)
    named = [*asked.countries, *_countries_of(state, actor, asked.offices)]
    countries, regions = actor.places(state, named, asked.regions)
    made = Silence(
        id=f"silence-{secrets.token_hex(8)}",
        author=actor.name,
        reason=asked.reason.strip(),
        starts_at=begins,
        ends_at=asked.ends_at,
        countries=countries,
        regions=regions,
        targets=tuple(asked.targets),
        rules=_rules(state, actor, asked.rules),
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
        if found is None or not speaks_within(actor.key, found, partial(_country_of, state)):
            raise Problem("not-found", f"There is no silence {id[:60]!r} for this key.")
        silences.end(connection, [id], now, actor.name)
        ended = silences.find(connection, id)
        if ended is not None and found.ended_at is None:
            _audit(connection, ended, "ended", now, actor, "ended before its time")
    assert ended is not None  # it was there a moment ago, and none is ever removed
    return json_answer(_record(state, ended, now, actor))


def _require_something(asked: SilenceAsked) -> None:
    """A problem 422 where a silence names nothing and would mute everything."""
    if not (asked.countries or asked.regions or asked.offices or asked.targets or asked.rules):
        raise wrong_fields(
            (
                "countries",
                "name at least one country, region, office, target or rule: a silence of nothing "
                "in particular would mute everything",
            )
        )


def _countries_of(state: ApiState, actor: Reader, offices: Sequence[str]) -> list[str]:
    """The countries that some offices watch; a problem 422 where there is no such office for the
    key, or it watches the whole world."""
    found: list[str] = []
    known = {office.id: office for office in actor.offices(state)}
    for name in offices:
        office = known.get(name)
        if office is None:
            raise wrong_fields(("offices", f"there is no office {name[:60]!r}; see /v1/offices"))
        if EVERYWHERE in office.countries:
            reason = f"{name} watches the whole world; name the countries that are meant"
            raise wrong_fields(("offices", reason))
        found += office.countries
    return found


def _rules(state: ApiState, actor: Reader, asked: Sequence[str]) -> tuple[str, ...]:
    """Rules in force that speak to an office of the key; a problem 422 if one is not."""
    known = {rule.id for rule in state.rulebook.rules} - actor.unheard(state)
    for name in asked:
        if name not in known:
            raise wrong_fields(("rules", f"there is no rule {name[:60]!r}; see /v1/rules"))
    return tuple(asked)


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


def _country_of(state: ApiState, region: str) -> str:
    return state.places.get(region).country


def _record(state: ApiState, silence: Silence, now: datetime, reader: Reader) -> Record | None:
    """A silence as far as the key covers it; None where it concerns none of its countries."""
    seen = seen_by(reader.key, silence, partial(_country_of, state))
    hidden = reader.unheard(state)
    rules = [rule for rule in silence.rules if rule not in hidden]
    if seen is None or (silence.rules and not rules):
        return None
    return outbound(SilenceRecord, seen, rules=rules, in_force=seen.in_force(now))
