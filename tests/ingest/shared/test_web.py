"""Tests of requests over HTTP under all faults of the network."""

import gzip
from collections.abc import Iterator
from io import BytesIO
from tempfile import TemporaryFile

import httpx
import pytest
import structlog

from ewarn.errors import SourceDenied, SourceError, SourceRefused, SourceUnreachable
from ingest.shared import web as asking
from ingest.shared.web import AddressNotFound, Web
from tests import faults
from tests.faults import FaultProxy, answering, between
from tests.provider import Provider, Reply

QUICK = httpx.Timeout(0.2)
BODY = b"every byte of it" * 50


@pytest.fixture
def proxy(provider: Provider) -> Iterator[FaultProxy]:
    provider.answers["/file"] = [Reply(BODY)]
    with between(provider.url) as opened:
        yield opened


@pytest.fixture
def quick() -> Iterator[Web]:
    with httpx.Client(trust_env=False) as client:
        yield Web(client, timeout=QUICK, sleep=lambda _: None)


@pytest.mark.parametrize(
    "fault",
    [
        faults.down,
        faults.reset,
        faults.truncated,
        faults.silent,
        faults.slow_close,
        faults.sliced,
        answering(500),
        answering(503),
        answering(429, b"", "Retry-After: 1"),
    ],
)
def test_two_faults_are_got_over_and_the_answer_is_whole(
    proxy: FaultProxy, quick: Web, fault: faults.Fault
) -> None:
    proxy.faults.extend([fault, fault])
    assert quick.get(f"{proxy.url}/file").body == BODY


@pytest.mark.parametrize(
    "fault", [faults.down, faults.reset, faults.truncated, faults.silent, faults.slow_close]
)
def test_three_faults_are_unreachable_and_never_half_an_answer(
    proxy: FaultProxy, quick: Web, fault: faults.Fault
) -> None:
    proxy.faults.extend([fault] * 3)
    with pytest.raises(SourceUnreachable, match="did not answer after 3 tries"):
        quick.get(f"{proxy.url}/file")
    assert quick.get(f"{proxy.url}/file").body == BODY


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, SourceDenied),
        (403, SourceDenied),
        (404, AddressNotFound),
        (400, SourceRefused),
        (204, SourceRefused),
    ],
)
def test_a_refusal_is_not_repeated(
    proxy: FaultProxy, quick: Web, status: int, error: type[SourceError]
) -> None:
    proxy.faults.append(answering(status))
    with pytest.raises(error, match=str(status)):
        quick.get(f"{proxy.url}/file")
    assert proxy.connections == 1


