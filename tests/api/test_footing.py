"""Tests of what each answer says about its sources, also if it is empty."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from api.app import create_app
from ewarn.domain.key import READ_SCOPES
from ewarn.domain.source import Coverage, Health
from ewarn.domain.time import WEEK, midnight
from ewarn.store.database.engine import Store
from ewarn.store.events.events import Appended
from ewarn.store.intake import runs
from tests.api.client import Client
from tests.api.fixtures import Asker
from tests.api.world import LAST_ORIGIN, NOW, SOURCE, World
from tests.pipeline.invented import TERMS, InventedSource

LISTS = ("/v1/scores", "/v1/alerts", "/v1/events", "/v1/scores/history")
LATER = NOW + 10 * WEEK
SAID = "sources with problems: invented is silent (nothing since 2 Mar 2020, 00:00 UTC)"
Served = Callable[..., Client]


@pytest.fixture
def served(world: World) -> Served:
    """Return a client of the world with polled sources, and a key for some countries."""

    def make(*countries: str, **sources: InventedSource) -> Client:
        service = replace(world.service(), sources=sources)
        return Client(
            create_app(world.state(service=service)), {"X-API-Key": world.key(*countries)}
        )

    return make


def read(world: World, source: str, health: Health, at: datetime, *countries: str) -> None:
    """Record one reading of a source, which covered some countries."""
    covered = [
        Coverage(source, country, LAST_ORIGIN - WEEK, LAST_ORIGIN - WEEK) for country in countries
    ]
    run = runs.Run(source, at, health, "an invented reason", Appended(), 0, {}, None, read_until=at)
    with world.store.write() as connection:
        runs.record_run(connection, runs.Reading(run, covered=covered))


@pytest.mark.parametrize("path", LISTS)
def test_a_list_names_the_sources_that_are_not_well_also_when_it_is_empty(
    world: World, client: Client, path: str
) -> None:
    assert client.get(path).json()["unwell"] == []
    world.clock.now = LATER
    for query in ("", "?region=TG-M", "?until=2001-01-01", "?country=BFA&region=BF-BAL"):
        if path == "/v1/scores" and "until" in query:
            continue
        body = client.get(f"{path}{query}").json()
        assert SAID in body["notice"], (path, query, body["notice"])
        assert body["unwell"] == [
            {"source": SOURCE, "health": "silent", "since": "2020-03-02T00:00:00+00:00"}
        ]


@pytest.mark.parametrize("path", LISTS)
def test_a_file_says_it_in_a_header(world: World, client: Client, path: str) -> None:
    world.clock.now = LATER
    answer = client.get(path, {"Accept": "text/csv"})
    assert SAID in answer.headers["x-notice"]


@pytest.mark.parametrize("path", ["/v1/scores", "/v1/alerts"])
def test_a_source_that_falls_ill_changes_the_tag_and_the_time_that_passes_does_not(
    world: World, client: Client, path: str
) -> None:
    world.clock.now = NOW + 3 * WEEK
    well = client.get(path)
    world.clock.now = NOW + 5 * WEEK
    ill = client.get(path, {"If-None-Match": well.headers["etag"]})
    assert (ill.status_code, SAID in ill.json()["notice"]) == (200, True)
    world.clock.now += timedelta(days=3)
    assert client.get(path, {"If-None-Match": ill.headers["etag"]}).status_code == 304
    later = client.get(path)
    assert (later.headers["etag"], later.text) == (ill.headers["etag"], ill.text)
    as_of = later.json()["as_of"].replace("+", "%2B")
    again = client.get(f"{path}?as_of={as_of}").json()
    links = {"next": None}  # the link to the next page repeats the request
    assert again | links == later.json() | links, "the moment since which it holds gives it again"


def test_one_alert_and_the_brief_say_it(world: World, client: Client) -> None:
    world.clock.now = LATER
    alert = client.get("/v1/alerts/a1").json()
    assert SAID in alert["notice"]
    assert alert["unwell"][0]["source"] == SOURCE
    assert SAID in client.get("/v1/regions/TGO/brief?language=en").json()["notice"]
    html = client.get("/v1/regions/GHA/brief?language=fr&format=html").text
    assert "sources en défaut : invented est muette (rien depuis le 2 mars 2020, 00:00 UTC)" in html


def test_a_polled_source_says_since_when_and_never_its_account_s_secrets(
    world: World, served: Served
) -> None:
    day = midnight(LAST_ORIGIN)
    read(world, "wire", Health.OK, day)
    read(world, "wire", Health.DENIED, day + timedelta(hours=2))
    read(world, "wire", Health.DENIED, day + timedelta(hours=5))
    client = served(wire=InventedSource(name="wire"), fresh=InventedSource(name="fresh"))
    body = client.get("/v1/events?region=BF-BAL").json()
    assert body["unwell"] == [
        {"source": "fresh", "health": "silent", "since": None},
        {"source": "wire", "health": "denied", "since": "2020-03-02T00:00:00+00:00"},
    ]
    assert "fresh is silent (never read), wire refuses our account (nothing since" in body["notice"]
    assert "an invented reason" not in str(body)


def test_a_key_hears_of_sources_of_its_countries_alone(world: World, served: Served) -> None:
    read(world, "ghanaian", Health.OK, NOW, "GHA")
    read(world, "ghanaian", Health.BROKEN, NOW, "GHA")
    sources = {"ghanaian": InventedSource(name="ghanaian")}
    for path in LISTS:
        assert served("TGO", **sources).get(path).json()["unwell"] == []
        assert [each["source"] for each in served("GHA", **sources).get(path).json()["unwell"]] == [
            "ghanaian"
        ]


def test_a_source_that_is_kept_to_its_account_is_never_named(world: World, served: Served) -> None:
    kept = InventedSource(name="kept", terms=replace(TERMS, redistribute=False, train=False))
    for path in (*LISTS, "/v1/alerts/a1", "/v1/regions/TGO/brief"):
        assert "kept" not in served(kept=kept).get(path).text


def test_a_fresh_store_says_that_nothing_was_read(store: Store) -> None:
    world = World(store)
    client = Client(create_app(world.state()), {"X-API-Key": world.key(scopes=READ_SCOPES)})
    for path in LISTS:
        body = client.get(path).json()
        assert (body["items"], body["notice"]) == (
            [],
            "nothing has been read yet: an empty list does not mean that nothing happened",
        )
    read(world, "wire", Health.OK, NOW)
    said = client.get("/v1/alerts").json()["notice"]
    assert said == "nothing has been scored yet: an empty list does not mean that there is no risk"
    brief = client.get("/v1/regions/TGO/brief?language=fr").json()
    assert "rien n'a encore été évalué" in brief["notice"]


def test_a_source_that_is_well_again_is_named_no_more(world: World, asker: Asker) -> None:
    client = asker()
    world.clock.now = LATER
    ill = client.get("/v1/scores")
    with world.store.write() as connection:
        week = (LATER - WEEK).date() - timedelta(days=LATER.weekday())
        run = runs.Run(SOURCE, LATER, Health.OK, "read", Appended(), 0, {}, None)
        covered = [Coverage(SOURCE, "TGO", week, week)]
        runs.record_run(connection, runs.Reading(run, covered=covered))
    well = client.get("/v1/scores", {"If-None-Match": ill.headers["etag"]})
    assert (well.status_code, well.json()["unwell"]) == (200, [])
