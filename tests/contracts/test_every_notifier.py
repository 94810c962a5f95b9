"""Tests that hold for every channel in the registry."""

import logging
import ssl
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest

from ewarn.domain.delivery import Message, Outcome
from ewarn.errors import SettingsError
from ewarn.notify.channels.email import MailServer, Security
from ewarn.notify.channels.registry import NOTIFIERS, ChannelResources
from ewarn.notify.channels.webhook_transport import WebhookTransport
from ewarn.notify.messages.compose import compose
from ewarn.ports import Notifier
from ewarn.run.contracts.channels import BROKEN, check_channel
from tests.notifications import BASE, NOW, every, recipient

SECRET = "whsec_aW52ZW50ZWQgc2VjcmV0IG9mIDMyIGJ5dGVzIGxvbmc="
# For each channel an address without a server, with a token in it if the channel allows one.
NOWHERE = {
    "alertmanager": "http://127.0.0.1:9/inventedtoken",
    "apprise": "gotify://127.0.0.1:9/inventedtoken",
    "email": "inventedtoken@example.org",
    "webhook": "http://127.0.0.1:9/inventedtoken",
}


@pytest.fixture
def resources(trust: ssl.SSLContext) -> Iterator[ChannelResources]:
    """Networks that may not be dialled, and a mail server that is down."""
    mail_server = MailServer("127.0.0.1", 9, "ewarn@example.org", Security.NONE)
    with httpx.Client(verify=trust) as client, WebhookTransport(trust=trust) as line:
        yield ChannelResources(client, line, [SECRET], (), mail_server)


@pytest.fixture(params=sorted(NOTIFIERS))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def notifier(name: str, resources: ChannelResources) -> Notifier:
    return NOTIFIERS[name](resources)


def message(name: str, **others: Any) -> Message:
    address = NOWHERE.get(name, "desk")
    made = compose(recipient(channel=name, address=address), list(every().values()), NOW, BASE)
    return replace(made, **others)


def test_it_keeps_the_contract(name: str, notifier: Notifier) -> None:
    check_channel(name, notifier, NOWHERE.get(name, "desk"))


def test_a_broken_address_is_refused_or_tried_again(name: str, notifier: Notifier) -> None:
    for broken in BROKEN if name in NOWHERE else ():
        receipt = notifier.send(message(name, recipient=broken), NOW)
        assert receipt.outcome in (Outcome.REFUSED, Outcome.RETRY)


def test_no_address_is_told_in_a_receipt_or_a_log(
    name: str, notifier: Notifier, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    receipt = notifier.send(message(name), NOW)
    assert receipt.outcome is (Outcome.RETRY if name in NOWHERE else Outcome.DELIVERED)
    assert "inventedtoken" not in receipt.detail + caplog.text


def test_a_channel_that_lacks_a_setting_says_which(name: str, resources: ChannelResources) -> None:
    bare = ChannelResources(resources.client, resources.transport)
    if name in ("log", "apprise"):
        assert NOTIFIERS[name](bare).name == name
        return
    with pytest.raises(SettingsError, match=r"EWARN_\w+ .*is empty"):
        NOTIFIERS[name](bare)


def test_every_channel_is_sent_every_kind_of_news(name: str, notifier: Notifier) -> None:
    for outcomes_in in every().values():
        made = compose(recipient(channel=name), [outcomes_in], NOW, BASE)
        told = replace(made, recipient=NOWHERE.get(name, "desk"))
        assert notifier.send(told, NOW).outcome in (Outcome.RETRY, Outcome.DELIVERED)
