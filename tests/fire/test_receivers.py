"""Tests of receivers that misbehave, over a real socket: the outcome, and the time of a retry."""

import contextlib
import socket
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest

from ewarn.domain.delivery import Message
from ewarn.domain.region import Office
from ewarn.notify.channels.addresses import networks
from ewarn.notify.channels.retry import DELAYS
from ewarn.notify.channels.webhook import WebhookNotifier
from ewarn.notify.channels.webhook_transport import WebhookTransport
from ewarn.pipeline.delivery.deliver import deliver
from ewarn.pipeline.service import Service
from ewarn.store.delivery import deliveries, endpoints, notifications, outbox
from tests.fire.crew import SECRET
from tests.listening import Listener, read_request
from tests.pipeline.weeks import recipient
from tests.scores import moment

NOW = moment(0)
SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)
_RESET = struct.pack("ii", 1, 0)
Act = Callable[[socket.socket], None]


def answer(text: str) -> Act:
    """A status, and what else belongs in its head."""
    return lambda opened: opened.sendall(f"HTTP/1.1 {text}\r\ncontent-length: 0\r\n\r\n".encode())


def silence(opened: socket.socket) -> None:
    """Nothing, until the other side hangs up."""
    opened.recv(1)


def reset(opened: socket.socket) -> None:
    """A reset, after the request was read."""
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)


def garbage(opened: socket.socket) -> None:
    """What is no HTTP."""
    opened.sendall(b"\x00\xff SSH-2.0-nonsense\r\n" * 20)


@dataclass
class Hook:
    """A service with one message to a receiver, the requests it got, and the acts to come."""

    service: Service
    line: WebhookTransport
    requests: list[bytes]
    acts: list[Act]

    def deliver(self, now: datetime = NOW) -> None:
        """Deliver what is due at a moment."""
        deliver(self.service, lambda: now)

    def left(self) -> deliveries.Sent:
        """The message as it stands."""
        with self.service.store.read() as connection:
            (one,) = deliveries.find(connection, NOW, ids=["msg_1"])
        return one

    def wait(self, now: datetime = NOW) -> float:
        """Seconds until it is tried again."""
        return (self.left().next_attempt_at - now).total_seconds()

    def told(self) -> list[tuple[str, str]]:
        """Outcome and detail of each attempt."""
        with self.service.store.read() as connection:
            tried = deliveries.attempts_of(connection, "msg_1")
        return [(each["outcome"], each["detail"]) for each in tried]

    def is_off(self) -> bool:
        """Whether the address is switched off."""
        with self.service.store.read() as connection:
            known = endpoints.find(connection).get("geneva:hook")
        return known is not None and known.disabled_at is not None

    def owner_hears(self) -> int:
        """How many notices wait for the owner's other address."""
        with self.service.store.read() as connection:
            return len(notifications.waiting(connection, "geneva:desk"))


@pytest.fixture
def hook(service: Service, listen: Callable[..., Listener]) -> Iterator[Hook]:
    requests: list[bytes] = []
    acts: list[Act] = []

    def talk(opened: socket.socket) -> None:
        request = read_request(opened)
        if request:
            requests.append(request)
            (acts.pop(0) if acts else answer("200 OK"))(opened)

    url = f"http://127.0.0.1:{listen(talk).port}/in"
    there = recipient("hook", channel="webhook")
    office = Office("geneva", "Geneva", "en", ("*",), (there, recipient("desk")))
    with WebhookTransport(networks(["127.0.0.0/8"])) as line, contextlib.suppress(OSError):
        rulebook = replace(service.rulebook, offices=(office,))
        notifiers = {**service.notifiers, "webhook": WebhookNotifier(line, [SECRET])}
        one = Message("msg_1", "webhook", url, "s", "t", {"items": []}, NOW)
        with service.store.write() as connection:
            outbox.enqueue(connection, [("geneva:hook", one)])
        yield Hook(replace(service, rulebook=rulebook, notifiers=notifiers), line, requests, acts)


