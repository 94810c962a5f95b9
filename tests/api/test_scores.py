"""Tests of scores over the API."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from ewarn.domain.score import SourceFooting
from ewarn.domain.source import Health
from ewarn.domain.target import Band, Basis
from ewarn.domain.time import WEEK, midnight
from ewarn.store.database.cuts import Cut
from ewarn.store.scores import scores
from tests.api.client import Client
from tests.api.fixtures import Asker
from tests.api.world import CLOSED_TERMS, LAST_ORIGIN, NOW, SOURCE, World
from tests.events import row
from tests.stores import statements

LATER = NOW + timedelta(minutes=1)


def rescore(world: World) -> None:
    """Store the newest scores again, a little higher, a minute later."""
    with world.store.read() as connection:
        found = scores.in_runs(
            connection,
            list(scores.latest_runs(connection, Cut.at(NOW)).values()),
            scores.ScoreFilter(),
        )
    again = [replace(item, probability=0.9, recorded_at=LATER) for item in found]
    world.add_scores(again, at=LATER)
    world.clock.now = LATER


def test_the_latest_scores_with_their_notice(client: Client) -> None:
    body = client.get("/v1/scores?country=TGO&target=force").json()
    assert {item["origin"] for item in body["items"]} == {LAST_ORIGIN.isoformat()}
    assert {item["region"] for item in body["items"]} == {
        "TGO",
        "TG-C",
        "TG-K",
        "TG-M",
        "TG-P",
        "TG-S",
    }
    for item in body["items"]:
        assert 0 <= item["low"] <= item["probability"] <= item["high"] <= 1
    assert body["notice"].startswith("illustration")
    assert all(item["notice"] == body["notice"] for item in body["items"])
    shares = {
        item["false_discovery"] == round(1 / (1 + item["observed"]), 4) for item in body["items"]
    }
    assert shares == {True}
    drivers = [driver for item in body["items"] for driver in item["drivers"]]
    assert drivers
    # Left out, to keep the answer small for slow connections.
    assert not any("event_ids" in driver for driver in drivers)


def test_filters_narrow_the_list(client: Client) -> None:
    assert {i["level"] for i in client.items("/v1/scores?level=country")} == {"country"}
    assert {i["level"] for i in client.items("/v1/scores?level=admin1")} == {"admin1"}
    assert {i["target"] for i in client.items("/v1/scores?target=escalation")} == {"escalation"}
    assert {i["region"] for i in client.items("/v1/scores?region=TO25")} == {"TG-P"}
    assert {i["id"] for i in client.items("/v1/scores?office=nairobi")} == {None}
    made = [i for i in client.items("/v1/scores?office=dakar") if i["id"] is not None]
    assert len(made) == len(client.items("/v1/scores"))
    assert client.get("/v1/scores?office=atlantis").status_code == 404


def test_a_target_that_is_judged_only_is_refused_rather_than_empty(client: Client) -> None:
    answer = client.get("/v1/scores?target=force,onset")
    assert answer.status_code == 422
    assert "onset is judged in back-tests only" in answer.text


def test_a_poll_without_news_is_304_and_reads_no_score(world: World, client: Client) -> None:
    client.get("/v1/events?limit=1")  # it stores the use of the key, and the secret of cursors
    first = client.get("/v1/scores?country=TGO")
    etag = first.headers["etag"]
    assert etag.startswith('"')
    assert first.headers["cache-control"].startswith("private, max-age=")
    with statements(world.store) as seen:
        again = client.get("/v1/scores?country=TGO", {"If-None-Match": etag})
    assert again.status_code == 304
    assert again.content == b""
    assert again.headers["etag"] == etag
    assert seen == []


def test_a_new_run_ends_the_304(world: World, client: Client) -> None:
    etag = client.get("/v1/scores").headers["etag"]
    rescore(world)
    answer = client.get("/v1/scores", {"If-None-Match": etag})
    assert answer.status_code == 200
    assert answer.json()["items"][0]["probability"] == 0.9


def test_one_tag_stands_for_one_text(world: World, client: Client) -> None:
    first = client.get("/v1/scores")
    world.clock.now = LATER
    second = client.get("/v1/scores")
    assert first.headers["etag"] == second.headers["etag"]
    assert first.text == second.text
    others = [
        client.get("/v1/scores?limit=3").headers["etag"],
        client.get("/v1/scores", {"Accept": "text/csv"}).headers["etag"],
        client.get("/v1/scores", {"Accept-Encoding": "identity"}).headers["etag"],
    ]
    assert len({first.headers["etag"], *others}) == 4


def test_two_offices_never_share_a_tag(asker: Asker) -> None:
    tags = {asker(country).get("/v1/scores").headers["etag"] for country in ("TGO", "GHA")}
    assert len(tags) == 2


def test_as_of_gives_what_was_said_then(world: World, client: Client) -> None:
    then = client.get("/v1/scores?as_of=2020-02-04&country=TGO").text
    body = client.get("/v1/scores?country=TGO").json()
    rescore(world)
    assert client.get("/v1/scores?as_of=2020-02-04&country=TGO").text == then
    assert '"origin":"2020-02-03"' in then
    again = client.get(f"/v1/scores?country=TGO&as_of={body['as_of']}").json()
    assert again["items"] == body["items"]


def test_before_anything_was_scored_there_is_nothing(client: Client) -> None:
    body = client.get("/v1/scores?as_of=2019-11-01").json()
    assert body == {
        "items": [],
        "next": None,
        "as_of": "2019-11-01T23:59:59.999999+00:00",
        "notice": "nothing has been read yet: an empty list does not mean that nothing happened",
        "unwell": [],
    }


def test_pages_stay_with_their_run_while_another_is_recorded(world: World, client: Client) -> None:
    whole = client.items("/v1/scores")
    first = client.get("/v1/scores?limit=10").json()
    rescore(world)
    assert [*first["items"], *client.items(first["next"])] == whole


def test_history_is_the_life_of_one_region(client: Client) -> None:
    address = "/v1/scores/history?region=TGO&target=force&since=2019-12-30&until=2020-02-03"
    found = client.items(address + "&limit=2")
    assert [item["origin"] for item in found] == [
        "2019-12-30",
        "2020-01-06",
        "2020-01-13",
        "2020-01-20",
        "2020-01-27",
        "2020-02-03",
    ]


def test_history_as_of_does_not_know_what_was_scored_again(world: World, client: Client) -> None:
    address = "/v1/scores/history?region=TGO&target=force"
    before = client.items(address)
    rescore(world)
    after = client.items(address)
    assert len(after) == len(before)
    assert after[-1]["probability"] == 0.9
    assert client.items(f"{address}&as_of={NOW.isoformat()}") == before


def test_drivers_come_in_words_with_their_events(client: Client) -> None:
    score = client.items("/v1/scores?region=TGO&target=force")[0]
    driver, calming = client.items(f"/v1/scores/{score['id']}/drivers")
    assert "protests" in driver["words"]
    assert driver["events"]
    assert {item["source_event_id"] for item in driver["events"]} == set(driver["event_ids"])
    assert calming["words"].endswith("↓")


def test_ids_of_events_are_for_keys_that_read_the_events(
    world: World, client: Client, asker: Asker
) -> None:
    score = client.items("/v1/scores?region=TGO&target=force")[0]
    address = f"/v1/scores/{score['id']}"

    def ids(of: Client) -> list[str]:
        drivers = [*of.get(address).json()["drivers"], *of.items(f"{address}/drivers")]
        return [id_ for driver in drivers for id_ in driver["event_ids"]]

    assert ids(client)
    assert ids(asker(scopes=["scores:read"])) == []
    world.terms[SOURCE] = CLOSED_TERMS
    assert ids(asker()) == []


def test_drivers_show_events_as_they_were_known_then(world: World, client: Client) -> None:
    score = client.items("/v1/scores?region=TGO&target=force")[0]
    address = f"/v1/scores/{score['id']}/drivers"
    before = client.items(address)
    name = before[0]["events"][0]
    world.add_events(
        row(name["source_event_id"], known_at=midnight(LAST_ORIGIN), deleted=True), at=NOW
    )
    assert client.items(address) == before


def test_without_the_scope_for_events_drivers_keep_them_to_themselves(asker: Asker) -> None:
    client = asker(scopes=["scores:read"])
    score = client.items("/v1/scores?region=TGO&target=force")[0]
    assert client.items(f"/v1/scores/{score['id']}/drivers")[0]["events"] == []


def test_another_office_does_not_find_a_score(asker: Asker) -> None:
    score = asker().items("/v1/scores?region=TGO")[0]["id"]
    ghana = asker("GHA")
    assert {item["country"] for item in ghana.items("/v1/scores")} == {"GHA"}
    assert {item["country"] for item in ghana.items("/v1/scores?office=dakar")} == {"GHA"}
    assert {item["country"] for item in ghana.items("/v1/scores/history")} == {"GHA"}
    for address in (
        f"/v1/scores/{score}",
        f"/v1/scores/{score}/drivers",
        "/v1/scores?region=TGO",
        "/v1/scores?country=TGO",
        "/v1/scores/history?region=TG-M",
    ):
        assert ghana.get(address).status_code == 404, address


def test_a_score_of_tomorrow_is_not_found_in_a_replay(world: World, client: Client) -> None:
    newest = client.items("/v1/scores?region=TGO")[0]["id"]
    world.clock.now = midnight(LAST_ORIGIN - WEEK)
    assert client.get(f"/v1/scores/{newest}").status_code == 404


def test_old_scores_say_that_they_are_old(world: World, client: Client) -> None:
    said = "the newest scores are of 2 Mar 2020: nothing has been scored since"
    live = client.get("/v1/scores?limit=5")
    world.clock.now = midnight(LAST_ORIGIN + timedelta(days=14)) + timedelta(hours=23)
    assert said not in client.get("/v1/scores").json()["notice"]
    world.clock.now = midnight(LAST_ORIGIN + timedelta(days=15))
    answer = client.get("/v1/scores?limit=5", {"If-None-Match": live.headers["etag"]})
    assert answer.status_code == 200
    body = answer.json()
    assert body["notice"].startswith("illustration")
    assert body["notice"].endswith(said)
    assert client.get(body["next"]).json()["notice"] == body["notice"]
    again = client.get("/v1/scores", {"Accept": "text/csv"})
    assert again.headers["x-notice"] == body["notice"]
    for address in ("/v1/scores/history", "/v1/scores/history?since=2020-03-09"):
        assert said in client.get(address).json()["notice"]
    # As of a day on which the scores were new, there is no such notice.
    assert said not in client.get("/v1/scores?as_of=2020-03-03").json()["notice"]


def test_of_several_sources_the_old_one_is_named(world: World, client: Client) -> None:
    world.clock.now = midnight(LAST_ORIGIN + 4 * WEEK)
    with world.store.read() as connection:
        runs = list(scores.latest_runs(connection, Cut.at(NOW)).values())
        found = scores.in_runs(connection, runs, scores.ScoreFilter(countries=("TGO",)))
    origin = LAST_ORIGIN + 4 * WEEK
    footing = (SourceFooting("other", Health.OK, 1.0),)
    made = [replace(item, origin=origin, as_of=midnight(origin), sources=footing) for item in found]
    with world.store.write() as connection:
        scores.record(connection, "other", origin, "other", made, world.clock.now)
    notice = client.get("/v1/scores?limit=1000").json()["notice"]
    assert "the newest scores of invented are of 2 Mar 2020" in notice
    assert "of other" not in notice


def test_a_score_made_long_after_its_origin_says_so(world: World, client: Client) -> None:
    late = midnight(LAST_ORIGIN) + timedelta(days=20)
    assert "reconstructed" not in client.items("/v1/scores?country=TGO")[0]["notice"]
    with world.store.read() as connection:
        runs = list(scores.latest_runs(connection, Cut.at(NOW)).values())
        found = scores.in_runs(connection, runs, scores.ScoreFilter())
    again = [replace(item, recorded_at=late, probability=0.5) for item in found]
    world.add_scores(again, at=late)
    world.clock.now = late
    score = client.items("/v1/scores?region=TGO&target=force")[0]
    said = "reconstructed on 22 Mar 2020 from what was known at its origin"
    assert score["notice"].endswith(said)
    assert client.get(f"/v1/scores/{score['id']}").json()["notice"].endswith(said)
    assert client.get(f"/v1/scores/{score['id']}/drivers").json()["notice"].endswith(said)


def test_csv_has_one_row_for_each_score(client: Client) -> None:
    answer = client.get("/v1/scores?format=csv&country=TGO&target=force")
    header, *rows = answer.text.splitlines()
    assert header.startswith("id,region,admin1,region_name")
    assert len(rows) == 6
    assert answer.headers["x-notice"].startswith("illustration")


def test_an_uncalibrated_score_has_no_probability(world: World, client: Client) -> None:
    with world.store.read() as connection:
        runs = list(scores.latest_runs(connection, Cut.at(NOW)).values())
        found = scores.in_runs(connection, runs, scores.ScoreFilter())
    bare: dict[str, Any] = {"probability": None, "low": None, "high": None}
    world.add_scores(
        [replace(i, basis=Basis.UNCALIBRATED, band=Band.UNCALIBRATED, **bare) for i in found],
        at=LATER,
    )
    world.clock.now = LATER
    body = client.get("/v1/scores").json()
    assert {item["band"] for item in body["items"]} == {"uncalibrated"}
    assert all(item["probability"] is None for item in body["items"])
    assert body["notice"].startswith("uncalibrated")


@pytest.mark.parametrize("id_", ["0", "-1", "x", str(2**63), "9" * 40])
def test_ids_that_cannot_be(client: Client, id_: str) -> None:
    assert client.get(f"/v1/scores/{id_}").status_code == 422
    assert client.get("/v1/scores/999999").status_code == 404
