"""Tests of the limits of requests: of a key, of an address, and what answers show of them."""

from dataclasses import dataclass

import httpx
import pytest
from starlette.types import Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from api.app import create_app
from api.serving.problems import Problem
from api.serving.rate_limits import FAILED_KEY, Buckets, RateLimits, address_of
from ewarn.run.settings import Settings
from ewarn.run.wiring_api import limits_of
from tests.api.client import Client
from tests.api.world import World

PATH = "/v1/scores?limit=1"


@dataclass
class Timer:
    """A timer that a test sets, in seconds."""

    seconds: float = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def timer() -> Timer:
    return Timer()


def limited(world: World, per_key: int, per_address: int, timer: Timer) -> Client:
    """Return a client without a key to an app with limits."""
    return Client(create_app(world.state(limits=RateLimits(per_key, per_address, timer))))


def shown(answer: httpx.Response) -> tuple[int, str | None, str | None]:
    return answer.status_code, answer.headers.get("ratelimit"), answer.headers.get("retry-after")


def test_a_key_is_refused_over_its_limit_and_served_again_when_requests_flow_in(
    world: World, timer: Timer
) -> None:
    client, one, two = limited(world, 3, 0, timer), world.key(), world.key()
    first, *others = [client.get(PATH, {"X-API-Key": one}) for _ in range(4)]
    assert first.headers["ratelimit-policy"] == '"key";q=3;w=60'
    assert [shown(each) for each in (first, *others)] == [
        (200, '"key";r=2;t=20', None),
        (200, '"key";r=1;t=40', None),
        (200, '"key";r=0;t=60', None),
        (429, '"key";r=0;t=60', "20"),
    ]
    refused = others[-1]
    assert refused.json()["type"] == "/problems#too-many-requests"
    assert refused.json()["violated-policies"] == ["key"]
    assert refused.headers["x-content-type-options"] == "nosniff"
    assert client.get(PATH, {"X-API-Key": two}).status_code == 200
    unchanged = {"X-API-Key": two, "If-None-Match": first.headers["etag"]}
    assert shown(client.get(PATH, unchanged)) == (304, '"key";r=1;t=40', None)
    timer.seconds += 19.9
    assert client.get(PATH, {"X-API-Key": one}).status_code == 429
    timer.seconds += 0.2
    assert client.get(PATH, {"X-API-Key": one}).status_code == 200


def test_an_address_is_limited_before_its_key_is_looked_up_and_a_wrong_key_costs_more(
    world: World, timer: Timer
) -> None:
    client = limited(world, 0, 2 * FAILED_KEY, timer)
    assert shown(client.get("/healthz"))[1] == f'"address";r={2 * FAILED_KEY - 1};t=2'
    wrong = [client.get(PATH, {"X-API-Key": "ew000000000000.guess"}) for _ in range(3)]
    assert [each.status_code for each in wrong] == [401, 401, 429]
    assert wrong[-1].json()["violated-policies"] == ["address"]
    assert client.get(PATH, {"X-API-Key": world.key()}).status_code == 429
    assert client.get("/no/such/address").status_code == 429
    timer.seconds += 60
    assert client.get(PATH, {"X-API-Key": world.key()}).status_code == 200


def test_without_limits_answers_show_none(world: World) -> None:
    for app in (create_app(world.state()), create_app(world.state(limits=RateLimits(0, 0)))):
        answer = Client(app, {"X-API-Key": world.key()}).get(PATH)
        assert (answer.status_code, "ratelimit" in answer.headers) == (200, False)


def test_a_desk_that_polls_ten_lists_from_ten_programs_each_minute_is_never_limited(
    world: World, timer: Timer
) -> None:
    settings = Settings(_env_file=None)  # type: ignore[call-arg]
    of_settings = limits_of(settings)
    assert of_settings.keys is not None
    keys = Buckets("key", of_settings.keys.size, timer)
    for _ in range(5):
        for _ in range(100):
            keys.take("desk", {})
        timer.seconds += 60


def test_memory_is_bounded_and_who_asks_on_stays_limited(timer: Timer) -> None:
    buckets = Buckets("address", 2, timer, most=100)
    for number in range(1000):
        if number < 2:
            buckets.take("the same", {})
        else:
            with pytest.raises(Problem):
                buckets.take("the same", {})
            buckets.charge("the same", 1)
        buckets.take(f"192.0.2.{number}", {})
    assert len(buckets) == 100
    timer.seconds += 61
    for _ in range(200):
        timer.seconds += 31
        buckets.take("another", {})
    assert len(buckets) == 1  # no address is remembered for longer than it is limited


@pytest.mark.parametrize(
    ("host", "whose"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::"),
        ("2001:db8:1:2:bbbb::9", "2001:db8:1:2::"),
        ("2001:db8:1:3::1", "2001:db8:1:3::"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("fe80::1%eth0", "fe80::"),
        ("no:address", "no:address"),
        ("x" * 500, "x" * 64),
    ],
)
def test_an_address_is_one_subscriber(host: str, whose: str) -> None:
    assert address_of({"client": (host, 1)}) == whose
    assert address_of({"client": None}) is None


@pytest.mark.parametrize(("proxies", "seen"), [([], "10.0.0.1"), (["10.0.0.0/8"], "198.51.100.4")])
def test_behind_a_proxy_the_client_is_the_last_address_that_is_none_of_ours(
    world: World, timer: Timer, proxies: list[str], seen: str
) -> None:
    buckets = RateLimits(0, 60, timer)
    app = create_app(world.state(limits=buckets))
    found: list[str] = []

    async def proxied(scope: Scope, receive: Receive, send: Send) -> None:
        scope["client"] = ("10.0.0.1", 1)

        async def noted(scope: Scope, receive: Receive, send: Send) -> None:
            found.append(str(address_of(scope)))
            await app(scope, receive, send)

        await ProxyHeadersMiddleware(noted, proxies)(scope, receive, send)  # type: ignore[arg-type]

    client = Client(proxied)  # type: ignore[arg-type]
    forwarded = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "elsewhere.test"}
    forwarded["X-Forwarded-For"] = "203.0.113.9, 198.51.100.4, 10.0.0.2"
    redirected = client.get("/v1/scores/", forwarded)
    assert found == [seen]
    assert (
        redirected.headers["location"] == f"{'https' if proxies else 'http'}://ewarn.test/v1/scores"
    )
