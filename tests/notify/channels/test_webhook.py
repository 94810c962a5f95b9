"""Tests of webhooks with real receivers: signatures, each answer, and faults."""

import base64
import json
import re
import socket
import ssl
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import count

import httpx
import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from ewarn.domain.delivery import Message, Outcome, Receipt
from ewarn.notify.channels.addresses import networks
from ewarn.notify.channels.bodies import BYTES_AT_MOST
from ewarn.notify.channels.webhook import (
    RETRY_AFTER_AT_MOST,
    WebhookNotifier,
    derived_secret,
    key_of,
)
from ewarn.notify.channels.webhook_transport import BODY_READ_AT_MOST, WebhookTransport
from ewarn.notify.messages.compose import compose
from tests.certificates import Authority
from tests.listening import Listener, read_request
from tests.notifications import BASE, NOW, alert_notification, recipient
from tests.receiver import Receiver

SECRET = "whsec_" + base64.b64encode(b"invented secret of 32 bytes long").decode()
OLD_SECRET = "whsec_" + base64.b64encode(b"an older secret of 32 bytes long").decode()
LOOPBACK = networks(["127.0.0.0/8"])
OK = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"


@pytest.fixture
def line(trust: ssl.SSLContext) -> Iterator[WebhookTransport]:
    with WebhookTransport(LOOPBACK, trust=trust) as opened:
        yield opened


@pytest.fixture
def hasty(trust: ssl.SSLContext) -> Iterator[WebhookTransport]:
    """A line that has little time."""
    with WebhookTransport(LOOPBACK, 0.3, trust) as opened:
        yield opened


def message(to: str, signers: tuple[str, ...] = ()) -> Message:
    now = datetime.now(UTC)  # the verifying library compares with its own clock
    body = {"region": "TG-M"}
    return Message("msg_1", "webhook", to, "s", "t", body, now, signers=signers)


def sent(line: WebhookTransport, to: str, signers: tuple[str, ...] = ()) -> Receipt:
    told = message(to, signers)
    return WebhookNotifier(line, [SECRET]).send(told, told.created_at)


def test_the_receiver_can_verify_every_signature(
    receiver: Receiver, line: WebhookTransport
) -> None:
    notifier = WebhookNotifier(line, [SECRET, OLD_SECRET])
    told = message(receiver.url)
    assert notifier.send(told, told.created_at).outcome is Outcome.DELIVERED
    ((headers, body),) = receiver.received
    assert headers["webhook-id"] == "msg_1"
    assert len(headers["webhook-signature"].split(" ")) == 2
    for secret in (SECRET, OLD_SECRET):
        assert Webhook(secret).verify(body, headers) == json.loads(body) == {"region": "TG-M"}


@pytest.mark.parametrize("part", ["id", "timestamp", "body", "signature"])
def test_tampering_with_any_part_fails(
    receiver: Receiver, line: WebhookTransport, part: str
) -> None:
    sent(line, receiver.url)
    ((headers, body),) = receiver.received
    Webhook(SECRET).verify(body, headers)
    if part == "body":
        body = body.replace(b"TG-M", b"TG-K")
    elif part == "timestamp":
        headers["webhook-timestamp"] = str(int(headers["webhook-timestamp"]) + 1)
    else:
        value = headers[f"webhook-{part}"]
        middle = len(value) // 2
        other = "A" if value[middle] != "A" else "B"
        headers[f"webhook-{part}"] = value[:middle] + other + value[middle + 1 :]
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(body, headers)


def test_an_endpoint_has_a_secret_of_its_own_that_can_be_rotated(
    receiver: Receiver, line: WebhookTransport
) -> None:
    old, new = derived_secret(SECRET, "sub_x.1"), derived_secret(SECRET, "sub_x.2")
    assert len({old, new, SECRET, derived_secret(OLD_SECRET, "sub_x.1")}) == 4
    sent(line, receiver.url, ("sub_x.1",))
    sent(line, receiver.url, ("sub_x.2", "sub_x.1"))
    sent(line, receiver.url, ("sub_x.2",))
    before, during, after = receiver.received

    def is_good(secret: str, one: tuple[dict[str, str], bytes]) -> bool:
        try:
            Webhook(secret).verify(one[1], one[0])
        except WebhookVerificationError:
            return False
        return True

    seen = [(is_good(old, one), is_good(new, one)) for one in (before, during, after)]
    assert seen == [(True, False), (True, True), (False, True)]
    assert not any(is_good(SECRET, one) for one in (before, during, after))
    first, _ = during[0]["webhook-signature"].split(" ")
    moment = datetime.fromtimestamp(int(during[0]["webhook-timestamp"]), UTC)
    assert first == Webhook(new).sign("msg_1", moment, during[1].decode()), "the newest signs first"


