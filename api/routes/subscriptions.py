"""Routes for subscriptions to alerts. An address receives alerts once it is verified."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response

from api.records.records import Record
from api.routing.key_first import KeyFirst
from api.schemas.lists import SubscriptionList
from api.schemas.subscriptions import SubscriptionBody, VerificationCodeBody
from api.serving.access import Reader, State, Subscribes
from api.serving.answers import Listing, json_answer
from api.serving.problems import Problem, as_problems, wrong_fields
from api.serving.queries import ListQuery, NoParameters
from api.serving.state import ApiState
from api.serving.texts import Asked
from ewarn.domain.key import EVERYWHERE
from ewarn.domain.recipient import Pace, QuietHours, Recipient, most_a_day
from ewarn.domain.subscription import Subscription
from ewarn.egress.definition.shapes import outbound
from ewarn.egress.deliveries import SubscriptionRecord, SubscriptionWithSecret, Tested
from ewarn.languages import problem_details
from ewarn.notify.channels.address_checks import canonical
from ewarn.pipeline.delivery.subscribing import owned
from ewarn.store.delivery import endpoints
from ewarn.store.delivery.endpoints import Endpoint

router = APIRouter(prefix="/v1/subscriptions", tags=["subscriptions"], route_class=KeyFirst)
Id = Annotated[Asked, Path(description="Id of a subscription.", examples=["sub_0123456789abcdef"])]
No = Annotated[NoParameters, Query()]


@router.get("", response_model=SubscriptionList)
def list_subscriptions(
    request: Request, state: State, reader: Subscribes, _: Annotated[ListQuery, Query()]
) -> Response:
    """Return the subscriptions of the key that have not ended.

    Needs the scope `subscriptions:write`.
    """
    with state.store.read() as connection:
        found = owned(connection, reader.key)
        health = endpoints.find(connection, [each.id for each in found])
    items = [_record(each, health.get(each.id)) for each in found]
    return Listing(items, state.clock()).answer(request)


@router.post(
    "", response_model=SubscriptionWithSecret, status_code=201, responses={404: {}, 409: {}}
)
def subscribe(state: State, reader: Subscribes, asked: SubscriptionBody, _: No) -> Response:
    """Subscribe an address to alerts.

    A code is sent to the address. Post it to `/v1/subscriptions/{id}/verify` to start the
    subscription. The answer shows the signing secret, if the channel signs. Needs the scope
    `subscriptions:write`. Errors: 404 if the key does not cover a country or region; 409 if the
    channel is not enabled or the key has too many subscriptions.
    """
    wishes = _wishes(state, reader, asked)
    with as_problems():
        made = state.subscribing.subscribe(reader.key, wishes, state.clock(), reader.name)
    answer = json_answer(_with_secret(state, made))
    answer.status_code = 201
    return answer


@router.get("/{id}", response_model=SubscriptionRecord)
def get_subscription(state: State, reader: Subscribes, id: Id, _: No) -> Response:
    """Return one subscription, and whether messages reach its address.

    Needs the scope `subscriptions:write`. Error: 404 if the key has no such subscription.
    """
    with state.store.read() as connection:
        found = [each for each in owned(connection, reader.key) if each.id == id]
        health = endpoints.find(connection, [id])
    if not found:
        raise Problem("not-found", problem_details.NO_SUBSCRIPTION(id=repr(id[:60])))
    return json_answer(_record(found[0], health.get(id)))


@router.post("/{id}/code", response_model=SubscriptionRecord, responses={409: {}})
def send_code(state: State, reader: Subscribes, id: Id, _: No) -> Response:
    """Send a new code to the address. The previous code is no longer valid.

    Needs the scope `subscriptions:write`. Errors: 404 if the key has no such subscription; 409 if
    too many codes were sent lately.
    """
    with as_problems():
        sent = state.subscribing.send_code(reader.key, id, state.clock(), reader.name)
        return _answer(state, sent)


@router.post("/{id}/verify", response_model=SubscriptionRecord, responses={409: {}})
def verify(state: State, reader: Subscribes, id: Id, said: VerificationCodeBody, _: No) -> Response:
    """Verify the address by the code that was sent to it. From now on it is notified of alerts.

    Needs the scope `subscriptions:write`. Errors: 404 if the key has no such subscription, 409 if
    the code is wrong or no longer valid.
    """
    with as_problems():
        done = state.subscribing.verify(reader.key, id, said.code, state.clock(), reader.name)
        return _answer(state, done)


@router.post("/{id}/test", response_model=Tested, responses={409: {}})
def send_test(state: State, reader: Subscribes, id: Id, _: No) -> Response:
    """Send a test message to the address. The answer holds the id of its delivery.

    Needs the scope `subscriptions:write`. Errors: 404 if the key has no such subscription; 409 if
    the address is not verified.
    """
    with as_problems():
        sent = state.subscribing.test(reader.key, id, state.clock(), reader.name)
        return json_answer(outbound(Tested, {"delivery": sent}))


@router.post("/{id}/rotate", response_model=SubscriptionWithSecret, responses={409: {}})
def rotate(state: State, reader: Subscribes, id: Id, _: No) -> Response:
    """Replace the signing secret. Only this answer shows the new secret.

    For one day messages are signed with both the old and the new secret. Needs the scope
    `subscriptions:write`. Errors: 404 if the key has no such subscription; 409 if it was rotated
    within the last day.
    """
    with as_problems():
        turned = state.subscribing.rotate(reader.key, id, state.clock(), reader.name)
    return json_answer(_with_secret(state, turned))


@router.post("/{id}/end", response_model=SubscriptionRecord)
def end(state: State, reader: Subscribes, id: Id, _: No) -> Response:
    """End a subscription: its address receives no more notifications.

    Needs the scope `subscriptions:write`. Error: 404 if the key has no such subscription, or if it
    has ended already.
    """
    with as_problems():
        return _answer(state, state.subscribing.end(reader.key, id, state.clock(), reader.name))


def _wishes(state: ApiState, reader: Reader, asked: SubscriptionBody) -> Recipient:
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
