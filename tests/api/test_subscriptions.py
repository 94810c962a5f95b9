"""Tests of subscriptions from the request to the end: verify, notify, test, rotate, refuse."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from ewarn.domain.key import SCOPES
from ewarn.domain.subscription import CODE_HOLDS
from ewarn.store.access import audit
from ewarn.store.delivery import endpoints, outbox, subscriptions
from ewarn.store.tables.delivery import outbox as table
from tests.api.client import Client
from tests.api.fixtures import Asker
from tests.api.world import NOW, World

ASKED = {"channel": "webhook", "address": "https://example.org/in", "level": "high"}


@pytest.fixture
def desk(asker: Asker) -> Client:
    return asker("TGO", "BEN", scopes=frozenset({"subscriptions:write"}))


def code_sent(world: World, id_: str) -> str:
    """Return the code in the newest message to a subscription."""
    with world.store.read() as connection:
        query = select(table.c.body).where(table.c.endpoint == id_)
        bodies = connection.execute(query.order_by(table.c.created_at.desc())).scalars().all()
    return str(bodies[0]["items"][0]["code"])


def proved(world: World, desk: Client) -> str:
    id_ = str(desk.post("/v1/subscriptions", ASKED).json()["id"])
    assert desk.post(f"/v1/subscriptions/{id_}/verify", {"code": code_sent(world, id_)}).is_success
    return id_


def test_nothing_but_a_code_is_sent_before_the_address_is_proved(
    world: World, desk: Client
) -> None:
    made = desk.post("/v1/subscriptions", ASKED)
    assert made.status_code == 201
    id_ = made.json()["id"]
    assert made.json()["countries"] == ["TGO", "BEN"]
    assert made.json()["verified_at"] is None
    refused = desk.post(f"/v1/subscriptions/{id_}/test", None)
    assert (refused.status_code, "not verified" in refused.json()["detail"]) == (409, True)
    wrong = desk.post(f"/v1/subscriptions/{id_}/verify", {"code": "0" * 16})
    assert wrong.json()["detail"] == "this is not the code that was sent."
    done = desk.post(f"/v1/subscriptions/{id_}/verify", {"code": code_sent(world, id_)})
    assert done.json()["verified_at"] == NOW.isoformat()
    again = desk.post(f"/v1/subscriptions/{id_}/verify", {"code": code_sent(world, id_)})
    assert again.status_code == 409
    test = desk.post(f"/v1/subscriptions/{id_}/test", None).json()["delivery"]
    assert desk.get(f"/v1/deliveries/{test}").json()["state"] == "waiting"


def test_a_code_expires_and_another_is_sent_after_a_while(world: World, desk: Client) -> None:
    id_ = desk.post("/v1/subscriptions", ASKED).json()["id"]
    first = code_sent(world, id_)
    assert desk.post(f"/v1/subscriptions/{id_}/code", None).status_code == 409
    world.clock.now = NOW + CODE_HOLDS
    late = desk.post(f"/v1/subscriptions/{id_}/verify", {"code": first})
    assert "expired" in late.json()["detail"]
    assert desk.post(f"/v1/subscriptions/{id_}/code", None).status_code == 200
    assert code_sent(world, id_) != first
    assert desk.post(f"/v1/subscriptions/{id_}/verify", {"code": first}).status_code == 409


def test_it_covers_no_country_that_its_key_does_not(desk: Client) -> None:
    assert desk.post("/v1/subscriptions", ASKED | {"countries": ["GHA"]}).status_code == 404
    assert desk.post("/v1/subscriptions", ASKED | {"regions": ["GH-AA"]}).status_code == 404
    fine = desk.post("/v1/subscriptions", ASKED | {"countries": ["TG"], "regions": ["TG-M"]})
    assert (fine.json()["countries"], fine.json()["regions"]) == (["TGO"], ["TG-M"])


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"channel": "log"}, 409),
        ({"channel": "apprise", "address": "tgram://x/y"}, 409),
        ({"channel": "pigeon"}, 409),
        ({"zone": "Mars/Olympus"}, 422),
        ({"at_least": 2}, 422),
        ({"level": "terrible"}, 422),
        ({"most_a_day": 0}, 422),
        ({"colour": "red"}, 422),
    ],
)
def test_a_wish_that_makes_no_sense_is_refused(
    desk: Client, wrong: dict[str, object], status: int
) -> None:
    assert desk.post("/v1/subscriptions", ASKED | wrong).status_code == status


def test_the_secret_is_shown_once_and_rotates_with_a_day_of_both(
    world: World, desk: Client
) -> None:
    id_ = proved(world, desk)
    with world.store.read() as connection:
        (before,) = subscriptions.of_keys(connection)
    assert before.signers_at(NOW) == (f"{id_}.1",)
    assert "secret" in desk.post(f"/v1/subscriptions/{id_}/rotate", None).json()
    assert "secret" not in desk.get(f"/v1/subscriptions/{id_}").json()
    assert desk.post(f"/v1/subscriptions/{id_}/rotate", None).status_code == 409
    with world.store.read() as connection:
        (after,) = subscriptions.of_keys(connection)
    assert after.signers_at(NOW + timedelta(hours=23)) == (f"{id_}.2", f"{id_}.1")
    assert after.signers_at(NOW + timedelta(hours=24)) == (f"{id_}.2",)


def test_what_is_another_keys_does_not_exist(world: World, desk: Client, asker: Asker) -> None:
    id_ = proved(world, desk)
    other = asker(scopes=frozenset({"subscriptions:write"}))
    assert other.items("/v1/subscriptions") == other.items("/v1/deliveries") == []
    for path in (f"/v1/subscriptions/{id_}", "/v1/deliveries/msg1"):
        assert other.get(path).status_code == 404
    for act in ("verify", "test", "rotate", "end", "code"):
        body = {"code": "x"} if act == "verify" else None
        assert other.post(f"/v1/subscriptions/{id_}/{act}", body).status_code == 404
    admin = asker(scopes=frozenset({"admin"}))
    assert [item["id"] for item in admin.items("/v1/subscriptions")] == [id_]


def test_one_that_ended_is_gone_and_sends_nothing_more(world: World, desk: Client) -> None:
    id_ = proved(world, desk)
    assert desk.post(f"/v1/subscriptions/{id_}/end", None).json()["ended_at"] is not None
    assert desk.items("/v1/subscriptions") == []
    with world.store.read() as connection:
        assert outbox.states(connection).get("waiting") is None
        story = audit.history(connection, audit.SUBSCRIPTION, id_, NOW)
    assert [each.act.act for each in story] == ["subscribed", "verified", "ended"]
    assert "example.org" not in str(story)


def test_an_address_that_was_switched_off_is_told_and_proved_anew(
    world: World, desk: Client
) -> None:
    id_ = proved(world, desk)
    with world.store.write() as connection:
        endpoints.disable(connection, id_, NOW, "it is gone (HTTP 410)")
    assert desk.get(f"/v1/subscriptions/{id_}").json()["reason"] == "it is gone (HTTP 410)"
    world.clock.now = NOW + timedelta(hours=1)
    assert desk.post(f"/v1/subscriptions/{id_}/code", None).is_success
    desk.post(f"/v1/subscriptions/{id_}/verify", {"code": code_sent(world, id_)})
    assert desk.get(f"/v1/subscriptions/{id_}").json()["disabled_at"] is None


def test_a_key_has_a_hundred_at_most(desk: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ewarn.pipeline.delivery.subscribing.MOST_OF_A_KEY", 1)
    assert desk.post("/v1/subscriptions", ASKED).status_code == 201
    assert desk.post("/v1/subscriptions", ASKED).status_code == 409


def test_deliveries_are_paged_and_the_dead_sent_again_under_their_id(client: Client) -> None:
    for _ in range(3):
        client.post("/v1/subscriptions/sub1/test", None)
    found = client.items("/v1/deliveries?limit=2")
    assert len(found) == len({item["id"] for item in found}) == 4
    (dead,) = client.items("/v1/deliveries?state=dead")
    assert dead["id"] == "msg1"
    assert client.items("/v1/deliveries?subscription=sub2") == []
    again = client.post("/v1/deliveries/msg1/replay", None).json()
    assert (again["id"], again["state"]) == ("msg1", "waiting")
    assert client.post("/v1/deliveries/msg1/replay", None).status_code == 409
    assert client.get("/v1/deliveries/msg1").json()["tried"] == []


def test_reading_alone_subscribes_to_nothing(asker: Asker) -> None:
    reader = asker(scopes=frozenset(SCOPES) - {"admin", "subscriptions:write"})
    assert reader.post("/v1/subscriptions", ASKED).status_code == 403


@pytest.mark.parametrize(
    "wrong",
    [
        {"address": "file:///etc/passwd"},
        {"address": "http://169.254.169.254/"},
        {"address": "https://example.org/\nX: y"},
        {"channel": "email", "address": "nonsense"},
        {"channel": "email", "address": "a@example.org,b@example.org"},
    ],
)
def test_what_is_no_address_is_refused_when_it_is_named(
    desk: Client, wrong: dict[str, object]
) -> None:
    answer = desk.post("/v1/subscriptions", ASKED | wrong)
    assert answer.status_code == 422
    assert [each["field"] for each in answer.json()["errors"]] == ["address"]
    assert desk.items("/v1/subscriptions") == []


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"quiet": {"begins": "22:00+05:00", "ends": "06:00"}}, "quiet.begins"),
        ({"quiet": {"begins": "22:00", "ends": "06:00Z"}}, "quiet.ends"),
        ({"quiet": {"begins": 79200, "ends": 0}}, "quiet.begins"),
        ({"digest_at": "08:00:00.5"}, "digest_at"),
        ({"digest_at": "25:00"}, "digest_at"),
    ],
)
def test_a_time_of_day_has_no_zone_and_nothing_is_stored(
    desk: Client, wrong: dict[str, object], field: str
) -> None:
    answer = desk.post("/v1/subscriptions", ASKED | wrong)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field
    assert desk.items("/v1/subscriptions") == []


@pytest.mark.parametrize(
    "written", ["v@example。org", "v@ＥXAMPLE．org", "v@example.org\u200b", "v@ex\u00adample.org"]
)
def test_a_mailbox_is_kept_in_one_writing(desk: Client, written: str) -> None:
    mail = {"channel": "email", "address": "v@example.org"}
    assert desk.post("/v1/subscriptions", ASKED | mail).status_code == 201
    again = desk.post("/v1/subscriptions", ASKED | mail | {"address": written})
    assert again.status_code == 409
    assert "within the last ten minutes" in again.json()["detail"]
