"""Routes for actions on alerts: acknowledge, assess, close. Who, when and why are recorded."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response

from api.records.records import alert_with_timeline
from api.routing.key_first import KeyFirst
from api.schemas.acts import Acknowledgement, AssessmentBody, Closing
from api.serving.access import ActsOnAlerts, Reader, State
from api.serving.answers import answer_in_language
from api.serving.problems import as_problems
from api.serving.queries import NoParameters
from api.serving.requests import language_of
from api.serving.state import ApiState
from api.serving.texts import Asked
from api.serving.withheld import readers_of
from ewarn.alerting.acts import acknowledge, assess, close
from ewarn.egress.alerts import AlertWithTimeline
from ewarn.pipeline.alerts.manual_actions import Act

router = APIRouter(prefix="/v1/alerts", tags=["alerts"], route_class=KeyFirst)
Id = Annotated[Asked, Path(description="Id of an alert.", examples=["alert-0123456789abcdef"])]


@router.post("/{id}/acknowledge", response_model=AlertWithTimeline, responses={409: {}})
def acknowledge_alert(
    request: Request,
    state: State,
    actor: ActsOnAlerts,
    id: Id,
    said: Acknowledgement,
    _: Annotated[NoParameters, Query()],
) -> Response:
    """Acknowledge an open alert: somebody is looking after it, so it is not escalated further.

    If the alert rises above its highest level so far, it opens again. Needs the scope `alerts:act`.
    Errors: 404 if there is no such alert for the key; 409 if it is acknowledged already or closed.
    """
    now = state.clock()
    return _done(request, actor, id, lambda alert: acknowledge(alert, actor.name, now, said.reason))


@router.post("/{id}/assess", response_model=AlertWithTimeline, responses={409: {}})
def assess_alert(
    request: Request,
    state: State,
    actor: ActsOnAlerts,
    id: Id,
    said: AssessmentBody,
    _: Annotated[NoParameters, Query()],
) -> Response:
    """Record what an alert turned out to be, and why.

    It can be assessed again; every assessment stays on record. Needs the scope `alerts:act`.
    Errors: 404 if there is no such alert for the key; 409 if it has never opened.
    """
    now = state.clock()
    return _done(
        request, actor, id, lambda alert: assess(alert, said.finding, actor.name, now, said.reason)
    )


@router.post("/{id}/close", response_model=AlertWithTimeline, responses={409: {}})
def close_alert(
    request: Request,
    state: State,
    actor: ActsOnAlerts,
    id: Id,
    said: Closing,
    _: Annotated[NoParameters, Query()],
) -> Response:
    """Close an alert by hand, with a reason.

    Then a cool-down begins, in which only a higher level opens it again. Needs the scope
    `alerts:act`. Errors: 404 if there is no such alert for the key; 409 if it is not open.
    """
    now = state.clock()
    return _done(request, actor, id, lambda alert: close(alert, actor.name, now, said.reason))


def _done(request: Request, actor: Reader, id_: str, doing: Act) -> Response:
    state: ApiState = request.app.state.ewarn
    now, language = state.clock(), language_of(request)
    with as_problems():
        change = state.act(id_, actor.countries, doing, now, readers_of(state, actor))
    with state.store.read() as connection:
        record = alert_with_timeline(connection, state, actor, change.alert, now, language)
    return answer_in_language(request, record)
