"""Deliveries: what was sent to whom, how it went, and sending again what was given up."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response

from api.records.records import Record
from api.schemas.lists import DeliveryList
from api.serving import cursors
from api.serving.access import Reader, State, Subscribes
from api.serving.answers import Listing, json_answer
from api.serving.key_first import KeyFirst
from api.serving.problems import Problem
from api.serving.queries import Asking, DeliveriesAsked, settled
from api.serving.state import ApiState
from api.serving.texts import Asked
from api.serving.withheld import readers_of
from ewarn.egress.deliveries import DeliveryRecord, DeliveryWithAttempts
from ewarn.egress.shapes import outbound
from ewarn.pipeline.delivery.subscribing import recipients_seen
from ewarn.store.delivery import deliveries, outbox
from ewarn.store.delivery.deliveries import Sent

router = APIRouter(prefix="/v1/deliveries", tags=["subscriptions"], route_class=KeyFirst)
Id = Annotated[Asked, Path(description="Id of a delivery: the `webhook-id` of its message.")]


@router.get("", response_model=DeliveryList)
def list_deliveries(
    request: Request,
    state: State,
    reader: Subscribes,
    asked: Annotated[DeliveriesAsked, Query()],
) -> Response:
    """Messages to the key's subscriptions as they stand now, the newest first; to an administrator
    also those of the offices and other keys whose countries the key covers.
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
            after=after,
            limit=asked.limit + 1,
        )
    shown = found[: asked.limit]
    last = shown[-1] if len(found) > asked.limit else None
    cursor = cursors.write(now, last.created_at.isoformat(), last.id) if last else None
    return Listing([_record(each) for each in shown], now, cursor=cursor).answer(request)


@router.get("/{id}", response_model=DeliveryWithAttempts)
def get_delivery(
    state: State, reader: Subscribes, id: Id, _: Annotated[Asking, Query()]
) -> Response:
    """One message with every attempt to hand it over."""
    found = _found(state, reader, id)
    with state.store.read() as connection:
        tried = deliveries.attempts_of(connection, id)
    return json_answer(_record(found, tried=tried))


@router.post("/{id}/replay", response_model=DeliveryRecord)
def replay_delivery(
    state: State, reader: Subscribes, id: Id, _: Annotated[Asking, Query()]
) -> Response:
    """Send a dead message again, under its own id."""
    _found(state, reader, id)
    with state.store.write() as connection:
        done = outbox.replay(connection, [id], state.clock())
    if not done:
        raise Problem("not-possible", "It is not dead: only what was given up is sent again.")
    return json_answer(_record(_found(state, reader, id)))


def _endpoints(state: ApiState, reader: Reader, asked: list[str]) -> list[str] | None:
    """The recipients a key may ask about, narrowed to those asked for; None for all."""
    with state.store.read() as connection:
        seen = recipients_seen(connection, reader.key, state.rulebook.offices)
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
        raise Problem("not-found", f"There is no delivery {id_[:60]!r} for this key.")
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