class Clock:
    """A clock that stands until somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def timed(clock: Clock) -> Iterator[Web]:
    with httpx.Client(trust_env=False) as client:
        yield Web(client, monotonic=clock, sleep=clock.sleep)


def test_a_long_retry_after_closes_the_host_for_all_until_then(
    provider: Provider, proxy: FaultProxy, timed: Web, clock: Clock
) -> None:
    proxy.faults.append(answering(429, b"", "Retry-After: 120"))
    with pytest.raises(SourceUnreachable, match=r"did not answer after 1 try \(HTTP 429\)"):
        timed.get(f"{proxy.url}/file")
    with pytest.raises(SourceUnreachable, match=r"not asked for another 120 s \(HTTP 429\)"):
        timed.get(f"{proxy.url}/other")
    assert proxy.connections == 1
    assert timed.get(f"{provider.url}/file").body == BODY, "another host is not meant"
    clock.now += 121
    assert timed.get(f"{proxy.url}/file").body == BODY


def test_a_retry_after_as_a_date_is_read_against_the_providers_own_clock(
    proxy: FaultProxy, timed: Web
) -> None:
    skewed = (
        "Date: Sun, 01 Jan 2040 00:00:00 GMT",
        "Retry-After: Sun, 01 Jan 2040 00:05:00 GMT",
    )
    proxy.faults.append(answering(503, b"", *skewed))
    with pytest.raises(SourceUnreachable):
        timed.get(f"{proxy.url}/file")
    with pytest.raises(SourceUnreachable, match="another 300 s"):
        timed.get(f"{proxy.url}/file")


def test_a_host_is_asked_no_quicker_than_is_polite(
    proxy: FaultProxy, timed: Web, clock: Clock
) -> None:
    for _ in range(4):
        timed.get(f"{proxy.url}/file")
    # A line that breaks is asked again, as politely.
    assert clock.slept == pytest.approx([asking.APART] * max(3, len(clock.slept)))


def test_what_drips_without_end_is_given_up(
    proxy: FaultProxy,
) -> None:
    ticks = iter(range(0, 10**9, 700))  # each look at the clock is 700 s later
    with httpx.Client(trust_env=False) as client:
        hasty = Web(client, monotonic=lambda: next(ticks), sleep=lambda _: None)
        with pytest.raises(SourceUnreachable, match="not whole after 600 s"):
            hasty.get(f"{proxy.url}/file")


def test_secrets_stay_with_the_host_they_are_for(
    provider: Provider, proxy: FaultProxy, quick: Web
) -> None:
    there = proxy.url.replace("127.0.0.1", "localhost")
    provider.answers["/away"] = [Reply(b"", 303, {"Location": f"{there}/file"})]
    provider.answers["/other-port"] = [Reply(b"", 303, {"Location": f"{provider.url}/file"})]
    provider.answers["/near"] = [Reply(b"", 302, {"Location": "/file"})]
    for path, expected in (("/near", "s3cret"), ("/away", None), ("/other-port", None)):
        assert quick.get(f"{proxy.url}{path}", headers={"X-Key": "s3cret"}).body == BODY
        assert provider.requests[-1].headers.get("x-key") == expected


@pytest.mark.parametrize(
    ("asked", "target", "safe"),
    [
        ("https://a.org/x", "https://a.org/y", True),
        ("http://a.org/x", "https://a.org/x", True),
        ("https://a.org/x", "http://a.org/x", False),
        ("https://a.org/x", "https://b.a.org/x", False),
        ("http://a.org:8000/x", "https://a.org:9000/x", False),
    ],
)
def test_a_redirect_is_as_safe_or_carries_no_secret(asked: str, target: str, safe: bool) -> None:
    assert asking._is_as_safe(httpx.URL(asked), httpx.URL(target)) is safe


def test_a_posted_form_is_not_posted_on(provider: Provider, quick: Web) -> None:
    provider.answers["/token"] = [Reply(b"", 307, {"Location": "/elsewhere"})]
    provider.answers["/elsewhere"] = [Reply(b"ok")]
    quick.post(f"{provider.url}/token", {"password": "s3cret"})
    assert provider.requests[0].body == b"password=s3cret"
    assert (provider.requests[1].method, provider.requests[1].body) == ("GET", b"")


def test_a_ring_of_redirects_ends(provider: Provider, quick: Web) -> None:
    provider.answers["/ring"] = [Reply(b"", 302, {"Location": "/ring"})]
    with pytest.raises(SourceRefused, match="redirects without end"):
        quick.get(f"{provider.url}/ring")


def test_a_bomb_in_the_transfer_is_cut_off(provider: Provider, quick: Web) -> None:
    bomb = gzip.compress(b"0" * (8 << 20))
    provider.answers["/bomb"] = [Reply(bomb, headers={"Content-Encoding": "gzip"})]
    with pytest.raises(SourceRefused, match="more than 1 MiB"):
        quick.get(f"{provider.url}/bomb", max_bytes=1 << 20)


def test_a_transfer_that_is_not_what_it_says_is_refused(provider: Provider, quick: Web) -> None:
    provider.answers["/x"] = [Reply(b"plain", headers={"Content-Encoding": "gzip"})]
    with pytest.raises(SourceRefused, match="cannot be read"):
        quick.get(f"{provider.url}/x")


@pytest.mark.parametrize("address", ["http://", "no address", "ftp://127.0.0.1/x", "http://[::"])
def test_what_is_no_address_is_one_sentence(quick: Web, address: str) -> None:
    with pytest.raises(SourceRefused):
        quick.get(address)


def test_neither_key_nor_query_is_told(
    provider: Provider, quick: Web, caplog: pytest.LogCaptureFixture
) -> None:
    provider.answers["/x"] = [Reply(b"", 500)]
    with structlog.testing.capture_logs() as logs, pytest.raises(SourceUnreachable) as told:
        quick.get(f"{provider.url}/x", params={"key": "s3cret"}, headers={"X-Key": "hidden"})
    said = f"{told.value}{caplog.text}{logs}"
    assert "/x did not answer" in said
    assert "s3cret" not in said
    assert "hidden" not in said


@pytest.mark.parametrize(
    ("body", "kind", "is_page"),
    [
        (b"<!DOCTYPE html><p>moved", "", True),
        (b"  <HTML>", "text/plain", True),
        (b"{}", "text/html; charset=utf-8", True),
        (b"{}", "application/json", False),
    ],
)
def test_a_page_is_told_from_data(
    provider: Provider, quick: Web, body: bytes, kind: str, is_page: bool
) -> None:
    provider.answers["/x"] = [Reply(body, headers={"Content-Type": kind})]
    assert quick.get(f"{provider.url}/x").is_page is is_page


def test_a_body_too_large_to_hold_is_written_to_a_file_whole(provider: Provider, web: Web) -> None:
    provider.answers["/list"] = [Reply(b"", 503), Reply(b"0123456789")]
    with TemporaryFile() as file:
        file.write(b"what an earlier try left behind")
        answer = web.get(f"{provider.url}/list", into=file)
        file.seek(0)
        assert (file.read(), answer.body) == (b"0123456789", b"")


def test_a_file_has_its_bounds_too(provider: Provider, web: Web) -> None:
    provider.answers["/list"] = [Reply(b"0" * (2 << 20))]
    with TemporaryFile() as file, pytest.raises(SourceRefused, match="more than 1 MiB"):
        web.get(f"{provider.url}/list", into=file, max_bytes=1 << 20)


def test_no_room_for_a_file_is_said(provider: Provider, web: Web) -> None:
    provider.answers["/list"] = [Reply(b"0123456789")]

    class Full(BytesIO):
        def write(self, _part: object, /) -> int:
            raise OSError(28, "No space left on device")

    with pytest.raises(SourceRefused, match="set TMPDIR"):
        web.get(f"{provider.url}/list", into=Full())
