"""Tests of ACLED's tokens: renewed unattended, once for all threads, and never shown."""

import json
import logging
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from ewarn.errors import SourceDenied, SourceRefused, SourceUnreachable
from ingest.acled.token import Tokens
from ingest.shared.web import Web
from tests.ingest.acled.provider import PASSWORD, USERNAME, InventedAcled
from tests.provider import Provider, Reply

DAY = 86_400.0


@pytest.fixture
def acled(provider: Provider) -> InventedAcled:
    return InventedAcled(provider)


class Clock:
    """A monotonic clock that a test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def tokens(acled: InventedAcled, web: Web, clock: Clock, password: str = PASSWORD) -> Tokens:
    url = f"{acled.provider.url}/oauth/token"
    return Tokens(web, url, USERNAME, password, monotonic=clock)


def test_a_token_is_asked_for_once_and_kept_until_shortly_before_its_end(
    acled: InventedAcled, web: Web
) -> None:
    clock = Clock()
    held = tokens(acled, web, clock)
    assert [held.current(), held.current()] == ["invented-token-1"] * 2
    clock.now = DAY - 301
    assert held.current() == "invented-token-1"
    clock.now = DAY - 299
    assert held.current() == "invented-token-2"
    assert acled.grants == ["password", "refresh_token"]


def test_a_refresh_token_that_is_refused_falls_back_to_the_password(
    acled: InventedAcled, web: Web
) -> None:
    clock = Clock()
    held = tokens(acled, web, clock)
    held.current()
    acled.takes_refresh = False
    clock.now = 15 * DAY
    assert held.current() == "invented-token-2"
    assert acled.grants == ["password", "refresh_token", "password"]


@pytest.mark.parametrize("status", [400, 401, 403])
def test_a_refused_account_is_denied_in_one_sentence(
    acled: InventedAcled, web: Web, status: int
) -> None:
    acled.meddle = lambda _: Reply(b'{"error": "invalid_grant"}', status)
    with pytest.raises(SourceDenied) as error:
        tokens(acled, web, Clock()).current()
    assert str(error.value).startswith("ACLED refuses the account: check EWARN_ACLED_USERNAME")


def test_an_address_that_is_not_there_is_no_refused_account(provider: Provider, web: Web) -> None:
    with pytest.raises(SourceRefused, match="does not exist"):
        Tokens(web, f"{provider.url}/oauth/token", USERNAME, PASSWORD).current()


def test_a_token_endpoint_that_is_down_is_tried_again_later(acled: InventedAcled, web: Web) -> None:
    acled.meddle = lambda _: Reply(b"", 503)
    with pytest.raises(SourceUnreachable):
        tokens(acled, web, Clock()).current()


@pytest.mark.parametrize(
    "body",
    [
        b"<html>",
        b"[]",
        b"{}",
        b'{"access_token": 7}',
        b'{"access_token": "a\\r\\nset-cookie: b"}',
        b'{"access_token": ""}',
        b'{"access_token": "\\u00e9"}',
    ],
)
def test_an_answer_without_a_usable_token_is_refused(
    acled: InventedAcled, web: Web, body: bytes
) -> None:
    acled.meddle = lambda _: Reply(body)
    with pytest.raises(SourceRefused, match="without an access token"):
        tokens(acled, web, Clock()).current()


@pytest.mark.parametrize("told", ["3600", 3600, 3600.0, None, -5, "soon", 0])
def test_how_long_a_token_holds_is_read_in_any_way_it_is_written(
    acled: InventedAcled, web: Web, told: object
) -> None:
    body = json.dumps({"access_token": "x", "expires_in": told}).encode()
    acled.meddle = lambda _: Reply(body)
    clock = Clock()
    held = tokens(acled, web, clock)
    held.current()
    clock.now = 3200.0
    held.current()
    assert len(acled.provider.requests) == 1


def test_one_thread_renews_for_all_that_meet_the_same_refusal(
    acled: InventedAcled, web: Web
) -> None:
    held = tokens(acled, web, Clock())
    old = held.current()
    met = threading.Barrier(8)

    def meet() -> str:
        met.wait(timeout=10)
        return held.after(old)

    with ThreadPoolExecutor(8) as threads:
        found = {future.result() for future in [threads.submit(meet) for _ in range(8)]}
    assert found == {"invented-token-2"}
    assert acled.grants == ["password", "refresh_token"]


def test_one_thread_asks_for_the_first_token(acled: InventedAcled, web: Web) -> None:
    held = tokens(acled, web, Clock())
    met = threading.Barrier(8)

    def meet() -> str:
        met.wait(timeout=10)
        return held.current()

    with ThreadPoolExecutor(8) as threads:
        found = {future.result() for future in [threads.submit(meet) for _ in range(8)]}
    assert found == {"invented-token-1"}
    assert acled.grants == ["password"]


@pytest.fixture
def written(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    with caplog.at_level(logging.DEBUG):
        yield caplog


def test_neither_password_nor_tokens_are_logged_or_told(
    acled: InventedAcled, web: Web, written: pytest.LogCaptureFixture
) -> None:
    clock = Clock()
    held = tokens(acled, web, clock)
    held.current()
    acled.takes_refresh = acled.takes_password = False
    clock.now = DAY
    with pytest.raises(SourceDenied) as error:
        held.current()
    told = f"{written.text} {error.value!r} {error.value.__cause__!r} {held!r} {vars(error.value)}"
    for secret in (PASSWORD, USERNAME, "invented-token-1", "invented-refresh-1"):
        assert secret not in told
    assert all(not request.query for request in acled.provider.requests)


def test_what_the_provider_says_is_told_without_secrets(acled: InventedAcled, web: Web) -> None:
    held = tokens(acled, web, Clock())
    held.current()
    said = f"{USERNAME} / {PASSWORD} / invented-token-1 / invented-refresh-1"
    assert held.hidden(said) == "… / … / … / …"
