"""Routes for silences, which suppress notifications. The alerts themselves still open and close."""

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
from api.routing.key_first import KeyFirst
from api.schemas.acts import SilenceBody
from api.schemas.lists import SilenceList
from api.serving.access import ActsOnAlerts, Reader, ReadsAlerts, State
from api.serving.answers import Listing, json_answer
from api.serving.problems import Problem, wrong_fields
from api.serving.queries import ListQuery, NoParameters
from api.serving.state import ApiState
from api.serving.texts import Asked
from ewarn.domain.key import EVERYWHERE
from ewarn.domain.silence import Silence, covers_silence, seen_by
from ewarn.egress.alerts import SilenceRecord
from ewarn.egress.definition.shapes import outbound
from ewarn.languages import field_faults, problem_details
from ewarn.store.access import audit
from ewarn.store.access.audit import SILENCE, Act
from ewarn.store.alerts import silences

router = APIRouter(prefix="/v1/silences", tags=["alerts"], route_class=KeyFirst)

LONGEST = timedelta(days=366)
REMEMBERED = timedelta(days=90)


@router.get("", response_model=SilenceList)
def list_silences(
    request: Request, state: State, reader: ReadsAlerts, _: Annotated[ListQuery, Query()]
) -> Response:
    """Return silences that are in force, are to begin, or ended in the last 90 days.

    They are sorted by their end, latest first. Needs the scope `alerts:read`.
    """
    now = state.clock()
    with state.store.read() as connection:
        found = silences.since(connection, now - REMEMBERED)
    shown = [_record(state, each, now, reader) for each in found]
    return Listing([each for each in shown if each is not None], now).answer(request)


@router.post("", response_model=SilenceRecord, status_code=201, responses={404: {}, 409: {}})
def add_silence(
    state: State, actor: ActsOnAlerts, asked: SilenceBody, _: Annotated[NoParameters, Query()]
) -> Response:
    """Suppress the notifications of some alerts until a moment, with a reason.

    The alerts themselves still open, rise and close. A silence lasts at most one year. Needs the
    scope `alerts:act`. Errors: 404 if the key does not cover a country or region, 409 if `ends_at`
    is not possible, 422 if no condition is set.
    """
    now = state.clock()
    begins = asked.starts_at or now
    if begins < now:
        raise wrong_fields(("starts_at", field_faults.IS_PAST(now=now.isoformat())))
    if not begins < asked.ends_at <= begins + LONGEST:
        detail = problem_details.SILENCE_OF_WRONG_LENGTH(moment=begins.isoformat())
        raise Problem("not-possible", detail)
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
    id: Annotated[
        Asked, Path(description="Id of a silence.", examples=["silence-0123456789abcdef"])
    ],
    _: Annotated[NoParameters, Query()],
) -> Response:
    """End a silence early.

    At the next decision, recipients are notified of the alerts that are still open. Ending a
    silence again changes nothing. Needs the scope `alerts:act`. Error: 404 if there is no such
    silence for the key.
    """
    now = state.clock()
    with state.store.write() as connection:
        found = silences.find(connection, id)
        if found is None or not covers_silence(actor.key, found, partial(_country_of, state)):
            raise Problem("not-found", problem_details.NO_SILENCE(id=repr(id[:60])))
        silences.end(connection, [id], now, actor.name)
        ended = silences.find(connection, id)
        if ended is not None and found.ended_at is None:
            _audit(connection, ended, "ended", now, actor, "ended before its time")
    assert ended is not None  # it was found above, and silences are never deleted
    return json_answer(_record(state, ended, now, actor))


def _require_something(asked: SilenceBody) -> None:
    """Refuse a silence without conditions, which would suppress everything.

    Raises:
        Problem: 422 if no condition is set.
    """
    if not (asked.countries or asked.regions or asked.offices or asked.targets or asked.rules):
        raise wrong_fields(("countries", field_faults.NO_CONDITION()))


def _countries_of(state: ApiState, actor: Reader, offices: Sequence[str]) -> list[str]:
    """Return the countries that some offices watch.

    Raises:
        Problem: 422 if the key sees no such office, or the office watches the whole world.
    """
    found: list[str] = []
    known = {office.id: office for office in actor.offices(state)}
    for name in offices:
        office = known.get(name)
        if office is None:
            raise wrong_fields(("offices", field_faults.NO_OFFICE(name=repr(name[:60]))))
        if EVERYWHERE in office.countries:
            reason = field_faults.WATCHES_EVERYTHING(office=name)
            raise wrong_fields(("offices", reason))
        found += office.countries
    return found


def _rules(state: ApiState, actor: Reader, asked: Sequence[str]) -> tuple[str, ...]:
    """Return the rules named, which must be in force and notify an office of the key.

    Raises:
        Problem: 422 if a rule is not.
    """
    known = {rule.id for rule in state.rulebook.rules} - actor.rules_without_notification(state)
    for name in asked:
        if name not in known:
            raise wrong_fields(("rules", field_faults.NO_RULE(name=repr(name[:60]))))
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
    """Return the record of a silence within the countries of a key.

    It is None if the silence concerns none of them.
    """
    seen = seen_by(reader.key, silence, partial(_country_of, state))
    hidden = reader.rules_without_notification(state)
    rules = [rule for rule in silence.rules if rule not in hidden]
    if seen is None or (silence.rules and not rules):
        return None
    return outbound(SilenceRecord, seen, rules=rules, in_force=seen.in_force(now))
