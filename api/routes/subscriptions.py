"""Subscriptions: who is told of what, where, once the address is proved to be theirs."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response

from api.records.records import Record
from api.schemas.lists import SubscriptionList
from api.schemas.subscriptions import CodeSaid, SubscriptionAsked
from api.serving.access import Reader, State, Subscribes
from api.serving.answers import Listing, json_answer
from api.serving.key_first import KeyFirst
from api.serving.problems import Problem, as_problems, wrong_fields
from api.serving.queries import Asking
from api.serving.state import ApiState
from api.serving.texts import Asked
from ewarn.domain.key import EVERYWHERE
from ewarn.domain.recipient import Pace, QuietHours, Recipient, most_a_day
from ewarn.domain.subscription import Subscription
from ewarn.egress.deliveries import SubscriptionRecord, SubscriptionWithSecret, Tested
from ewarn.egress.shapes import outbound
from ewarn.notify.address_checks import canonical
from ewarn.pipeline.delivery.subscribing import owned
from ewarn.store.delivery import endpoints
from ewarn.store.delivery.endpoints import Endpoint

router = APIRouter(prefix="/v1/subscriptions", tags=["subscriptions"], route_class=KeyFirst)
Id = Annotated[Asked, Path(description="Id of a subscription.")]
No = Annotated[Asking, Query()]


@router.get("", response_model=SubscriptionList)
def list_subscriptions(request: Request, state: State, reader: Subscribes, _: No) -> Response:
    """The key's subscriptions that have not ended."""
    with state.store.read() as connection:
        found = owned(connection, reader.key)
        health = endpoints.find(connection, [each.id for each in found])
    items = [_record(each, health.get(each.id)) for each in found]
    return Listing(items, state.clock()).answer(request)


@router.post("", response_model=SubscriptionWithSecret, status_code=201)
def subscribe(state: State, reader: Subscribes, asked: SubscriptionAsked, _: No) -> Response:
    """Ask to be told of alerts. A code is sent to the address; post it to `verify` to begin."""
    wishes = _wishes(state, reader, asked)
    with as_problems():
        made = state.subscribing.subscribe(reader.key, wishes, state.clock())
    answer = json_answer(_with_secret(state, made))
    answer.status_code = 201
    return answer


@router.get("/{id}", response_model=SubscriptionRecord)
def get_subscription(state: State, reader: Subscribes, id: Id, _: No) -> Response:
    """One subscription, and how its address takes what is sent there."""
    with state.store.read() as connection:
        found = [each for each in owned(connection, reader.key) if each.id == id]
        health = endpoints.find(connection, [id])
    if not found:
        raise Problem("not-found", f"There is no subscription {id[:60]!r} for this key.")
    return json_answer(_record(found[0], health.get(id)))


@router.post("/{id}/code", response_model=SubscriptionRecord)
def send_code(state: State, reader: Subscribes, id: Id, _: No) -> Response:
    """Send another code; the one before holds no more."""
    with as_problems():
        return _answer(state, state.subscribing.send_code(reader.key, id, state.clock()))


@router.post("/{id}/verify", response_model=SubscriptionRecord)
def verify(state: State, reader: Subscribes, id: Id, said: CodeSaid, _: No) -> Response:
    """Prove by the code that the address is the subscriber's: from now on it is told."""
    with as_problems():
        done = state.subscribing.verify(reader.key, id, said.code, state.clock())
        return _answer(state, done)


@router.post("/{id}/test", response_model=Tested)
def send_test(state: State, reader: Subscribes, id: Id, _: No) -> Response:
    """Send a test message."""
    with as_problems():
        return json_answer(
            outbound(Tested, {"delivery": state.subscribing.test(reader.key, id, state.clock())})
        )


@router.post("/{id}/rotate", response_model=SubscriptionWithSecret)
def rotate(state: State, reader: Subscribes, id: Id, _: No) -> Response:
    """Sign with a new secret, shown once; for a day the one before signs along."""
    with as_problems():
        turned = state.subscribing.rotate(reader.key, id, state.clock())
    return json_answer(_with_secret(state, turned))


@router.post("/{id}/end", response_model=SubscriptionRecord)
def end(state: State, reader: Subscribes, id: Id, _: No) -> Response:
    """End a subscription: nothing more is told there."""
    with as_problems():
        return _answer(state, state.subscribing.end(reader.key, id, state.clock()))


def _wishes(state: ApiState, reader: Reader, asked: SubscriptionAsked) -> Recipient:
    try:
        state.service.check_address(asked.channel, asked.address)
    except ValueError as error:
        raise wrong_fields(("address", str(error))) from None
    quiet = None
    if asked.quiet is not None:
        try:
            quiet = QuietHours(asked.quiet.begins, asked.quiet.ends, asked.zone)
        except ValueError as error:
            raise wrong_fields(("quiet", str(error))) from None
    countries, regions = reader.places(state, asked.countries, asked.regions)
    most = asked.most_a_day or most_a_day(asked.channel)
    return Recipient(
        id="",
        owner=reader.key.prefix,
        channel=asked.channel,
        address=canonical(asked.channel, asked.address),
        language=asked.language,
        countries=countries or (EVERYWHERE,),
        regions=regions,
        targets=tuple(target.value for target in asked.targets),
        level=asked.level,
        at_least=asked.at_least,
        pace=Pace(
            digest=asked.digest,
            digest_at=asked.digest_at,
            zone=asked.zone,
            quiet=quiet,
            most_a_day=most,
            repeat_days=asked.repeat_days or None,
        ),
    )


def _answer(state: ApiState, found: Subscription) -> Response:
    with state.store.read() as connection:
        health = endpoints.find(connection, [found.id])
    return json_answer(_record(found, health.get(found.id)))


def _with_secret(state: ApiState, found: Subscription) -> Record:
    secret = state.secret_of(found.signers_at(state.clock())[0], found.recipient.channel)
    return _record(found, None, secret=secret)


def _record(found: Subscription, health: Endpoint | None, **others: Any) -> Record:
    wishes, pace = found.recipient, found.recipient.pace
    known = health or Endpoint(found.id)
    values = {
        name: getattr(part, name) for part in (wishes, pace, found) for name in type(part).__slots__
    }
    return outbound(
        SubscriptionWithSecret,
        values,
        failing_since=known.failing_since,
        disabled_at=known.disabled_at,
        reason=known.reason,
        **others,
    )
