"""Webhooks against a real receiver: signatures, and what each answer asks for."""

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from ewarn.domain.delivery import Notification, Outcome
from ewarn.notify.addresses import networks
from ewarn.notify.webhook import WebhookNotifier
from tests.receiver import Receiver

SECRET = "whsec_" + base64.b64encode(b"invented secret of 32 bytes long").decode()
OLD_SECRET = "whsec_" + base64.b64encode(b"an older secret of 32 bytes long").decode()
LOOPBACK = networks(["127.0.0.0/8"])


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with httpx.Client() as opened:
        yield opened


def message(recipient: str) -> Notification:
    now = datetime.now(UTC)  # the verifying library compares with its own clock
    return Notification("msg_1", "webhook", recipient, "s", "t", {"region": "TG-M"}, now)


def test_the_receiver_can_verify_every_signature_and_tampering_fails(
    receiver: Receiver, client: httpx.Client
) -> None:
    notifier = WebhookNotifier(client, [SECRET, OLD_SECRET], LOOPBACK)
    sent = message(receiver.url)
    assert notifier.send(sent, sent.created_at).outcome is Outcome.DELIVERED
    ((headers, body),) = receiver.received
    assert headers["webhook-id"] == "msg_1"
    assert len(headers["webhook-signature"].split(" ")) == 2
    for secret in (SECRET, OLD_SECRET):
        assert Webhook(secret).verify(body, headers) == json.loads(body) == {"region": "TG-M"}
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(body.replace(b"TG-M", b"TG-K"), headers)


@pytest.mark.parametrize(
    ("status", "headers", "outcome", "retry_after"),
    [
        (204, {}, Outcome.DELIVERED, None),
        (302, {"location": "http://127.0.0.1/"}, Outcome.REFUSED, None),
        (400, {}, Outcome.REFUSED, None),
        (410, {}, Outcome.GONE, None),
        (429, {"retry-after": "120"}, Outcome.RETRY, 120.0),
        (500, {}, Outcome.RETRY, None),
        (503, {"retry-after": "soon"}, Outcome.RETRY, None),
    ],
)
def test_each_answer_asks_for_what_it_asks_for(
    receiver: Receiver,
    client: httpx.Client,
    status: int,
    headers: dict[str, str],
    outcome: Outcome,
    retry_after: float | None,
) -> None:
    receiver.answers = [(status, headers)]
    sent = message(receiver.url)
    receipt = WebhookNotifier(client, [SECRET], LOOPBACK).send(sent, sent.created_at)
    assert (receipt.outcome, receipt.retry_after) == (outcome, retry_after)
    assert len(receiver.received) == 1, "redirects are not followed"


def test_an_address_inside_is_not_dialled_unless_allowed(
    receiver: Receiver, client: httpx.Client
) -> None:
    sent = message(receiver.url)
    receipt = WebhookNotifier(client, [SECRET]).send(sent, sent.created_at)
    assert receipt.outcome is Outcome.RETRY
    assert "EWARN_WEBHOOK_ALLOW" in receipt.detail
    assert receiver.received == []


@pytest.mark.parametrize("address", ["ftp://127.0.0.1/", "not an address", "https://"])
def test_what_is_no_address_is_refused_for_good(address: str, client: httpx.Client) -> None:
    sent = message(address)
    receipt = WebhookNotifier(client, [SECRET], LOOPBACK).send(sent, sent.created_at)
    assert receipt.outcome is Outcome.REFUSED


def test_a_receiver_that_is_down_is_tried_again(receiver: Receiver, client: httpx.Client) -> None:
    sent = message("http://127.0.0.1:9/in")
    receipt = WebhookNotifier(client, [SECRET], LOOPBACK).send(sent, sent.created_at)
    assert receipt.outcome is Outcome.RETRY
