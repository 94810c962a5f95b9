"""Tests of acts on alerts: by which key, in which countries, recorded, and notified once."""

from ewarn.store.alerts import alerts
from ewarn.store.delivery import notifications
from tests.api.client import Client
from tests.api.fixtures import Asker
from tests.api.world import World


def test_what_is_done_is_recorded_with_who_and_why(world: World, client: Client) -> None:
    said = client.post("/v1/alerts/a1/acknowledge", {"reason": "calling"}).json()
    assert (said["state"], said["acknowledged_by"]) == ("acknowledged", "a test")
    assert (said["timeline"][-1]["kind"], said["timeline"][-1]["reason"]) == (
        "acknowledged",
        "calling",
    )
    judged = client.post(
        "/v1/alerts/a1/assess", {"finding": "true alarm", "reason": "it came"}
    ).json()
    assert judged["assessment"] == "true alarm"
    closed = client.post("/v1/alerts/a1/close", {"reason": "over"}).json()
    assert (closed["state"], closed["acknowledged_by"]) == ("closed", "a test")
    assert client.get("/v1/alerts/a1").json() == closed
    with world.store.read() as connection:
        assert alerts.broken_link(connection) is None
        assert alerts.inconsistent_alerts(connection, world.clock()) == []


def test_a_close_is_told_and_an_acknowledgement_is_not(world: World, client: Client) -> None:
    def waiting() -> list[str]:
        with world.store.read() as connection:
            return notifications.recipients_due(connection, world.clock.now)

    client.post("/v1/alerts/a1/acknowledge", {})
    assert waiting() == []
    client.post("/v1/alerts/a1/close", {"reason": "over"})
    assert waiting() != []


def test_what_cannot_be_done_says_why_and_changes_nothing(client: Client) -> None:
    client.post("/v1/alerts/a1/acknowledge", {})
    again = client.post("/v1/alerts/a1/acknowledge", {})
    assert again.status_code == 409
    assert again.json()["detail"] == "a1 was acknowledged before, by a test."
    before = client.get("/v1/alerts/a1").json()
    for act, body in (
        ("close", {"reason": " "}),
        ("assess", {"finding": "unclear", "reason": " "}),
        ("close", {}),
        ("close", {"reason": "x", "colour": "red"}),
        ("assess", {"finding": "sure", "reason": "x"}),
    ):
        wrong = client.post(f"/v1/alerts/a1/{act}", body)
        assert wrong.status_code == 422
        assert wrong.headers["content-type"] == "application/problem+json"
    assert client.get("/v1/alerts/a1").json() == before


def test_only_a_key_that_may_act_acts_and_only_on_its_countries(world: World, asker: Asker) -> None:
    reads = asker("TGO")
    assert reads.post("/v1/alerts/a1/acknowledge", {}).status_code == 403
    ghana = Client(reads.app, {"X-API-Key": world.key("GHA", scopes=("alerts:act",))})
    assert ghana.post("/v1/alerts/a1/acknowledge", {}).status_code == 404
    togo = Client(reads.app, {"X-API-Key": world.key("TGO", scopes=("alerts:act",))})
    assert togo.post("/v1/alerts/a1/acknowledge", {}).status_code == 200
