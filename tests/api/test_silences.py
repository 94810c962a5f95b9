"""Tests of silences over the API: by whom, for which countries, until when, and their end."""

from datetime import timedelta

import pytest

from ewarn.domain.silence import Silence
from ewarn.errors import UsageError
from ewarn.store.alerts import silences
from tests.api.client import Client
from tests.api.fixtures import Asker
from tests.api.world import NOW, World

NEXT_WEEK = (NOW + timedelta(days=8)).isoformat()


def test_a_silence_has_an_author_a_reason_and_an_end(world: World, client: Client) -> None:
    asked = {"reason": " repairs ", "ends_at": NEXT_WEEK, "countries": ["TG"], "targets": ["force"]}
    made = client.post("/v1/silences", asked)
    assert made.status_code == 201
    said = made.json()
    assert (said["author"], said["reason"], said["countries"]) == ("a test", "repairs", ["TGO"])
    assert (said["starts_at"], said["in_force"]) == (NOW.isoformat(), True)
    assert [each["id"] for each in client.items("/v1/silences")] == [said["id"], "s1"]
    ended = client.send("POST", f"/v1/silences/{said['id']}/end").json()
    assert (ended["ended_by"], ended["in_force"]) == ("a test", False)
    world.clock.now = NOW + timedelta(hours=1)
    again = client.send("POST", f"/v1/silences/{said['id']}/end").json()
    assert again == ended


@pytest.mark.parametrize(
    ("others", "status"),
    [
        ({"ends_at": None}, 422),
        ({"ends_at": "2020-03-09T00:00:00"}, 422),
        ({"ends_at": NOW.isoformat()}, 409),
        ({"ends_at": "2022-03-09T00:00:00Z"}, 409),
        ({"ends_at": 1796774400}, 422),
        ({"ends_at": "1583712000"}, 422),
        ({"ends_at": 1583712000000}, 422),
        ({"ends_at": 1583712000.5}, 422),
        ({"ends_at": "20200309"}, 422),
        ({"ends_at": True}, 422),
        ({"starts_at": 1583200000}, 422),
        ({"starts_at": "2020-01-01T00:00:00Z"}, 422),
        ({"starts_at": (NOW - timedelta(seconds=1)).isoformat()}, 422),
        ({"reason": ""}, 422),
        ({"countries": ["XX"]}, 404),
        ({"colour": "red"}, 422),
        ({"targets": []}, 422),
        ({"targets": [], "countries": [], "regions": [], "rules": [], "offices": []}, 422),
        ({"targets": ["anything"]}, 422),
        ({"rules": ["no-such-rule"]}, 422),
        ({"rules": ["force-country", "no-such-rule"]}, 422),
        ({"regions": ["XX-9"]}, 404),
        ({"offices": ["atlantis"]}, 422),
        ({"offices": ["geneva"]}, 422),
        ({"rules": [""]}, 422),
    ],
)
def test_one_without_end_or_reason_is_refused(
    client: Client, others: dict[str, object], status: int
) -> None:
    asked = {"reason": "repairs", "ends_at": NEXT_WEEK, "targets": ["force"]} | others
    answer = client.post("/v1/silences", asked)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert len(client.items("/v1/silences")) == 1


def test_an_office_silences_its_own_countries_and_no_others(world: World, asker: Asker) -> None:
    every = asker()
    acts = frozenset({"alerts:read", "alerts:act"})
    togo = Client(every.app, {"X-API-Key": world.key("TGO", scopes=acts)})
    empty = {"reason": "repairs", "ends_at": NEXT_WEEK}
    assert togo.post("/v1/silences", empty).status_code == 422
    made = togo.post("/v1/silences", empty | {"targets": ["force"]}).json()
    assert made["countries"] == ["TGO"]
    assert [each["id"] for each in togo.items("/v1/silences")] == [made["id"]]
    other = {"reason": "repairs", "ends_at": NEXT_WEEK, "countries": ["GHA"]}
    assert togo.post("/v1/silences", other).status_code == 404
    assert togo.send("POST", "/v1/silences/s1/end").status_code == 404
    assert every.post("/v1/silences", other).status_code == 403


