"""Tests of Apprise with a real receiver: what is sent and refused, and that no token is shown."""

import json
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import apprise
import pytest
from apprise import manager_plugins

from ewarn.domain.delivery import Message, Outcome, Receipt
from ewarn.notify.channels.address_checks import SCHEMES
from ewarn.notify.channels.addresses import networks
from ewarn.notify.channels.apprise import AppriseNotifier
from tests.listening import Listener, read_request
from tests.receiver import Receiver

LOOPBACK = networks(["127.0.0.0/8"])
NOW = datetime(2020, 1, 6, tzinfo=UTC)
REFUSED = frozenset(
    (
        *("file", "dbus", "glib", "gnome", "windows", "macosx", "syslog", "rsyslog", "blink1"),
        *("json", "jsons", "xml", "form", "forms", "mailto", "mailtos", "apprise", "matrix"),
        *("growl", "kodi", "mqtt", "nothing"),
    )
)
TOKEN = "a1inventedtokenof26letters"


def sent(address: str, notifier: AppriseNotifier | None = None) -> Receipt:
    told = Message("msg_1", "apprise", address, "Subject é", "Text", {}, NOW)
    return (notifier or AppriseNotifier(LOOPBACK)).send(told, NOW)


def at(receiver: Receiver, scheme: str, path: str) -> str:
    host = receiver.url.split("/")[2]
    return f"{scheme}://{host}/{path}"


@pytest.mark.parametrize(
    ("scheme", "path"), [("gotify", TOKEN), ("ntfy", "alerts"), ("mmost", "a" * 26)]
)
def test_a_message_reaches_a_real_receiver(receiver: Receiver, scheme: str, path: str) -> None:
    receipt = sent(at(receiver, scheme, path))
    assert receipt.outcome is Outcome.DELIVERED, receipt.detail
    ((_, body),) = receiver.received
    assert "Subject é" in json.dumps(json.loads(body), ensure_ascii=False)
    assert b"Text" in body
    assert b"http" not in body, "no picture from elsewhere"


@pytest.mark.parametrize("status", [400, 403, 404, 429, 500])
def test_a_no_may_be_tried_again(receiver: Receiver, status: int) -> None:
    receiver.answers = [(status, {})]
    receipt = sent(at(receiver, "gotify", TOKEN))
    assert receipt.outcome is Outcome.RETRY


def test_redirects_are_not_followed(receiver: Receiver) -> None:
    receiver.answers = [(307, {"location": receiver.url})]
    assert sent(at(receiver, "gotify", TOKEN) + "?redirect=yes").outcome is Outcome.RETRY
    assert len(receiver.received) == 1


@pytest.mark.parametrize("path", ["gotify", "ntfy", "mmost"])
def test_an_address_inside_is_not_dialled_unless_allowed(receiver: Receiver, path: str) -> None:
    receipt = sent(at(receiver, path, "a" * 26), AppriseNotifier())
    assert receipt.outcome is Outcome.RETRY
    assert "EWARN_WEBHOOK_ALLOW" in receipt.detail
    assert receiver.received == []


def test_the_mode_of_an_address_does_not_hide_its_host(receiver: Receiver) -> None:
    address = at(receiver, "ntfy", "alerts") + "?mode=cloud"
    assert "EWARN_WEBHOOK_ALLOW" in sent(address, AppriseNotifier()).detail
    assert sent(address).outcome is Outcome.DELIVERED
    assert len(receiver.received) == 1, "the host that was checked is the one that is asked"


@pytest.mark.parametrize(
    "scheme",
    [
        "file",
        "dbus",
        "glib",
        "gnome",
        "windows",
        "macosx",
        "syslog",
        "rsyslog",
        "json",
        "jsons",
        "xml",
        "form",
        "forms",
        "mailto",
        "mailtos",
        "apprise",
        "matrix",
        "workflows-x",
        "blink1",
        "growl",
        "kodi",
        "mqtt",
    ],
)
def test_what_reaches_this_machine_or_anything_is_refused(receiver: Receiver, scheme: str) -> None:
    receipt = sent(at(receiver, scheme, TOKEN))
    assert receipt.outcome is Outcome.REFUSED
    assert TOKEN not in receipt.detail
    assert receiver.received == []


@pytest.mark.parametrize("address", ["", "gotify", "gotify://", "slack://", "pover://x"])
def test_what_is_no_address_is_refused_or_fails(address: str) -> None:
    assert sent(address).outcome in (Outcome.REFUSED, Outcome.RETRY)


def test_every_scheme_is_one_that_apprise_knows() -> None:
    AppriseNotifier()
    services: Any = manager_plugins.NotificationManager
    known = services()
    assert [scheme for scheme in sorted(SCHEMES) if scheme not in known] == []


def test_no_token_is_told_anywhere(
    receiver: Receiver, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    receiver.answers = [(500, {}), (200, {})]
    details = [sent(at(receiver, "mmost", TOKEN)).detail for _ in range(2)]
    details.append(sent(f"mmost://127.0.0.1:9/{TOKEN}").detail)
    details.append(sent(f"nothing://127.0.0.1:9/{TOKEN}").detail)
    told = caplog.text + "".join(capfd.readouterr()) + "".join(details)
    assert TOKEN not in told
    assert len(receiver.received) == 2


def test_whatever_a_service_raises_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> Any:
        raise RuntimeError(f"invented, with {TOKEN}")

    monkeypatch.setattr(apprise.Apprise, "instantiate", fail)
    receipt = sent(f"gotify://127.0.0.1:9/{TOKEN}")
    assert receipt.outcome is Outcome.RETRY
    assert TOKEN not in receipt.detail


def test_one_that_hangs_up_is_tried_again(listen: Callable[..., Listener]) -> None:
    server = listen(lambda connection: read_request(connection) and None)
    assert sent(f"gotify://127.0.0.1:{server.port}/{TOKEN}").outcome is Outcome.RETRY
