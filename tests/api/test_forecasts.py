"""Tests of forecasts of deaths over the API: by country, month and moment."""

import csv
import io
from datetime import date
from typing import Any

import pytest

from ewarn.domain.source import Terms
from ewarn.domain.time import midnight
from ewarn.store.scores import forecasts
from ewarn.store.scores.forecasts import Forecast, ForecastRun
from tests.api.client import Client
from tests.api.fixtures import Asker
from tests.api.world import SOURCE, World

PATH = "/v1/forecasts"


def test_a_forecast_says_how_many_die_as_a_distribution(client: Client) -> None:
    (item,) = client.items(f"{PATH}?country=TGO&step=1")
    said = {name: item[name] for name in ("month", "step", "known_month", "last_known", "model")}
    assert said == {
        "month": "2020-02",
        "step": 1,
        "known_month": "2020-01",
        "last_known": 3,
        "model": "fatalities@1",
    }
    assert [item[f"q{level}"] for level in ("05", "10", "25", "50", "75", "90", "95")] == [
        *(0, 0, 3, 8, 13, 16, 17)
    ]
    chances = {number: item[f"at_least_{number}"] for number in (1, 25, 1000)}
    assert chances == {1: 0.9, 25: 0.05, 1000: 0.05}
    assert item["mean"] == pytest.approx((153 + 1500) / 20)
    assert (item["low"], item["high"], item["expected_log"]) == (0, None, 1.25)
    assert (item["source"], item["is_observed"], item["notice"]) == (SOURCE, True, "")


def test_it_says_up_to_when_the_dead_are_known(client: Client) -> None:
    notice = client.get(PATH).json()["notice"]
    assert "deaths are known up to the end of 2020-01 (invented)" in notice
    before = client.get(f"{PATH}?as_of=2020-02-19").json()
    assert before["items"] == []
    assert "nothing has been forecast yet" in before["notice"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", 6),
        ("country=TGO,GHA", 4),
        ("month=2020-03", 3),
        ("month=2020-03&step=1", 0),
        ("step=1,2&country=TGO", 2),
        ("office=dakar&step=1", 3),
        ("as_of=2020-02-20", 6),
    ],
)
def test_it_is_narrowed_and_paged(client: Client, query: str, found: int) -> None:
    items = client.items(f"{PATH}?limit=1&{query}")
    seen = [item for item in items if item["is_observed"]]
    assert len({item["id"] for item in seen}) == len(seen) == found


@pytest.mark.parametrize("query", ["month=2020", "month=2020-13", "step=7", "step=x", "step=0"])
def test_what_is_no_month_and_no_step_is_a_problem(client: Client, query: str) -> None:
    assert client.get(f"{PATH}?{query}").status_code == 422


def test_a_country_of_which_nothing_is_forecast_is_a_row_that_says_so(client: Client) -> None:
    *_, benin = client.items(f"{PATH}?country=TGO,BEN")
    assert (benin["country"], benin["is_observed"], benin["q50"]) == ("BEN", False, None)
    assert (
        benin["notice"]
        == "there is no forecast for this country, which does not mean that there is no risk"
    )
    assert "BEN" not in {item["country"] for item in client.items(PATH)}


def test_a_poll_is_304_until_something_was_forecast_again(client: Client, world: World) -> None:
    etag = client.get(PATH).headers["etag"]
    assert client.send("GET", PATH, {"If-None-Match": etag}).status_code == 304
    add(world)
    answer = client.send("GET", PATH, {"If-None-Match": etag})
    assert answer.status_code == 200
    assert {item["known_month"] for item in answer.json()["items"]} == {"2020-02"}


def add(world: World, source: str = SOURCE) -> None:
    """Store a newer forecast for Togo."""
    at = midnight(date(2020, 3, 1))
    run = ForecastRun(source, "fatalities@1", date(2020, 2, 1), "1" * 64, {"TGO": [1.0]}, at, at)
    made = [Forecast("TGO", 1, date(2020, 3, 1), 0.0, None, None, (0.0,) * 20)]
    with world.store.write() as connection:
        before = forecasts.newest_run(connection, source)
        assert forecasts.add(connection, run, made, before) is not None


def test_it_can_be_had_as_a_table(client: Client) -> None:
    answer = client.get(f"{PATH}?format=csv&country=TGO")
    rows: list[dict[str, Any]] = list(csv.DictReader(io.StringIO(answer.text)))
    assert [(row["month"], row["at_least_25"], row["high"]) for row in rows] == [
        ("2020-02", "0.05", ""),
        ("2020-03", "0.05", ""),
    ]
    assert "known up to" in answer.headers["x-notice"]


def test_a_key_sees_its_own_countries_and_what_its_licences_allow(
    asker: Asker, world: World
) -> None:
    assert {item["country"] for item in asker("TGO").items(PATH)} == {"TGO"}
    assert asker("TGO").get(f"{PATH}?country=GHA").status_code == 404
    assert asker(scopes={"events:read"}).get(PATH).status_code == 403
    assert asker(scopes={"events:read"}).get(f"{PATH}/scorecard").status_code == 403
    world.terms = {SOURCE: Terms("x", "x", False, False, "", readers="acled")}
    assert asker().items(PATH) == asker().items(f"{PATH}/scorecard") == []
    licensed = asker(licences=("acled",))
    assert len(licensed.items(PATH)) == 6
    assert len(licensed.items(f"{PATH}/scorecard")) == 2


def test_a_scorecard_tells_all_steps_first(client: Client) -> None:
    every, one = client.items(f"{PATH}/scorecard")
    assert (every["step"], one["step"]) == (None, 1)
    assert one["models"] == {"fatalities": {"crps": 1.5}}
    assert client.items(f"{PATH}/scorecard?as_of=2020-02-19") == []