def test_every_master_signs_for_an_endpoint(receiver: Receiver, line: WebhookTransport) -> None:
    told = message(receiver.url, ("sub_x.1",))
    WebhookNotifier(line, [SECRET, OLD_SECRET]).send(told, told.created_at)
    ((headers, body),) = receiver.received
    for master in (SECRET, OLD_SECRET):
        Webhook(derived_secret(master, "sub_x.1")).verify(body, headers)


def test_a_derived_secret_is_one_that_the_standard_allows() -> None:
    assert derived_secret(SECRET, "sub_x.1") == derived_secret(SECRET, "sub_x.1")
    assert len(base64.b64decode(derived_secret(SECRET, "sub_x.1").removeprefix("whsec_"))) == 32


@pytest.mark.parametrize(
    "secret",
    ["", "whsec_", SECRET.removeprefix("whsec_"), "whsec_c2hvcnQ=", "whsec_" + "é" * 40, "w" * 50],
)
def test_what_is_no_secret_is_not_taken_for_one(secret: str) -> None:
    with pytest.raises(ValueError, match="24 to 64 bytes") as caught:
        key_of(secret)
    assert len(secret) < 10 or secret not in str(caught.value)


@pytest.mark.parametrize(
    ("status", "headers", "outcome", "retry_after"),
    [
        (204, {}, Outcome.DELIVERED, None),
        (302, {"location": "http://127.0.0.1/"}, Outcome.REFUSED, None),
        (308, {"location": "http://127.0.0.1/"}, Outcome.REFUSED, None),
        (400, {}, Outcome.REFUSED, None),
        (408, {}, Outcome.RETRY, None),
        (410, {}, Outcome.GONE, None),
        (425, {}, Outcome.RETRY, None),
        (429, {"retry-after": "120"}, Outcome.RETRY, 120.0),
        (429, {"retry-after": "9" * 400}, Outcome.RETRY, RETRY_AFTER_AT_MOST),
        (500, {}, Outcome.RETRY, None),
        (503, {"retry-after": "soon"}, Outcome.RETRY, None),
        (503, {"retry-after": "-5"}, Outcome.RETRY, None),
    ],
)
def test_each_answer_asks_for_what_it_asks_for(
    receiver: Receiver,
    line: WebhookTransport,
    status: int,
    headers: dict[str, str],
    outcome: Outcome,
    retry_after: float | None,
) -> None:
    receiver.answers = [(status, headers)]
    receipt = sent(line, receiver.url)
    assert (receipt.outcome, receipt.retry_after) == (outcome, retry_after)
    assert len(receiver.received) == 1, "redirects are not followed"
    assert str(status) in receipt.detail
    assert ("redirect" in receipt.detail) == (300 <= status < 400)


@pytest.mark.parametrize(
    ("minutes", "seconds"), [(10, 600.0), (-10, 0.0), (60 * 24 * 30, RETRY_AFTER_AT_MOST)]
)
def test_an_answer_may_name_the_time_to_come_back(
    receiver: Receiver, line: WebhookTransport, minutes: int, seconds: float
) -> None:
    told = message(receiver.url)
    now = told.created_at.replace(microsecond=0)
    until = format_datetime(now + timedelta(minutes=minutes), usegmt=True)
    receiver.answers = [(503, {"retry-after": until})]
    assert WebhookNotifier(line, [SECRET]).send(told, now).retry_after == seconds


def test_an_address_inside_is_not_dialled_unless_allowed(
    receiver: Receiver, trust: ssl.SSLContext
) -> None:
    with WebhookTransport(trust=trust) as strict:
        receipt = sent(strict, receiver.url)
    assert receipt.outcome is Outcome.RETRY
    assert "EWARN_WEBHOOK_ALLOW" in receipt.detail
    assert receiver.received == []