@pytest.mark.parametrize(
    ("act", "detail"),
    [
        (silence, "no answer within 0.2 seconds"),
        (reset, "no answer: "),
        (garbage, "no answer: "),
        (answer("500 No"), "HTTP 500"),
        (answer("503 No"), "HTTP 503"),
    ],
    ids=["silence", "reset", "garbage", "500", "503"],
)
def test_one_that_fails_is_asked_again_after_about_five_seconds_and_under_the_same_id(
    hook: Hook, act: Act, detail: str
) -> None:
    hook.acts.append(act)
    patience = hook.line.seconds
    hook.line.seconds = 0.2 if act is silence else patience
    hook.deliver()
    hook.line.seconds = patience  # a busy machine may need that long
    ((outcome, said),) = hook.told()
    assert (outcome, hook.left().state) == ("retry", "waiting")
    assert said.startswith(detail)
    assert 4 <= hook.wait() <= 6
    hook.deliver(NOW + 3 * SECOND)
    assert len(hook.requests) == 1
    hook.deliver(NOW + 6 * SECOND)
    assert (hook.left().state, hook.left().attempts) == ("delivered", 2)
    first, second = (dict(_fields(request)) for request in hook.requests)
    assert first["webhook-id"] == second["webhook-id"] == "msg_1"
    assert first["webhook-timestamp"] != second["webhook-timestamp"]
    assert first["body"] == second["body"]
    with hook.service.store.read() as connection:
        assert endpoints.find(connection)["geneva:hook"].failing_since is None


def _fields(request: bytes) -> Iterator[tuple[str, str]]:
    head, _, body = request.decode().partition("\r\n\r\n")
    yield "body", body
    for line in head.split("\r\n")[1:]:
        name, _, value = line.partition(": ")
        yield name.lower(), value


def test_one_that_is_gone_is_switched_off_and_its_owner_told(hook: Hook) -> None:
    hook.acts.append(answer("410 Gone"))
    hook.deliver()
    assert (hook.left().state, hook.is_off(), hook.owner_hears()) == ("dead", True, 1)
    hook.deliver(NOW + 30 * HOUR)
    assert len(hook.requests) == 1


def test_a_redirect_is_not_followed_and_not_tried_again(hook: Hook) -> None:
    hook.acts.append(answer("302 Found\r\nlocation: http://127.0.0.1:1/elsewhere"))
    hook.deliver()
    assert (hook.left().state, hook.is_off(), hook.owner_hears()) == ("dead", False, 1)
    assert "redirects are not followed" in hook.told()[0][1]
    hook.deliver(NOW + 30 * HOUR)
    assert len(hook.requests) == 1


def test_one_that_asks_for_time_gets_it(hook: Hook) -> None:
    hook.acts.append(answer("429 Slow down\r\nretry-after: 3600"))
    hook.deliver()
    assert (hook.left().state, hook.wait()) == ("waiting", 3600)
    hook.deliver(NOW + HOUR - SECOND)
    assert len(hook.requests) == 1
    hook.deliver(NOW + HOUR)
    assert hook.left().state == "delivered"


def test_ten_attempts_then_the_dead_letters_and_a_replay_under_the_same_id(hook: Hook) -> None:
    hook.acts.extend([answer("500 No")] * 10)
    now, waits = NOW, []
    while hook.left().state == "waiting":
        hook.deliver(now)
        waits.append(hook.wait(now))
        now = max(hook.left().next_attempt_at, now)
    assert len(hook.requests) == 10
    assert all(
        0.8 * delay.total_seconds() <= wait <= 1.2 * delay.total_seconds()
        for delay, wait in zip(DELAYS, waits, strict=False)
    )
    assert hook.left().state == "dead"
    with hook.service.store.write() as connection:
        assert outbox.replay(connection, ["msg_1"], now) == 1
    hook.deliver(now)
    assert hook.left().state == "delivered"
    assert {dict(_fields(request))["webhook-id"] for request in hook.requests} == {"msg_1"}
