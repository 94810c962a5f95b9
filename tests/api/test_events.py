"""Tests of events over the API."""

import base64
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import orjson
import pytest

from api.app import create_app
from ewarn.access.keys import issue
from ewarn.domain.time import midnight
from ewarn.places.gazetteer import load_gazetteer
from ewarn.store.access import keys
from ewarn.store.events import event_pages, events
from ingest.exchange.format import read_exchange
from tests.api.client import Client
from tests.api.fixtures import Asker
from tests.api.world import CLOSED_TERMS, NOW, OPEN_TERMS, World
from tests.events import row

SECOND = timedelta(seconds=1)


def test_filters_narrow_the_list(client: Client) -> None:
    found = client.items(
        "/v1/events?country=TG&kind=protest,arrest&since=2020-01-01&until=2020-02-01"
    )
    assert found
    assert {item["country"] for item in found} == {"TGO"}
    assert {item["kind"] for item in found} <= {"protest", "arrest"}
    assert all("2020-01-01" <= item["occurred_on"] <= "2020-02-01" for item in found)
    assert client.items("/v1/events?source=nobody") == []
    of_region = client.items("/v1/events?region=TO25")
    assert {item["region"] for item in of_region} == {"TG-P"}


def test_newest_first(client: Client) -> None:
    days = [item["occurred_on"] for item in client.items("/v1/events?limit=7")]
    assert days == sorted(days, reverse=True)
    assert days[0] < "2020-03-02"


def test_an_answer_as_of_a_moment_stays(world: World, client: Client) -> None:
    then = client.get("/v1/events?as_of=2020-02-01&limit=1000").text
    world.add_events(
        row("late", occurred_on=date(2020, 1, 5)),
        row("TGO-50-1", occurred_on=date(2020, 1, 5), known_at=midnight(date(2020, 1, 7))),
    )
    assert client.get("/v1/events?as_of=2020-02-01&limit=1000").text == then
    now = [item["source_event_id"] for item in client.items("/v1/events?limit=1000")]
    assert "late" in now


def test_pages_neither_skip_nor_repeat_while_rows_change(world: World, client: Client) -> None:
    whole = [item["source_event_id"] for item in client.items("/v1/events?limit=1000")]
    first = client.get("/v1/events?limit=5").json()
    world.clock.now = NOW + SECOND
    moved = row(whole[2], occurred_on=date(2019, 6, 1), known_at=NOW + SECOND)
    world.add_events(moved, row("new", occurred_on=date(2019, 12, 30)), at=NOW + SECOND)
    rest = client.items(first["next"])
    shown = [item["source_event_id"] for item in [*first["items"], *rest]]
    assert shown == whole


def test_pages_go_on_after_an_id_of_unusual_characters(world: World, client: Client) -> None:
    ids = ["a\u00a0b", "a\u200bb", "a\nb", "a\u3000b", "é/%;'"]
    world.add_events(*(row(id_, country="TGO", region="TG-M") for id_ in ids))
    found = client.items("/v1/events?region=TG-M&limit=1")
    assert set(ids) <= {each["source_event_id"] for each in found}


def test_the_link_header_leads_to_the_next_page(client: Client) -> None:
    answer = client.get("/v1/events?limit=3&country=TGO")
    assert answer.headers["link"] == f'<{answer.json()["next"]}>; rel="next"'
    assert "country=TGO" in answer.json()["next"]
    assert "link" not in client.get("/v1/events?limit=1000").headers


def test_planned_assemblies_are_never_told(world: World, client: Client) -> None:
    world.add_events(
        row("announced", tags="demand:vote;planned", occurred_on=date(2020, 2, 20)),
        row("unplanned", tags="unplanned", occurred_on=date(2020, 2, 20)),
    )
    ids = {item["source_event_id"] for item in client.items("/v1/events?limit=1000")}
    assert "announced" not in ids
    assert "unplanned" in ids
    assert client.get("/v1/events/invented/announced/versions").status_code == 404


