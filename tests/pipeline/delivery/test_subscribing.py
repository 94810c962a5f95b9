"""Tests that a subscription is notified of what its key covers, as long as the key is valid."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ewarn.domain.key import ApiKey
from ewarn.domain.recipient import Pace, Recipient
from ewarn.errors import UsageError
from ewarn.pipeline.delivery.deliver import deliver
from ewarn.pipeline.delivery.subscribing import CODES_OF_A_KEY, CODES_TO_AN_ADDRESS, Subscribing
from ewarn.pipeline.service import Service
from ewarn.store.access import keys
from ewarn.store.delivery import subscriptions
from tests.pipeline.invented import Postbox
from tests.pipeline.weeks import REGION, play, told_to
from tests.scores import moment

KEY = ApiKey("ewabc", "", "dakar", frozenset({"subscriptions:write"}), ("TGO",), moment(-9))


@pytest.fixture
def hook() -> Postbox:
    return Postbox(name="webhook")


@pytest.fixture
def subscribed(service: Service, postbox: Postbox, hook: Postbox) -> Service:
    """Return a service with one verified subscription to all news of all countries."""
    both = replace(told_to(service), notifiers={"log": postbox, "webhook": hook})
    with service.store.write() as connection:
        keys.add(connection, KEY)
    wishes = Recipient("", "", "webhook", "https://example.org/in", "fr", pace=Pace())
    subscribing = Subscribing(lambda: both)
    asked = subscribing.subscribe(KEY, wishes, moment(-1))
    deliver(both, lambda: moment(-1))
    (message,) = hook.sent
    subscribing.verify(KEY, asked.id, message.body["items"][0]["code"], moment(-1))
    hook.sent.clear()
    return both


def told(service: Service, hook: Postbox, week: int, probabilities: dict[str, float]) -> list[str]:
    play(service, week, probabilities)
    deliver(service, lambda: moment(week))
    regions = [item["region"] for sent in hook.sent for item in sent.body["items"]]
    hook.sent.clear()
    return regions


def test_it_is_told_signed_for_itself_in_its_language(subscribed: Service, hook: Postbox) -> None:
    play(subscribed, 0, {REGION: 0.3})
    deliver(subscribed, lambda: moment(0))
    (sent,) = hook.sent
    assert sent.body["language"] == "fr"
    with subscribed.store.read() as connection:
        (found,) = subscriptions.of_keys(connection)
    assert sent.signers == (f"{found.id}.1",)
    Subscribing(lambda: subscribed).rotate(KEY, found.id, moment(0))
    play(subscribed, 0, {"TG-K": 0.3}, hours=1)
    deliver(subscribed, lambda: moment(0) + timedelta(hours=1))
    assert hook.sent[-1].signers == (f"{found.id}.2", f"{found.id}.1")


def test_it_hears_of_what_its_key_covers_only(subscribed: Service, hook: Postbox) -> None:
    assert told(subscribed, hook, 0, {REGION: 0.3}) == [REGION]
    play(subscribed, 1, {"GH-AA": 0.3}, country="GHA")
    deliver(subscribed, lambda: moment(1))
    assert hook.sent == []


@pytest.mark.parametrize("ends", ["revoked", "subscription"])
def test_it_hears_nothing_more_once_its_key_or_itself_has_ended(
    subscribed: Service, hook: Postbox, ends: str
) -> None:
    assert told(subscribed, hook, 0, {REGION: 0.3}) == [REGION]
    if ends == "revoked":
        with subscribed.store.write() as connection:
            keys.revoke(connection, KEY.prefix, moment(0))
    else:
        with subscribed.store.read() as connection:
            (found,) = subscriptions.of_keys(connection)
        Subscribing(lambda: subscribed).end(KEY, found.id, moment(0))
    assert told(subscribed, hook, 1, {REGION: 0.5}) == []


def wish(address: str) -> Recipient:
    return Recipient("", "", "webhook", address, "fr", pace=Pace())


def test_an_address_is_sent_few_codes_whoever_asks(subscribed: Service) -> None:
    subscribing = Subscribing(lambda: subscribed)
    keys_of = [replace(KEY, prefix=f"ewkey{number}") for number in range(9)]
    sent = 0
    for number, key in enumerate(keys_of):
        at = moment(0) + timedelta(minutes=11 * number)
        try:
            subscribing.subscribe(key, wish("https://victim.example.org/in"), at)
            sent += 1
        except UsageError as error:
            assert "codes were sent there within a day" in str(error)  # noqa: PT017  # some are sent
    assert sent == CODES_TO_AN_ADDRESS
    late = moment(0) + timedelta(days=2)
    subscribing.subscribe(keys_of[0], wish("https://victim.example.org/in"), late)


def test_two_keys_do_not_write_to_one_address_within_minutes(subscribed: Service) -> None:
    subscribing = Subscribing(lambda: subscribed)
    subscribing.subscribe(KEY, wish("https://victim.example.org/in"), moment(0))
    other = replace(KEY, prefix="ewother")
    with pytest.raises(UsageError, match="within the last ten minutes"):
        subscribing.subscribe(other, wish("https://VICTIM.example.org/in"), moment(0))
    with subscribed.store.read() as connection:
        assert subscriptions.of_keys(connection, ["ewother"]) == []


def test_a_key_has_few_codes_sent_in_a_day(subscribed: Service) -> None:
    subscribing = Subscribing(lambda: subscribed)
    for number in range(CODES_OF_A_KEY):
        subscribing.subscribe(KEY, wish(f"https://example.org/{number}"), moment(0))
    with pytest.raises(UsageError, match="this key had 20 codes sent within a day"):
        subscribing.subscribe(KEY, wish("https://example.org/more"), moment(0))
