"""Tests of pushes: with the secret, a source is read sooner, and nothing else happens."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from api.app import create_app
from api.routes.push import MOST_BYTES
from ewarn.store.tables.jobs import job_run
from tests.api.client import Client
from tests.api.world import PUSH_SECRET, World

SECRET = {"X-Ewarn-Push-Secret": PUSH_SECRET}
PLANTED = b'{"_id": 1, "name": "Planted Person-Name", "phone": "+22890112233"}'


def push(world: World, body: Any = PLANTED, headers: Any = SECRET) -> httpx.Response:
    """Return the answer to a push of `body` (bytes, or parts without a length)."""

    async def send() -> httpx.Response:
        transport = httpx.ASGITransport(create_app(world.state()), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://ewarn.test") as client:
            return await client.post("/v1/push/kobo", content=body, headers=headers)

    return asyncio.run(send())


def queued(world: World) -> list[tuple[str, Any]]:
    with world.store.read() as connection:
        rows = connection.execute(select(job_run.c.job, job_run.c.scheduled_for))
        return [(row.job, row.scheduled_for) for row in rows]


def test_many_pushes_in_a_minute_queue_one_reading_after_all_of_them(world: World) -> None:
    began = world.clock.now = world.clock.now.replace(second=5)
    for _ in range(3):
        answer = push(world)
        assert answer.status_code == 202
        world.clock.now += timedelta(seconds=25)
    minute = began.replace(second=0) + timedelta(minutes=1)
    assert answer.json() == {"source": "kobo", "reads_at": minute.isoformat()}
    assert queued(world) == [("ingest:kobo", minute)]
    assert push(world).status_code == 202
    assert len(queued(world)) == 2


@pytest.mark.parametrize(
    "headers",
    [{}, {"X-Ewarn-Push-Secret": ""}, {"X-Ewarn-Push-Secret": PUSH_SECRET + "x"}],
)
def test_without_the_secret_nothing_is_queued(world: World, headers: dict[str, str]) -> None:
    answer = push(world, headers=headers)
    assert answer.status_code == 401
    assert answer.json()["type"] == "/problems#push-secret-required"
    assert PUSH_SECRET not in answer.text
    assert queued(world) == []


def test_an_api_key_is_not_the_secret(world: World) -> None:
    assert push(world, headers={"X-API-Key": world.key()}).status_code == 401


def test_a_secret_with_bytes_that_are_no_ascii_is_refused(world: World) -> None:
    assert push(world, headers={"X-Ewarn-Push-Secret": b"geh\xebim"}).status_code == 401


@pytest.mark.parametrize("source", ["gdelt", "nobody", "kobo%20"])
def test_a_source_that_is_not_pushed_is_not_found_whoever_asks(world: World, source: str) -> None:
    client = Client(create_app(world.state()), SECRET)
    answer = client.send("POST", f"/v1/push/{source}")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert queued(world) == []


def test_while_the_source_is_disabled_there_is_nothing_there(world: World) -> None:
    client = Client(create_app(world.state(push_secrets={})), SECRET)
    assert client.send("POST", "/v1/push/kobo").status_code == 404


def test_it_is_not_read(world: World) -> None:
    answer = Client(create_app(world.state()), SECRET).get("/v1/push/kobo")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "POST"


def test_a_large_body_is_refused_with_or_without_a_length(world: World) -> None:
    async def parts() -> AsyncIterator[bytes]:
        for _ in range(MOST_BYTES // 1024 + 1):
            yield b"x" * 1024

    for body in (b"x" * (MOST_BYTES + 1), parts()):
        answer = push(world, body)
        assert answer.status_code == 413
        assert answer.json()["type"] == "/problems#body-too-large"
    assert queued(world) == []


def test_nothing_of_the_body_stays(
    world: World, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    answer = push(world)
    said = capsys.readouterr()
    for text in (answer.text, said.out, said.err, caplog.text):
        assert "Planted" not in text
    assert world.store.url.database is not None
    for file in Path(world.store.url.database).parent.glob("world.db*"):
        assert b"Planted" not in file.read_bytes()
