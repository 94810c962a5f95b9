"""Tests of alerts over the API."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from ewarn.domain.alert import AlertState, ChangeKind
from ewarn.domain.target import Band
from ewarn.domain.time import WEEK
from tests.api.client import Client
from tests.api.fixtures import Asker
from tests.api.world import NOW, World, alert
from tests.stores import statements

DAY = timedelta(days=1)
LATER = NOW + timedelta(minutes=1)


def close(world: World) -> None:
    """Close the open alert a minute from now."""
    closed = replace(alert(), state=AlertState.CLOSED, closed_on=date(2020, 3, 2), band=Band.LOW)
    world.change(closed, ChangeKind.CLOSED, LATER, "invented")
    world.clock.now = LATER


def test_open_and_past_alerts(client: Client) -> None:
    assert [item["id"] for item in client.items("/v1/alerts")] == ["a1", "a0"]
    assert [item["id"] for item in client.items("/v1/alerts?state=open")] == ["a1"]
    assert [item["id"] for item in client.items("/v1/alerts?state=closed")] == ["a0"]
    assert client.get("/v1/alerts").json()["notice"].startswith("illustration")


def test_filters_narrow_the_list(client: Client) -> None:
    def ids(query: str) -> list[str]:
        return [item["id"] for item in client.items(f"/v1/alerts?{query}")]

    assert ids("since=2020-01-01") == ["a1"]
    assert ids("until=2020-01-01") == ["a0"]
    assert ids("country=GHA") == []
    assert ids("region=TG") == ["a1", "a0"]
    assert ids("target=escalation") == []


def test_alerts_as_of_a_past_day_stay_as_they_were(world: World, client: Client) -> None:
    then = client.get("/v1/alerts?as_of=2020-02-01").text
    assert '"band":"high"' in then
    close(world)
    assert client.get("/v1/alerts?as_of=2020-02-01").text == then
    assert client.items("/v1/alerts?as_of=2019-12-01") == []
    assert client.items("/v1/alerts?as_of=2019-12-20")[0]["state"] == "open"


def test_how_long_it_is_open_is_counted_to_its_end_or_to_the_day_asked_for(
    world: World, client: Client
) -> None:
    def days_open(path: str) -> int | None:
        found: int | None = client.get(f"/v1/alerts/{path}").json()["days_open"]
        return found

    assert (days_open("a1"), days_open("a1?as_of=2020-01-20")) == (42, 0)
    assert (days_open("a0"), days_open("a0?as_of=2019-12-20")) == (28, 11)
    withdrawn = replace(alert(), state=AlertState.CLOSED)
    world.change(withdrawn, ChangeKind.WITHDRAWN, NOW, "invented")
    assert days_open("a1") is None


def test_the_timeline_as_of_a_past_day(client: Client) -> None:
    whole = client.get("/v1/alerts/a1").json()
    assert [change["kind"] for change in whole["timeline"]] == ["opened", "raised"]
    early = client.get("/v1/alerts/a1?as_of=2020-02-01").json()
    assert [change["kind"] for change in early["timeline"]] == ["opened"]
    assert early["band"] == "high"
    assert client.get("/v1/alerts/a1?as_of=2020-01-01").status_code == 404


def test_a_poll_without_news_is_304(world: World, client: Client) -> None:
    etag = client.get("/v1/alerts").headers["etag"]
    with statements(world.store) as seen:
        again = client.get("/v1/alerts", {"If-None-Match": f'W/{etag}, "x"'})
    assert again.status_code == 304
    assert not any("FROM score " in text or "FROM score\n" in text for text in seen)
    close(world)
    assert client.get("/v1/alerts", {"If-None-Match": etag}).status_code == 200


def test_one_tag_stands_for_one_text(world: World, client: Client) -> None:
    first = client.get("/v1/alerts?limit=1")
    world.clock.now = LATER
    second = client.get("/v1/alerts?limit=1")
    assert (first.headers["etag"], first.text) == (second.headers["etag"], second.text)


def test_pages_speak_of_one_moment(world: World, client: Client) -> None:
    whole = client.items("/v1/alerts")
    first = client.get("/v1/alerts?limit=1").json()
    world.change(alert(id="a2", opened_on=date(2020, 1, 1)), ChangeKind.OPENED, LATER, "in between")
    world.clock.now = LATER
    assert [*first["items"], *client.items(first["next"])] == whole


def test_what_is_scored_no_longer_is_stale_by_the_clock(world: World, client: Client) -> None:
    """An alert is stale without a run that says so, because the worker may have stopped."""
    fresh = client.get("/v1/alerts?state=open")
    assert [item["stale"] for item in fresh.json()["items"]] == [False]
    world.clock.now = NOW + 3 * WEEK
    assert old_as_of(client) == NOW.replace(hour=0) + 15 * DAY
    tag = {"If-None-Match": fresh.headers["etag"]}
    old = client.get("/v1/alerts?state=open", tag)
    assert old.status_code == 200, "a 304 would hide it"
    assert [item["stale"] for item in old.json()["items"]] == [True]
    assert client.get("/v1/alerts/a1").json()["stale"]
    assert not client.get(f"/v1/alerts/a1?as_of={NOW.isoformat()[:-6]}Z").json()["stale"]
    assert not client.get("/v1/alerts/a0").json()["stale"], "one that is closed rests on nothing"
    (shown,) = [item for item in brief(client)["alerts"] if item["id"] == "a1"]
    assert shown["stale"]


def old_as_of(client: Client) -> datetime:
    """Return the moment since which the list is unchanged."""
    return datetime.fromisoformat(client.get("/v1/alerts").json()["as_of"])


def brief(client: Client) -> dict[str, Any]:
    """Return the brief of Togo as data."""
    made: dict[str, Any] = client.get("/v1/regions/TGO/brief").json()
    return made


def test_another_office_finds_no_alert(asker: Asker) -> None:
    ghana = asker("GHA")
    assert ghana.items("/v1/alerts") == []
    assert ghana.get("/v1/alerts/a1").status_code == 404
    missing = ghana.get("/v1/alerts/nothing").json()["detail"]
    assert ghana.get("/v1/alerts/a1").json()["detail"] == missing.replace("nothing", "a1")


def test_csv(client: Client) -> None:
    header, *rows = client.get("/v1/alerts", {"Accept": "text/csv"}).text.splitlines()
    assert header.startswith("id,rule,region")
    assert len(rows) == 2


def test_alerts_need_their_scope(asker: Asker) -> None:
    assert asker(scopes=["scores:read"]).get("/v1/alerts").status_code == 403