def test_sources_that_may_not_be_passed_on_are_left_out(world: World, asker: Asker) -> None:
    client = asker()
    world.terms["closed"] = CLOSED_TERMS
    world.add_events(row("secret", source="closed", occurred_on=date(2020, 2, 20)))
    assert "secret" not in {item["source_event_id"] for item in client.items("/v1/events")}
    assert client.get("/v1/events/closed/secret/versions").status_code == 404
    world.terms["closed"] = OPEN_TERMS
    restarted = asker()
    assert "secret" in {item["source_event_id"] for item in restarted.items("/v1/events")}


def test_a_key_sees_its_own_countries_only(asker: Asker) -> None:
    ghana = asker("GHA")
    assert {item["country"] for item in ghana.items("/v1/events?limit=1000")} == {"GHA"}
    for address in ("/v1/events?country=TGO", "/v1/events?region=TG-M"):
        assert ghana.get(address).status_code == 404
    assert ghana.get("/v1/events/invented/TGO-59-0/versions").status_code == 404


def test_versions_tell_the_whole_life_of_an_event(world: World, client: Client) -> None:
    first = row("v", occurred_on=date(2020, 2, 1), injured=1)
    world.add_events(first, at=midnight(date(2020, 2, 3)))
    world.add_events(
        first | {"injured": 2, "known_at": midnight(date(2020, 2, 5))},
        first | {"deleted": True, "known_at": midnight(date(2020, 2, 7))},
        at=midnight(date(2020, 2, 8)),
    )
    found = client.items("/v1/events/invented/v/versions")
    assert [item["version"] for item in found] == [1, 2, 3]
    assert [item["deleted"] for item in found] == [False, False, True]
    early = client.items("/v1/events/invented/v/versions?as_of=2020-02-04")
    assert [item["injured"] for item in early] == [1]


def test_a_deletion_is_seen_by_those_who_see_what_it_deletes(world: World, asker: Asker) -> None:
    day = date(2020, 2, 1)
    first = row("moved", country="TGO", region="TG-M", occurred_on=day)
    second = first | {"country": "BEN", "region": "BJ-AL", "known_at": midnight(date(2020, 2, 5))}
    gone = {"deleted": True, "known_at": midnight(date(2020, 2, 7))}
    neutral = row("kept", country="TGO", region="TG-M", occurred_on=day)
    world.add_events(first, neutral, at=midnight(date(2020, 2, 8)))
    world.add_events(
        second, second | gone, neutral | gone | {"country": "XXX"}, at=midnight(date(2020, 2, 9))
    )
    seen = {
        (country, name): [each["version"] for each in asker(country).items(address)]
        for country in ("TGO", "BEN")
        for name in ("moved", "kept")
        if asker(country).get(address := f"/v1/events/invented/{name}/versions").is_success
    }
    assert seen == {("TGO", "moved"): [1], ("TGO", "kept"): [1, 2], ("BEN", "moved"): [2, 3]}


def test_links_are_what_other_sources_say_of_the_same_days(world: World, client: Client) -> None:
    day = date(2020, 2, 10)
    world.terms |= {"other": OPEN_TERMS, "secret": CLOSED_TERMS}
    others: dict[str, dict[str, Any]] = {
        "day before": {"occurred_on": day - timedelta(days=1)},
        "day after": {"occurred_on": day + timedelta(days=1)},
        "two days after": {"occurred_on": day + timedelta(days=2)},
        "another kind": {"kind": "strike"},
        "another region": {"region": "TG-S"},
        "planned": {"tags": "planned"},
        "not to be passed on": {"source": "secret"},
    }
    world.add_events(
        row("e", occurred_on=day, region="TG-K", kind="riot"),
        row("same source", occurred_on=day, region="TG-K", kind="riot"),
        *(
            row(name, source="other", kind="riot", occurred_on=day)
            | {"region": "TG-K", "ended_on": changed.get("occurred_on", day)}
            | changed
            for name, changed in others.items()
        ),
    )
    found = client.items("/v1/events/invented/e/links")
    assert {item["source_event_id"] for item in found} == {"day before", "day after"}
    assert client.items("/v1/events/other/another kind/links") == []
    assert client.get("/v1/events/secret/not to be passed on/links").status_code == 404
    assert client.get("/v1/events/invented/e/links?as_of=2020-02-11").status_code == 404


