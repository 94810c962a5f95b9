"""What people do to alerts: acknowledge, assess, close. Each is recorded with who, when and why."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from fastapi.responses import Response

from api.records.records import alert_with_timeline
from api.schemas.acts import Acknowledgement, Closing, Judgement
from api.serving.access import ActsOnAlerts, Reader, State
from api.serving.answers import json_answer
from api.serving.key_first import KeyFirst
from api.serving.problems import as_problems
from api.serving.queries import Asking
from api.serving.state import ApiState
from api.serving.texts import Asked
from api.serving.withheld import readers_of
from ewarn.alerting.acts import acknowledge, assess, close
from ewarn.egress.alerts import AlertWithTimeline
from ewarn.pipeline.alerts.manual_actions import Act

router = APIRouter(prefix="/v1/alerts", tags=["alerts"], route_class=KeyFirst)
Id = Annotated[Asked, Path(description="Id of an alert.")]


@router.post("/{id}/acknowledge", response_model=AlertWithTimeline)
def acknowledge_alert(
    state: State, actor: ActsOnAlerts, id: Id, said: Acknowledgement, _: Annotated[Asking, Query()]
) -> Response:
    """Say that somebody has seen an open alert and acts: nobody else needs to be woken.

    If it rises above every level it had, it is open again.
    """
    now = state.clock()
    return _done(state, actor, id, lambda alert: acknowledge(alert, actor.name, now, said.note))


@router.post("/{id}/assess", response_model=AlertWithTimeline)
def assess_alert(
    state: State, actor: ActsOnAlerts, id: Id, said: Judgement, _: Annotated[Asking, Query()]
) -> Response:
    """Say what an alert proved to be, and why. It may be said again; every word is kept."""
    now = state.clock()
    return _done(
        state, actor, id, lambda alert: assess(alert, said.finding, actor.name, now, said.comment)
    )


@router.post("/{id}/close", response_model=AlertWithTimeline)
def close_alert(
    state: State, actor: ActsOnAlerts, id: Id, said: Closing, _: Annotated[Asking, Query()]
) -> Response:
    """End an alert by hand, with a reason. Its cool-down begins, which a higher level breaks."""
    now = state.clock()
    return _done(state, actor, id, lambda alert: close(alert, actor.name, now, said.reason))


def _done(state: ApiState, actor: Reader, id_: str, doing: Act) -> Response:
    with as_problems():
        readers = readers_of(state, actor)
        change = state.act(id_, actor.countries, doing, state.clock(), readers)
    with state.store.read() as connection:
        now = state.clock()
        return json_answer(alert_with_timeline(connection, state, actor, change.alert, now))