def test_an_office_stands_for_its_countries(client: Client) -> None:
    office = next(each for each in client.items("/v1/offices") if each["id"] == "dakar")
    asked = {"reason": "repairs", "ends_at": NEXT_WEEK, "offices": ["dakar"]}
    made = client.post("/v1/silences", asked).json()
    assert sorted(made["countries"]) == sorted(office["countries"])


def test_one_that_mutes_everything_is_refused_in_a_sentence(client: Client) -> None:
    asked = {"reason": "repairs", "ends_at": NEXT_WEEK}
    (error,) = client.post("/v1/silences", asked).json()["errors"]
    assert error["detail"] == (
        "name at least one country, region, office, target or rule: without any, the "
        "silence would suppress all notifications"
    )


def test_the_store_takes_none_either(world: World) -> None:
    empty = Silence("s2", "X", "x", NOW, NOW + timedelta(days=1))
    with pytest.raises(UsageError, match="it names nothing"), world.store.write() as connection:
        silences.add(connection, empty)


def test_a_start_in_the_past_is_refused_in_a_sentence(client: Client) -> None:
    asked = {
        "reason": "x",
        "ends_at": NEXT_WEEK,
        "targets": ["force"],
        "starts_at": "2020-01-01T00:00:00Z",
    }
    (error,) = client.post("/v1/silences", asked).json()["errors"]
    assert error["field"] == "starts_at"
    assert error["detail"].startswith("is in the past; leave it out to begin at once")
    made = client.post("/v1/silences", asked | {"starts_at": NOW.isoformat()})
    assert made.status_code == 201


@pytest.mark.parametrize(
    "others",
    [
        {"starts_at": "9999-12-31T23:59:59-14:00"},
        {"ends_at": "9999-12-31T23:59:59-15:00"},
        {"ends_at": "0001-01-01T00:00:00+14:00"},
        {"reason": "\u200b"},
        {"reason": "\u3164\u2800"},
        {"reason": "\u0301"},
    ],
)
def test_what_cannot_be_told_or_seen_is_refused(client: Client, others: dict[str, object]) -> None:
    asked = {"reason": "repairs", "ends_at": NEXT_WEEK, "targets": ["force"]} | others
    assert client.post("/v1/silences", asked).status_code == 422


@pytest.mark.parametrize(
    ("field", "others"),
    [
        ("rules", {"rules": ["no-such-rule"]}),
        ("rules", {"rules": ["force-country", "force-country "]}),
        ("regions", {"countries": ["TGO"], "regions": ["GH-AA"]}),
        ("regions", {"countries": ["TGO", "BEN"], "regions": ["TG-M", "GHA"]}),
        ("countries", {"countries": ["TG-M"]}),
        ("targets", {"targets": ["onset"]}),
    ],
)
def test_what_would_hold_back_nothing_is_refused(
    client: Client, field: str, others: dict[str, object]
) -> None:
    answer = client.post("/v1/silences", {"reason": "repairs", "ends_at": NEXT_WEEK} | others)
    assert answer.status_code == 422
    assert answer.json()["type"] == "/problems#invalid-body"
    assert answer.json()["errors"][0]["field"].startswith(field)
    assert len(client.items("/v1/silences")) == 1


def test_two_codes_of_one_country_are_one(client: Client) -> None:
    asked = {"reason": "repairs", "ends_at": NEXT_WEEK, "countries": ["TG", "TGO"]}
    asked["regions"] = ["TG-M", "TGO"]
    made = client.post("/v1/silences", asked).json()
    assert (made["countries"], made["regions"]) == (["TGO"], ["TG-M", "TGO"])


@pytest.mark.parametrize("path", ["alerts", "events", "scores", "regions", "deployments"])
def test_a_part_of_a_country_is_no_country(client: Client, path: str) -> None:
    answer = client.get(f"/v1/{path}?country=TG-M")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["parameter"] == "country"
