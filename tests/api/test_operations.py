"""Tests of what operators rely on: ids, the access log, readiness, metrics and their dashboard."""

import json
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from api.app import create_app
from ewarn.domain.delivery import Message, Outcome, Receipt
from ewarn.domain.key import SCOPES
from ewarn.store.access import keys
from ewarn.store.database.engine import Store
from ewarn.store.delivery import outbox
from tests.api.client import Client
from tests.api.world import NOW, World, filled

DASHBOARD = Path(__file__).resolve().parents[2] / "docs" / "grafana" / "ewarn.json"
RECEIPT = Receipt(Outcome.DELIVERED, "ok")
# Present only while something is wrong, or while a worker runs.
SOMETIMES = {
    "ewarn_job_failed",
    "ewarn_leader_lease_seconds",
    "ewarn_heartbeat_timestamp_seconds",
    "ewarn_source_last_success_timestamp_seconds",
}
SEEN = "/v1/scores?country=TGO"


@pytest.fixture
def lines() -> list[bytes]:
    return []


@pytest.fixture
def logged(world: World, lines: list[bytes]) -> Client:
    """A client of a service that writes its access log into `lines`."""
    app = create_app(world.state(access_log=lines.append))
    return Client(app, {"X-API-Key": world.key(scopes=set(SCOPES) - {"admin"})})


def test_a_request_has_an_id_that_clients_may_give(logged: Client, lines: list[bytes]) -> None:
    given = logged.get(SEEN, {"X-Request-Id": "desk-2026-11-30.1"})
    made = [logged.get(SEEN).headers["x-request-id"] for _ in range(3)]
    refused = logged.get(SEEN, {"X-Request-Id": "an id <with> blanks"}).headers["x-request-id"]
    assert given.headers["x-request-id"] == "desk-2026-11-30.1"
    assert len({each[:4] for each in (*made, refused)}) > 1, "ids that do not count requests"
    assert len({*made, refused}) == 4
    assert [json.loads(line)["request_id"] for line in lines] == [
        "desk-2026-11-30.1",
        *made,
        refused,
    ]


def test_the_access_log_says_who_used_which_route_and_not_what_for(
    logged: Client, lines: list[bytes]
) -> None:
    logged.get("/v1/alerts/who-knows-what?as_of=2020-02-02")
    logged.get(SEEN, {"X-API-Key": "ew0.wrong"})
    logged.get("/wp-admin")
    said = [json.loads(line) for line in lines]
    prefix = logged.headers["X-API-Key"].partition(".")[0]
    assert [(each["method"], each["route"], each["status"], each["key"]) for each in said] == [
        ("GET", "/v1/alerts/{id}", 404, prefix),
        ("GET", "/v1/scores", 401, None),
        ("GET", "unknown", 404, None),
    ]
    together = b"".join(lines).decode()
    secrets = ("who-knows", "2020-02-02", "TGO", "wrong", logged.headers["X-API-Key"].split(".")[1])
    assert not [each for each in secrets if each in together]
    assert all(line.endswith(b"\n") and line.count(b"\n") == 1 for line in lines)


def test_nobody_learns_from_log_and_metrics_when_an_observer_wrote(
    logged: Client, lines: list[bytes]
) -> None:
    logged.post("/v1/reports", {"kind": "arrest"})
    logged.get("/v1/reports/receipt")
    logged.get("/report")
    assert lines == []
    logged.get(SEEN)
    counted = re.findall(
        r'^ewarn_requests_total.route="([^"]*)"', logged.get("/metrics").text, re.M
    )
    assert counted == ["/v1/scores"]


def test_an_unexpected_error_names_its_id(
    world: World, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("an invented secret")

    monkeypatch.setattr("api.routes.alerts.alert_pages.page", broken)
    answer = client.get("/v1/alerts")
    assert (answer.status_code, "secret" in answer.text) == (500, False)
    assert answer.headers["x-request-id"] in answer.json()["detail"]


def test_readiness_says_what_is_wrong_and_nothing_of_the_database(
    world: World, tmp_path: Path
) -> None:
    empty = Store(f"sqlite:///{tmp_path}/empty.db")
    gone = Store("postgresql://ewarn:an-invented-secret@127.0.0.1:1/nowhere")
    details = []
    for store in (empty, gone):
        answer = Client(create_app(replace(world.state(), store=store))).get("/readyz")
        assert answer.status_code == 503
        assert not re.search("empty.db|nowhere|secret|127", answer.text)
        details.append(answer.json()["detail"])
        store.dispose()
    assert ("ewarn migrate" in details[0], "does not answer" in details[1]) == (True, True)


def test_metrics_say_how_old_scores_are_and_what_came_late(world: World, client: Client) -> None:
    quick, slow = (
        Message(name, "log", "desk", "s", "t", {"items": []}, NOW - timedelta(days=1))
        for name in ("quick", "slow")
    )
    for message, waited in ((quick, 1), (slow, 20)):
        at = message.created_at + timedelta(minutes=waited)
        with world.store.write() as connection:
            outbox.enqueue(connection, [("log:desk", message)])
            (leased,) = outbox.lease(connection, at, limit=1, duration=timedelta(minutes=1))
            delivered = outbox.AttemptResult(leased, RECEIPT, at, outbox.DELIVERED)
            outbox.record_results(connection, [delivered])
    text = client.get("/metrics").text
    assert 'ewarn_delivered_messages{when="in_time"} 1.0' in text
    assert 'ewarn_delivered_messages{when="late"} 1.0' in text
    assert 'ewarn_score_age_seconds{source="invented"} 43200.0' in text


def test_the_dashboard_asks_for_metrics_that_exist(world: World, client: Client) -> None:
    dashboard = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    known = set(re.findall(r"^# TYPE (\S+)", client.get("/metrics").text, re.MULTILINE))
    known |= {f"{name}_bucket" for name in known}
    asked = [
        name
        for panel in dashboard["panels"]
        for target in panel["targets"]
        for name in re.findall(r"ewarn_\w+", target["expr"])
    ]
    assert len(asked) > 12
    assert set(asked) - known - SOMETIMES == set()
    assert len({panel["id"] for panel in dashboard["panels"]}) == len(dashboard["panels"])
    assert all(panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24 for panel in dashboard["panels"])


def test_processes_on_one_database_see_what_another_does(postgresql_url: str) -> None:
    stores = [Store(postgresql_url) for _ in range(2)]
    world = filled(stores[0])
    key = world.key()
    others = World(stores[1], clock=world.clock)
    clients = [Client(create_app(each.state()), {"X-API-Key": key}) for each in (world, others)]
    for client in clients:
        assert client.get(SEEN).status_code == 200
    with stores[1].write() as connection:
        keys.revoke(connection, key.partition(".")[0], NOW)
    assert [client.get(SEEN).status_code for client in clients] == [401, 401]
    for store in stores:
        store.dispose()
