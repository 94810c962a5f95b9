"""Tests that the API answers the same on SQLite and PostgreSQL."""

import pytest

from api.app import create_app
from ewarn.store.database.engine import Store
from tests.api.client import Client
from tests.api.world import filled


def test_every_list_answers_on_both_databases(store: Store) -> None:
    world = filled(store)
    client = Client(create_app(world.state()), {"X-API-Key": world.key("TGO")})
    assert client.get("/readyz").status_code == 200
    everywhere = Client(client.app, {"X-API-Key": world.key()})
    assert everywhere.get("/metrics").status_code == 200
    assert len(client.items("/v1/events?limit=20&kind=protest&since=2020-01-01")) > 3
    assert len(client.items("/v1/scores?limit=5")) == 12
    assert len(client.items("/v1/scores/history?region=TGO&limit=5&target=force")) == 14
    assert [item["id"] for item in client.items("/v1/alerts?limit=1")] == ["a1", "a0"]
    for path in ("/v1/regions/TGO/series", "/v1/alerts/a1", "/v1/sources", "/v1/status"):
        assert client.get(path).status_code == 200, path
    for path in ("/v1/deployments", "/v1/recommendations?overdue=true"):
        assert len(client.items(path)) == 1, path
    assert len(everywhere.items("/v1/forecasts?limit=4")) == 6
    assert len(client.items("/v1/forecasts/scorecard")) == 2
    for path in ("/v1/scores", "/v1/scores/history", "/v1/events", "/v1/alerts"):
        rows = client.get(f"{path}?format=csv").text.splitlines()[1:]
        assert len(rows) == len(client.items(f"{path}?limit=1000")), path
    assert client.get("/v1/feeds/alerts.atom").text.count("<entry>") == 4
    brief = client.get("/v1/regions/TGO/brief").json()
    assert (len(brief["scores"]), len(brief["alerts"]), len(brief["deployments"])) == (2, 2, 1)
    for path in ("/v1/models", "/v1/models/invented/scorecard"):
        assert client.get(path).status_code == 200, path
    with pytest.raises(AssertionError):
        client.items("/v1/scores?region=TG-M%27%20or%201=1")
