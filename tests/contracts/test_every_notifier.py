"""What every channel must keep, whoever wrote it. Runs over the registry."""

import logging
import ssl
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest

from ewarn.domain.delivery import Notification, Outcome, Receipt
from ewarn.errors import SettingsError
from ewarn.notify.compose import compose
from ewarn.notify.email import Mailbox, Security
from ewarn.notify.registry import NOTIFIERS, Means
from ewarn.notify.webhook_transport import WebhookTransport
from ewarn.ports import Notifier
from tests.notices import BASE, NOW, every, recipient

SECRET = "whsec_aW52ZW50ZWQgc2VjcmV0IG9mIDMyIGJ5dGVzIGxvbmc="
# An address of each channel at which nobody listens, with a token in it where one may be.
NOWHERE = {
    "alertmanager": "http://127.0.0.1:9/inventedtoken",
    "apprise": "gotify://127.0.0.1:9/inventedtoken",
    "email": "inventedtoken@example.org",
    "webhook": "http://127.0.0.1:9/inventedtoken",
}


@pytest.fixture
def means(trust: ssl.SSLContext) -> Iterator[Means]:
    """Networks that may not be dialled, and a mail server that is down."""
    mailbox = Mailbox("127.0.0.1", 9, "ewarn@example.org", Security.NONE)
    with httpx.Client(verify=trust) as client, WebhookTransport(trust=trust) as line:
        yield Means(client, line, [SECRET], (), mailbox)


@pytest.fixture(params=sorted(NOTIFIERS))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def notifier(name: str, means: Means) -> Notifier:
    return NOTIFIERS[name](means)


def message(name: str, **others: Any) -> Notification:
    address = NOWHERE.get(name, "desk")
    made = compose(recipient(channel=name, address=address), list(every().values()), NOW, BASE)
    return replace(made, **others)


def test_it_is_a_notifier_under_its_own_name(name: str, notifier: Notifier) -> None:
    assert isinstance(notifier, Notifier)
    assert notifier.name == name
    assert name == name.lower()
    assert ":" not in name


def test_where_nobody_listens_it_may_be_tried_again_and_says_why(
    name: str, notifier: Notifier
) -> None:
    receipt = notifier.send(message(name), NOW)
    assert isinstance(receipt, Receipt)
    assert receipt.outcome is (Outcome.RETRY if name in NOWHERE else Outcome.DELIVERED)
    assert receipt.detail
    assert "\n" not in receipt.detail
    assert receipt.retry_after is None or receipt.retry_after >= 0


@pytest.mark.parametrize("address", ["", "\x00", "x" * 5000, "://", "https://[", "a\r\nb: c", "☃"])
def test_whatever_an_address_is_nothing_is_raised(
    name: str, notifier: Notifier, address: str
) -> None:
    receipt = notifier.send(message(name, recipient=address), NOW)
    assert receipt.outcome in (Outcome.REFUSED, Outcome.RETRY) or name not in NOWHERE
    assert len(receipt.detail) < 1000


def test_no_address_is_told_in_a_receipt_or_a_log(
    name: str, notifier: Notifier, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    receipt = notifier.send(message(name), NOW)
    assert "inventedtoken" not in receipt.detail + caplog.text


def test_it_does_not_change_what_it_sends(name: str, notifier: Notifier) -> None:
    told, again = message(name), message(name)
    notifier.send(told, NOW)
    assert told == again


def test_a_channel_that_lacks_a_setting_says_which(name: str, means: Means) -> None:
    bare = Means(means.client, means.line)
    if name in ("log", "apprise"):
        assert NOTIFIERS[name](bare).name == name
        return
    with pytest.raises(SettingsError, match=r"EWARN_\w+ .*is empty"):
        NOTIFIERS[name](bare)


def test_every_channel_is_sent_every_kind_of_news(name: str, notifier: Notifier) -> None:
    for told_of in every().values():
        made = compose(recipient(channel=name), [told_of], NOW, BASE)
        told = replace(made, recipient=NOWHERE.get(name, "desk"))
        assert notifier.send(told, NOW).outcome in (Outcome.RETRY, Outcome.DELIVERED)
