"""Tests of regions, their outlines and series, and offices over the API."""

from datetime import date, timedelta

import numpy as np
import pytest
from shapely.geometry import shape

from ewarn.domain.time import WEEK, midnight
from models.detectors.slowing import trends
from tests.api.client import Client
from tests.api.fixtures import Asker
from tests.api.world import CLOSED_TERMS, LAST_ORIGIN, NOW, SILENT_FROM, SOURCE, World
from tests.events import row


def test_regions_by_level_country_and_parent(client: Client) -> None:
    assert [i["id"] for i in client.items("/v1/regions?country=TG&level=country")] == ["TGO"]
    parts = [i["id"] for i in client.items("/v1/regions?parent=TGO")]
    assert parts == ["TG-C", "TG-K", "TG-M", "TG-P", "TG-S"]
    both = {
        i["country"] if "country" in i else i["parent"] or i["id"]
        for i in client.items("/v1/regions?country=TGO,GHA")
    }
    assert both == {"TGO", "GHA"}


@pytest.mark.parametrize("code", ["TG-P", "TO25", "TG.25", "Q316306"])
def test_a_region_by_any_code(client: Client, code: str) -> None:
    body = client.get(f"/v1/regions/{code}").json()
    assert body["id"] == "TG-P"
    assert body["names"]["fr"] == "Région des plateaux"


def test_outlines_of_the_countries_asked_for(client: Client) -> None:
    answer = client.get("/v1/regions?format=geojson&country=TGO")
    assert answer.headers["content-type"] == "application/geo+json"
    assert "max-age=86400" in answer.headers["cache-control"]
    features = answer.json()["features"]
    assert [feature["id"] for feature in features][:2] == ["TGO", "TG-C"]
    assert all(shape(feature["geometry"]).is_valid for feature in features)
    assert all(shape(feature["geometry"]).area > 0.01 for feature in features)
    again = client.get(
        "/v1/regions?format=geojson&country=TGO", {"If-None-Match": answer.headers["etag"]}
    )
    assert again.status_code == 304
    assert client.get("/v1/regions?format=geojson").status_code == 400


def test_regions_outside_the_office_are_not_found(asker: Asker) -> None:
    ghana = asker("GHA")
    assert {i["parent"] or i["id"] for i in ghana.items("/v1/regions")} == {"GHA"}
    for path in ("/v1/regions/TGO", "/v1/regions?parent=TGO", "/v1/regions/TGO/series"):
        assert ghana.get(path).status_code == 404
    mine = ghana.get("/v1/regions/TGO").json()["detail"]
    assert mine.replace("TGO", "XXX") == ghana.get("/v1/regions/XXX").json()["detail"]


def test_a_week_nobody_observed_is_null_and_not_zero(client: Client) -> None:
    body = client.get("/v1/regions/BEN/series?weeks=10").json()
    last = date.fromisoformat(body["weeks"][-1])
    assert last == date(2020, 2, 24)
    for line in body["series"]:
        for week, count, seen in zip(body["weeks"], line["counts"], line["observed"], strict=True):
            assert seen == (date.fromisoformat(week) < SILENT_FROM)
            assert (count is None) != seen


def test_a_country_counts_its_subdivisions(world: World, client: Client) -> None:
    world.add_events(
        *(
            row(f"n{i}", kind="clash", occurred_on=date(2020, 2, 24), region="TG-S")
            for i in range(3)
        ),
        at=NOW,
    )

    def clashes(region: str) -> int:
        body = client.get(f"/v1/regions/{region}/series?weeks=2").json()
        found: int = next(s["counts"][-1] for s in body["series"] if s["signal"].endswith(":clash"))
        return found

    assert (clashes("TGO"), clashes("TG-S"), clashes("TG-M")) == (3, 3, 0)


def test_a_series_as_of_a_past_day_stays(world: World, client: Client) -> None:
    path = "/v1/regions/TGO/series?as_of=2020-02-12&weeks=20"
    then = client.get(path).text
    world.add_events(row("late", occurred_on=date(2020, 1, 8)), at=NOW - timedelta(hours=1))
    assert client.get(path).text == then
    assert midnight(date(2020, 2, 10)) - WEEK == midnight(date(2020, 2, 3))
    assert client.get(path).json()["weeks"][-1] == "2020-02-03"


def test_a_signal_says_whether_it_slows_down_as_context(world: World, client: Client) -> None:
    restless = np.random.default_rng(1).poisson(3, 104)
    world.add_events(
        *(
            row(f"c{week}-{n}", kind="clash", occurred_on=LAST_ORIGIN - (104 - week) * WEEK)
            for week, count in enumerate(restless)
            for n in range(count)
        ),
        at=NOW,
    )
    body = client.get("/v1/regions/TGO/slowing").json()
    assert body["notice"].startswith("Context only")
    assert (body["first_week"], body["last_week"]) == ("2018-03-05", "2020-02-24")
    found = {item["signal"]: item for item in body["signals"]}
    own = trends(restless[:, None])
    told = found["invented:clash"]
    assert told["spread_trend"] == round(float(own.spread[0]), 3)
    assert told["memory_trend"] == round(float(own.memory[0]), 3)
    assert 0 < told["spread_p"] <= 1
    assert found["invented:riot"]["spread_trend"] is None
    before = client.get("/v1/regions/TGO/slowing?as_of=2020-02-01").json()["signals"]
    assert all(item["memory_p"] is None for item in before)


def test_a_closed_source_does_not_say_how_its_signals_move(world: World, client: Client) -> None:
    assert client.get("/v1/regions/TGO/slowing").json()["signals"]
    world.terms[SOURCE] = CLOSED_TERMS
    assert client.get("/v1/regions/TGO/slowing").json()["signals"] == []


def test_offices_without_their_recipients(asker: Asker) -> None:
    found = asker("TGO").items("/v1/offices")
    assert [office["id"] for office in found] == ["dakar", "geneva"]
    assert all(set(office) == {"id", "name", "language", "countries"} for office in found)
