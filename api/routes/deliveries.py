"""Routes for deliveries: what was sent to whom, with which result, and sending again."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response

from api.records.records import Record
from api.routing.key_first import KeyFirst
from api.schemas.lists import DeliveryList
from api.serving import cursors
from api.serving.access import Reader, State, Subscribes
from api.serving.answers import Listing, json_answer
from api.serving.problems import Problem
from api.serving.queries import DeliveriesQuery, NoParameters, settled
from api.serving.state import ApiState
from api.serving.texts import Asked
from api.serving.withheld import readers_of
from ewarn.egress.definition.shapes import outbound
from ewarn.egress.deliveries import DeliveryRecord, DeliveryWithAttempts
from ewarn.languages import problem_details
from ewarn.pipeline.delivery.subscribing import visible_recipients
from ewarn.store.access import audit
from ewarn.store.delivery import deliveries, outbox
from ewarn.store.delivery.deliveries import Sent

router = APIRouter(prefix="/v1/deliveries", tags=["subscriptions"], route_class=KeyFirst)
Id = Annotated[
    Asked,
    Path(
        description="Id of a delivery: the `webhook-id` of its message.",
        examples=["msg_0123456789abcdef0123456789abcdef"],
    ),
]


@router.get("", response_model=DeliveryList)
def list_deliveries(
    request: Request,
    state: State,
    reader: Subscribes,
    asked: Annotated[DeliveriesQuery, Query()],
) -> Response:
    """Return the messages to the key's subscriptions in their current state, newest first.

    A key with the scope `admin` also sees the messages to those offices, and to the subscriptions
    of other keys, whose countries it covers. Needs the scope `subscriptions:write`. Error: 400 for
    a wrong cursor.
    """
    given, after = cursors.begin(state, asked, cursors.delivery)
    now = settled(state, given)
    with state.store.read() as connection:
        found = deliveries.find(
            connection,
            now,
            endpoints=_endpoints(state, reader, asked.subscription),
            states=asked.state,
            readers=readers_of(state, reader),
            thread=asked.alert,
            after=after,
            limit=asked.limit + 1,
        )
    shown = found[: asked.limit]
    last = shown[-1] if len(found) > asked.limit else None
    cursor = cursors.write(state, now, last.created_at.isoformat(), last.id) if last else None
    return Listing([_record(each) for each in shown], now, cursor=cursor).answer(request)


@router.get("/{id}", response_model=DeliveryWithAttempts)
def get_delivery(
    state: State, reader: Subscribes, id: Id, _: Annotated[NoParameters, Query()]
) -> Response:
    """Return one message with every attempt to deliver it.

    Needs the scope `subscriptions:write`. Error: 404 if there is no such delivery for the key.
    """
    found = _found(state, reader, id)
    with state.store.read() as connection:
        tried = deliveries.attempts_of(connection, id)
    return json_answer(_record(found, tried=tried))


@router.post("/{id}/replay", response_model=DeliveryRecord, responses={409: {}})
def replay_delivery(
    state: State, reader: Subscribes, id: Id, _: Annotated[NoParameters, Query()]
) -> Response:
    """Send a dead message again, under its old id.

    Needs the scope `subscriptions:write`. Errors: 404 if there is no such delivery for the key, 409
    if it is not dead.
    """
    found, now = _found(state, reader, id), state.clock()
    with state.store.write() as connection:
        done = outbox.replay(connection, [id], now)
        if done:
            audit.record(connection, [_sent_again(found, reader, now)])
    if not done:
        raise Problem("not-possible", problem_details.NOT_DEAD())
    return json_answer(_record(_found(state, reader, id)))


def _sent_again(sent: Sent, actor: Reader, now: datetime) -> audit.Act:
    return audit.Act(
        about=audit.SUBSCRIPTION,
        subject=sent.endpoint,
        country=None,
        act="sent again",
        day=now.date(),
        at=now,
        actor=actor.name,
        reason="",
        after={"delivery": sent.id},
    )


def _endpoints(state: ApiState, reader: Reader, asked: list[str]) -> list[str] | None:
    """Return the recipients that a key may see, limited to those named; None for all."""
    with state.store.read() as connection:
        seen = visible_recipients(connection, reader.key, state.rulebook.offices)
    if seen is None:
        return asked or None
    return [id_ for id_ in seen if id_ in asked] if asked else seen


def _found(state: ApiState, reader: Reader, id_: str) -> Sent:
    allowed = _endpoints(state, reader, [])
    with state.store.read() as connection:
        found = deliveries.find(
            connection,
            state.clock(),
            endpoints=allowed,
            ids=[id_],
            readers=readers_of(state, reader),
            limit=1,
        )
    if not found:
        raise Problem("not-found", problem_details.NO_DELIVERY(id=repr(id_[:60])))
    return found[0]


def _record(sent: Sent, **others: Any) -> Record:
    waits = sent.state == outbox.WAITING
    return outbound(
        DeliveryWithAttempts,
        sent,
        subscription=sent.endpoint,
        next_attempt_at=sent.next_attempt_at if waits else None,
        **others,
    )