@pytest.mark.parametrize(
    "address", ["ftp://127.0.0.1/", "not an address", "https://", "http://xn--a/"]
)
def test_what_is_no_address_is_refused_for_good(address: str, line: WebhookTransport) -> None:
    receipt = sent(line, address)
    assert receipt.outcome is Outcome.REFUSED
    assert address not in receipt.detail


@pytest.mark.parametrize("host", ["127.0.0.1:9", "a..b", "[", "no-such-name.invalid"])
def test_a_receiver_that_cannot_be_reached_is_tried_again(
    line: WebhookTransport, host: str
) -> None:
    assert sent(line, f"http://{host}/in").outcome is Outcome.RETRY


def test_a_name_that_moves_inside_is_found_out_when_it_is_dialled(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first look-up tells a public address, every later one loopback."""
    port = httpx.URL(receiver.url).port
    answers = iter(["93.184.216.34"])
    dialled: list[str] = []

    def look_up(*_: object, **__: object) -> list[tuple[int, int, int, str, tuple[str, int]]]:
        return [(2, 1, 6, "", (next(answers, "127.0.0.1"), port or 0))]

    def connect(address: tuple[str, int], *_: object, **__: object) -> socket.socket:
        dialled.append(address[0])
        raise OSError("invented: nobody answers there")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    monkeypatch.setattr(socket, "create_connection", connect)
    with WebhookTransport() as strict:
        first, second = (sent(strict, f"http://moving.example.org:{port}/in") for _ in range(2))
    assert dialled == ["93.184.216.34"], "what was checked is what is dialled, and only that"
    assert first.outcome is second.outcome is Outcome.RETRY
    assert "EWARN_WEBHOOK_ALLOW" in second.detail
    assert receiver.received == []


def test_a_login_in_the_address_is_sent_and_never_told(
    receiver: Receiver, line: WebhookTransport
) -> None:
    receiver.answers = [(401, {})]
    receipt = sent(line, receiver.url.replace("//", "//dakar:invented-word@"))
    ((headers, _),) = receiver.received
    assert base64.b64decode(headers["authorization"].split()[1]) == b"dakar:invented-word"
    assert "invented-word" not in receipt.detail + headers["host"]


def _answer_forever(connection: socket.socket) -> None:
    while read_request(connection):
        connection.sendall(OK)


def test_a_connection_is_kept_for_the_next_message(
    listen: Callable[..., Listener], line: WebhookTransport
) -> None:
    server = listen(_answer_forever)
    for _ in range(5):
        assert sent(line, f"http://127.0.0.1:{server.port}/").outcome is Outcome.DELIVERED
    assert server.connections == 1


def test_a_line_may_be_shared_between_threads(
    listen: Callable[..., Listener], line: WebhookTransport
) -> None:
    """A slow receiver in one thread takes nothing of the time of the others."""
    slow = listen(lambda connection: connection.recv(1) and connection.recv(10**6) and None)
    quick = listen(_answer_forever)
    ports = [slow.port if number % 10 == 0 else quick.port for number in range(40)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda port: sent(line, f"http://127.0.0.1:{port}/"), ports))
    seen = [receipt.outcome is Outcome.DELIVERED for receipt in found]
    assert seen == [port == quick.port for port in ports]
    assert quick.connections <= 8


def test_a_receiver_that_hung_up_in_between_is_dialled_again(
    listen: Callable[..., Listener], line: WebhookTransport
) -> None:
    def once(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(OK)

    server = listen(once)
    seen = [sent(line, f"http://127.0.0.1:{server.port}/").outcome for _ in range(4)]
    assert Outcome.DELIVERED in seen[2:]
    assert set(seen) <= {Outcome.DELIVERED, Outcome.RETRY}
    assert server.connections >= 2


@pytest.mark.parametrize("begins", [b"", b"HTTP/1.1 200 OK\r\n"])
def test_one_that_answers_drop_by_drop_is_left_in_time(
    listen: Callable[..., Listener], hasty: WebhookTransport, begins: bytes
) -> None:
    def drip(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(begins)
        for number in count():
            connection.sendall(f"x-{number}: y\r\n".encode() if begins else b"H")
            connection.settimeout(0.02)
            try:
                if connection.recv(1) == b"":
                    return
            except TimeoutError:
                continue

    receipt = sent(hasty, f"http://127.0.0.1:{listen(drip).port}/")
    assert receipt.outcome is Outcome.RETRY
    assert begins == b"" or "0.3 seconds" in receipt.detail


def test_an_answer_that_began_counts_though_it_never_ends(
    listen: Callable[..., Listener], hasty: WebhookTransport
) -> None:
    """It has the message: another try would double it."""

    def half(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf")
        connection.recv(1)

    server = listen(half)
    assert sent(hasty, f"http://127.0.0.1:{server.port}/").outcome is Outcome.DELIVERED


def test_one_that_sends_without_end_is_not_read(
    listen: Callable[..., Listener], line: WebhookTransport
) -> None:
    told = 0

    def flood(connection: socket.socket) -> None:
        nonlocal told
        read_request(connection)
        connection.sendall(b"HTTP/1.1 400 Bad\r\ncontent-length: 100000000000\r\n\r\n")
        while True:
            told += connection.send(b"x" * 65_536)

    receipt = sent(line, f"http://127.0.0.1:{listen(flood).port}/")
    assert receipt.outcome is Outcome.REFUSED
    assert len(receipt.detail) < 400
    assert told < BODY_READ_AT_MOST * 200, "what the system buffers, and no more"


@pytest.mark.parametrize("said", [b"", b"garbage\r\n\r\n", b"HTTP/1.1 200"])
def test_one_that_hangs_up_or_raves_is_tried_again(
    listen: Callable[..., Listener], line: WebhookTransport, said: bytes
) -> None:
    def rave(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(said)

    receipt = sent(line, f"http://127.0.0.1:{listen(rave).port}/")
    assert receipt.outcome is Outcome.RETRY
    assert receipt.detail.startswith("no answer")


@pytest.mark.parametrize(("name", "is_trusted"), [("localhost", True), ("other.example", False)])
def test_tls_is_spoken_with_the_name_though_an_address_is_dialled(
    listen: Callable[..., Listener], authority: Authority, name: str, is_trusted: bool
) -> None:
    server = listen(_answer_forever, authority.server(name))
    allowed = networks(["127.0.0.0/8", "::1/128"])
    with (
        WebhookTransport(allowed, trust=authority.trusting()) as trusting,
        WebhookTransport(allowed) as strict,
    ):
        receipt = sent(trusting, f"https://localhost:{server.port}/")
        stranger = sent(strict, f"https://localhost:{server.port}/")
    assert (receipt.outcome is Outcome.DELIVERED) == is_trusted
    assert stranger.outcome is Outcome.RETRY
    assert "certificate" in stranger.detail


def _of_many(number: int) -> Message:
    told = [
        alert_notification(0.3, hours=at % 5, thread=f"alert-{at}", reason="x" * 300)
        for at in range(number)
    ]
    return compose(recipient(channel="webhook"), told, NOW, BASE)


@pytest.mark.parametrize(
    ("number", "shortened", "omitted"), [(50, 0, 0), (400, 1, 0), (1500, 1, 1)]
)
def test_a_body_is_bounded_and_says_what_it_lacks(
    receiver: Receiver, line: WebhookTransport, number: int, shortened: int, omitted: int
) -> None:
    told = compose(recipient(address=receiver.url), [alert_notification()], NOW, BASE)
    many = _of_many(number)
    told.body["items"] = many.body["items"]
    assert WebhookNotifier(line, [SECRET]).send(told, NOW).outcome is Outcome.DELIVERED
    ((_, raw),) = receiver.received
    body = json.loads(raw)
    assert len(raw) <= BYTES_AT_MOST
    assert body.get("shortened", False) == bool(shortened)
    assert bool(body.get("omitted", 0)) == bool(omitted)
    assert len(body["items"]) + body.get("omitted", 0) == number
    assert {re.sub(r"\d+", "", item["alert_id"]) for item in body["items"]} == {"alert-"}
    assert all(item["changes"] for item in body["items"])
