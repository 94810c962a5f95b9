"""Tests of the questions that a process asks itself before it is ready."""

import asyncio
from typing import Any

import pytest
from structlog.testing import capture_logs

from api.app import create_app
from api.pages.own_api import OwnApi
from api.warm_up import warm_up
from ewarn.errors import StoreError
from tests.api.pages.failing import make_api_fail
from tests.api.world import World


def test_each_list_is_asked_now_and_as_of_a_past_day(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, bool]] = []
    get = OwnApi.get

    async def noted(self: OwnApi, path: str, **parameters: Any) -> Any:
        answer = await get(self, path, **parameters)
        asked.append((path.removeprefix("/v1/"), "as_of" in parameters))
        assert len(answer["items"]) == 1
        return answer

    monkeypatch.setattr(OwnApi, "get", noted)
    asyncio.run(warm_up(create_app(world.state())))
    lists = ("events", "scores", "scores/history", "alerts")
    assert asked == [(name, is_past) for name in lists for is_past in (False, True)]


def test_a_database_that_is_away_stops_no_start(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_api_fail(monkeypatch, StoreError("the database is away"))
    with capture_logs() as logs:
        asyncio.run(warm_up(create_app(world.state())))
    assert [each["event"] for each in logs] == ["not warmed up"]


def test_it_leaves_no_trace_in_the_keys(world: World) -> None:
    asyncio.run(warm_up(create_app(world.state())))
    with world.store.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM api_key").scalar() == 0
