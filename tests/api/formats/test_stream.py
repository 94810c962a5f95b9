"""Tests of the stream of changes of alerts, as a client of server-sent events reads it."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from httpx_sse import EventSource

from api.routes.feeds import change_feed
from api.routes.feeds.change_feed import ChangeFeed
from api.serving.problems import Problem
from ewarn.domain.alert import ChangeKind
from ewarn.domain.key import ApiKey
from ewarn.errors import StoreError
from ewarn.store.access import keys
from ewarn.store.alerts.alerts import AlertFilter
from tests.api.client import Client
from tests.api.fixtures import Asker
from tests.api.world import NOW, World, alert
from tests.serving import served
from tests.stores import statements

ALL = AlertFilter()
NEVER = 3600.0  # seconds until the feed looks by itself


def key_of(world: World, client: Client) -> ApiKey:
    with world.store.read() as connection:
        found = keys.find(connection, client.headers["X-API-Key"].partition(".")[0])
    assert found is not None
    return found


def rise(world: World, number: int, **others: Any) -> None:
    """Record a change of an alert of its own."""
    made = alert(**({"id": f"n{number}", "probability": 0.3} | others))
    world.change(made, ChangeKind.OPENED, NOW - timedelta(minutes=1), f"reason {number}")


def ids(pieces: list[bytes]) -> list[int]:
    return [int(piece.split(b"\n")[0].removeprefix(b"id: ")) for piece in pieces]


async def read(events: AsyncIterator[bytes], number: int) -> list[bytes]:
    """Return the next pieces of a stream."""
    return [await anext(events) for _ in range(number)]


def test_it_resumes_after_any_change_without_a_skip_or_a_repeat(
    world: World, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(change_feed, "KEPT", 3)
    for number in range(4):
        rise(world, number)  # the world has four changes before these

    async def scenario() -> None:
        feed, key = ChangeFeed(world.state(), NEVER), key_of(world, client)
        live = await feed.follow(key, ALL, None)
        assert await read(live, 1) == [b"id: 8\n\n"]
        for place in range(9):
            events = await feed.follow(key, ALL, place)
            assert ids(await read(events, 9 - place)) == [*range(place, 9)], "from the store"
            await events.aclose()  # type: ignore[attr-defined]
        for number in range(4, 9):
            rise(world, number)
        await feed.look()
        await feed.look()  # it reads three at a time
        assert ids(await read(live, 5)) == [*range(9, 14)]
        for place in (0, 8, 10, 12):
            events = await feed.follow(key, ALL, place)
            assert ids(await read(events, 14 - place)) == [*range(place, 14)]
        monkeypatch.setattr(change_feed, "KEPT_LOOKS", 1)  # what is kept is forgotten
        await feed.look()
        assert ids(await read(await feed.follow(key, ALL, 11), 3)) == [11, 12, 13]
        elsewhere = await feed.follow(key, AlertFilter(countries=("GHA",)), None)
        assert ids(await read(elsewhere, 1)) == [0], "it does not tell what happened elsewhere"
        for readable, place in ((ALL, 14), (AlertFilter(countries=("GHA",)), 1)):
            with pytest.raises(Problem, match=f"no change {place}"):
                await feed.follow(key, ALL, place, readable)

    asyncio.run(scenario())


def test_one_look_is_for_all_clients_and_each_gets_its_own(world: World, client: Client) -> None:
    key = key_of(world, client)

    async def scenario() -> None:
        feed = ChangeFeed(world.state(), NEVER)
        wanted = [ALL, AlertFilter(regions=("TG-M",)), AlertFilter(readers=("own-desk",))]
        streams = [await feed.follow(key, each, None) for each in wanted for _ in range(5)]
        for events in streams:
            await anext(events)
        rise(world, 1, region="TG-M")
        rise(world, 2, readers="own-desk")
        rise(world, 3, opened_on=None)
        with statements(world.store) as seen:
            await feed.look()
        assert sum("FROM alert_event" in text for text in seen) == 1
        assert sum("FROM api_key" in text for text in seen) == 1
        for number, events in enumerate(streams):
            expected = [[5, 6], [5], [6]][number // 5]
            assert ids(await read(events, len(expected))) == expected
        waiting = asyncio.ensure_future(anext(streams[0]))
        for _ in range(change_feed.QUIET_LOOKS):
            assert not waiting.done()
            await feed.look()
            await asyncio.sleep(0)
        assert await waiting == b":\n\n", "a heartbeat"

    asyncio.run(scenario())


def test_one_key_cannot_take_all_places(
    world: World, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(change_feed, "MOST_OF_A_KEY", 2)

    async def scenario() -> None:
        feed, key = ChangeFeed(world.state(), NEVER), key_of(world, client)
        other = key_of(world, Client(client.app, {"X-API-Key": world.key()}))
        held = [await feed.follow(key, ALL, None) for _ in range(2)]
        with pytest.raises(Problem, match="2 clients follow the stream with this key"):
            await feed.follow(key, ALL, None)
        await feed.follow(other, ALL, None)
        await held[0].aclose()  # type: ignore[attr-defined]
        await feed.follow(key, ALL, None)

    asyncio.run(scenario())


def test_it_ends_with_the_key_and_with_the_service(world: World, client: Client) -> None:
    async def scenario() -> None:
        feed, key = ChangeFeed(world.state(), NEVER, most=2), key_of(world, client)
        other = key_of(world, Client(client.app, {"X-API-Key": world.key()}))
        revoked, stopped = [await feed.follow(each, ALL, None) for each in (key, other)]
        with pytest.raises(Problem, match="as many clients as it can"):
            await feed.follow(key, ALL, None)
        await read(revoked, 1)
        await read(stopped, 1)
        with world.store.write() as connection:
            keys.revoke(connection, key.prefix, NOW)
        await feed.look()
        with pytest.raises(StopAsyncIteration):
            await anext(revoked)
        waiting = asyncio.ensure_future(anext(stopped))
        await asyncio.sleep(0)
        feed.close()
        with pytest.raises(StopAsyncIteration):
            await waiting
        late = await feed.follow(other, ALL, None)
        assert [piece async for piece in late] == [b"id: 4\n\n"], "where to go on elsewhere"

    asyncio.run(scenario())


def test_a_database_that_is_away_does_not_end_it(
    world: World, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario() -> None:
        feed = ChangeFeed(world.state(), 0.001)
        events = await feed.follow(key_of(world, client), ALL, None)
        await anext(events)
        real, failed = feed._look, asyncio.Event()

        def failing(is_first: bool) -> Any:
            loop.call_soon_threadsafe(failed.set)
            raise StoreError("away")

        loop = asyncio.get_running_loop()
        monkeypatch.setattr(feed, "_look", failing)
        await failed.wait()
        monkeypatch.setattr(feed, "_look", real)
        rise(world, 1)
        assert ids([await anext(events)]) == [5]

    asyncio.run(scenario())


def test_a_client_of_server_sent_events_reads_it_over_http(
    world: World, asker: Asker, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = asker("TGO")
    app = client.app
    app.state.changes = ChangeFeed(app.state.ewarn, 0.01)
    with served(app) as address, httpx.Client(base_url=address, headers=client.headers) as http:
        for query, status in (("office=atlantis", 404), ("country=GHA", 404), ("target=", 422)):
            assert http.get(f"/v1/stream?{query}").status_code == status
        for place in ("4", "99"):  # change 4 is not of Ghana
            of_ghana = asker("GHA").headers | {"Last-Event-ID": place}
            assert http.get("/v1/stream", headers=of_ghana).status_code == 400
        assert http.get("/v1/stream", headers={"Last-Event-ID": "x"}).status_code == 422
        assert http.head("/v1/stream").headers["content-type"].startswith("text/event-stream")
        resumed = {"Last-Event-ID": "3"}
        with http.stream("GET", "/v1/stream?target=Force", headers=resumed) as answer:
            events = EventSource(answer).iter_sse()
            fourth = next(event for event in events if event.data)
            assert fourth.id == "4"
            told = fourth.json()
            assert (told["change"]["kind"], told["change"]["sequence"]) == ("raised", 4)
            assert (told["alert"]["id"], told["alert"]["band"]) == ("a1", "critical")
            rise(world, 1, region="TG-M")
            assert next(event for event in events if event.data).json()["alert"]["region"] == "TG-M"
            with world.store.write() as connection:
                keys.revoke(connection, client.headers["X-API-Key"].partition(".")[0], NOW)
            assert [event.data for event in events] == []  # it ends, and ends well
        assert http.get("/v1/stream").status_code == 401
