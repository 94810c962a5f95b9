"""Tests of which keys are accepted, and until when."""

from dataclasses import replace
from datetime import timedelta

import pytest

from api.app import create_app
from ewarn.access.keys import issue
from ewarn.store.access import keys
from tests.api.client import Client
from tests.api.world import NOW, World


@pytest.fixture
def stranger(world: World) -> Client:
    """Return a client without a key."""
    return Client(create_app(world.state()))


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-API-Key": "nonsense"},
        {"X-API-Key": "ew000000000000.nonsense"},
        {"X-API-Key": "."},
        {"Authorization": "Basic YTpi"},
        {"Authorization": "Bearer"},
    ],
)
def test_without_a_good_key_nobody_is_let_in(stranger: Client, headers: dict[str, str]) -> None:
    answer = stranger.get("/v1/scores", headers)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert answer.json()["type"] == "/problems#key-required"


def test_a_key_comes_in_either_header(world: World, stranger: Client) -> None:
    text = world.key()
    assert stranger.get("/v1/status", {"X-API-Key": text}).status_code == 200
    assert stranger.get("/v1/status", {"Authorization": f"Bearer {text}"}).status_code == 200


def test_a_good_prefix_with_another_secret_is_refused(world: World, stranger: Client) -> None:
    prefix = world.key().partition(".")[0]
    assert stranger.get("/v1/status", {"X-API-Key": f"{prefix}.guess"}).status_code == 401


def test_expired_and_revoked_keys_are_refused(world: World, stranger: Client) -> None:
    hour = timedelta(hours=1)
    made = [issue("a test", ["sources:read"], ["*"], NOW - 9 * hour) for _ in range(2)]
    (expired, first), (revoked, second) = made
    with world.store.write() as connection:
        keys.add(connection, replace(expired, expires_at=NOW - hour))
        keys.add(connection, revoked)
    assert stranger.get("/v1/status", {"X-API-Key": first}).status_code == 401
    assert stranger.get("/v1/status", {"X-API-Key": second}).status_code == 200
    with world.store.write() as connection:
        keys.revoke(connection, revoked.prefix, NOW)
    assert stranger.get("/v1/status", {"X-API-Key": second}).status_code == 401


def test_admin_carries_every_scope(world: World, stranger: Client) -> None:
    text = world.key(scopes=["admin"])
    for path in ("/v1/events", "/v1/scores", "/v1/alerts", "/v1/sources", "/v1/offices"):
        assert stranger.get(path, {"X-API-Key": text}).status_code == 200