@pytest.mark.parametrize("how", ["?format=csv&limit=1000", "?limit=1000"])
def test_importing_the_csv_again_changes_nothing(world: World, client: Client, how: str) -> None:
    world.add_events(
        row("formula", summary="=SUM(A1)", place="'=x", tags="x:2;y", occurred_on=date(2020, 2, 2)),
        row("country", region="TGO", occurred_on=date(2020, 2, 2)),
        row(
            "hour",
            occurred_on=date(2020, 2, 2),
            known_at=midnight(date(2020, 2, 3)) + timedelta(hours=14),
        ),
    )
    answer = client.get("/v1/events" + how, {"Accept": "text/csv"})
    assert answer.headers["content-type"].startswith("text/csv")
    assert "\n=" not in answer.text.replace(",", "\n")
    batch = read_exchange(answer.content, load_gazetteer(), NOW)
    assert not batch.rejected
    assert not batch.notes
    with world.store.write() as connection:
        appended = events.append(connection, batch.events, NOW)
    assert appended == replace(events.Appended(), unchanged=len(batch.events))
    assert len(batch.events) == len(client.items("/v1/events"))


def test_the_export_never_claims_to_have_known_earlier(world: World, client: Client) -> None:
    known = midnight(date(2020, 2, 3)) + timedelta(hours=14)
    world.add_events(row("hour", occurred_on=date(2020, 2, 2), known_at=known))
    batch = read_exchange(
        client.get("/v1/events?format=csv&limit=1000").content, load_gazetteer(), NOW
    ).events
    assert (batch[batch["source_event_id"] == "hour"]["known_at"] >= known).all()


def test_a_cursor_tells_nothing_and_cannot_be_made_up(
    world: World, asker: Asker, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.terms["licensed"] = replace(CLOSED_TERMS, readers="acled")
    world.add_events(row("kept-apart", source="licensed", occurred_on=date(2020, 2, 20)))
    monkeypatch.setattr(event_pages, "MOST_ROWS", 1)
    monkeypatch.setattr(event_pages, "_first_rows", lambda _limit, _values: 1)
    client, seen = asker("TGO"), set()
    following = "/v1/events?source=nobody"
    while following:
        answer = client.get(following).json()
        assert answer["items"] == []
        following = answer["next"]
        client = Client(create_app(world.state()), client.headers)  # another process reads it
        if following:
            text = following.partition("cursor=")[2]
            seen.add(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    assert len(seen) > 9
    assert len({len(said) for said in seen}) == 1
    for part in (b"2020", b"licensed", b"kept-apart", b"invented"):
        assert not any(part in said for said in seen), part
    made_up = orjson.dumps([NOW.isoformat(), "2020-02-20", "licensed", "kept-apart"])
    for cursor in (made_up, min(seen)[:-1], min(seen) + b"x"):
        text = base64.urlsafe_b64encode(cursor).decode().rstrip("=")
        assert client.get(f"/v1/events?cursor={text}").status_code == 400


def test_events_need_their_scope(asker: Asker) -> None:
    problem = asker(scopes=["scores:read"]).get("/v1/events")
    assert problem.status_code == 403
    assert problem.json()["scope"] == ["events:read"]


def test_a_key_without_countries_sees_nothing(world: World) -> None:
    key, text = issue("nobody's", ["events:read"], [], NOW)
    with world.store.write() as connection:
        keys.add(connection, key)
    client = Client(create_app(world.state()), {"X-API-Key": text})
    assert client.items("/v1/events") == []
