"""Tests of deployments over the API: the steps, and that only keys of the country see them."""

import csv
import io
from datetime import timedelta

import pytest

from ewarn.domain.time import WEEK
from ewarn.store.access import audit
from tests.api.client import Client
from tests.api.fixtures import Asker
from tests.api.world import NOW, World

STEPS = "/v1/deployments/d1/steps"


def test_from_an_alert_to_its_end_each_step_says_who_and_why(world: World, client: Client) -> None:
    asked = {"country": "TG", "playbook": "deployment", "alert_id": "a1", "reason": " force "}
    made = client.post("/v1/deployments", asked)
    assert made.status_code == 201
    said = made.json()
    assert (said["stage"], said["country"], said["alert_id"]) == ("proposed", "TGO", "a1")
    assert said["team"] == ["human-rights officer", "human-rights officer", "constitutional expert"]
    assert (said["length_weeks"], said["consent_of"]) == (17, "the Government")
    path = f"/v1/deployments/{said['id']}/steps"
    early = client.post(path, {"step": "deployed", "reason": "now"})
    assert early.status_code == 409
    assert "nobody is deployed without consent" in early.json()["detail"]
    for step in ("consent_requested", "consented", "deployed", "reviewed", "ended"):
        answer = client.post(path, {"step": step, "reason": f"why {step}"})
        assert answer.status_code == 200, answer.text
    said = answer.json()
    assert [each["kind"] for each in said["steps"]][:6] == [
        "proposed",
        "consent_requested",
        "consented",
        "deployed",
        "reviewed",
        "ended",
    ]
    assert {each["actor"] for each in said["steps"][:6]} == {"a test"}
    assert (said["steps"][0]["reason"], said["deployed_on"]) == ("force", str(NOW.date()))
    assert client.get(f"/v1/deployments/{said['id']}").json() == said
    with world.store.read() as connection:
        assert audit.broken_link(connection) is None


def test_a_free_proposal_states_team_owner_and_consent(client: Client) -> None:
    whole = {
        "country": "TGO",
        "reason": "why",
        "team": ["adviser"],
        "owner": "office",
        "consent_of": "the Government",
    }
    made = client.post("/v1/deployments", whole).json()
    assert (made["team"], made["length_weeks"], made["playbook"]) == (["adviser"], None, None)
    for name in ("team", "owner", "consent_of"):
        without = {key: value for key, value in whole.items() if key != name}
        assert client.post("/v1/deployments", without).status_code == 409, name
    mine = {"country": "TGO", "reason": "why", "playbook": "deployment", "length_weeks": None}
    assert client.post("/v1/deployments", mine).json()["length_weeks"] is None


@pytest.mark.parametrize(
    ("others", "status"),
    [
        ({"playbook": "none"}, 404),
        ({"playbook": "watch"}, 409),
        ({"alert_id": "a9"}, 404),
        ({"country": "XX"}, 404),
        ({"country": "TG-M"}, 409),
        ({"country": "GHA", "alert_id": "a1"}, 404),
        ({"owner": "Mme Example"}, 409),
        ({"on": "2020-03-03"}, 409),
        ({"reason": ""}, 422),
        ({"colour": "red"}, 422),
    ],
)
def test_what_cannot_be_proposed_is_a_problem(
    client: Client, others: dict[str, object], status: int
) -> None:
    asked = {"country": "TGO", "playbook": "deployment", "reason": "why"} | others
    answer = client.post("/v1/deployments", asked)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert len(client.items("/v1/deployments")) == 1


def test_other_countries_and_other_scopes_are_kept_out(world: World, asker: Asker) -> None:
    app = asker().app

    def key(*countries: str, scopes: tuple[str, ...]) -> Client:
        return Client(app, {"X-API-Key": world.key(*countries, scopes=scopes)})

    step = {"step": "withdrawn", "reason": "why"}
    reads = key("TGO", scopes=("deployments:read",))
    assert reads.get("/v1/deployments/d1").status_code == 200
    assert reads.post(STEPS, step).status_code == 403
    both = ("deployments:read", "deployments:write")
    other = key("GHA", scopes=both)
    assert other.get("/v1/deployments/d1").status_code == 404
    assert other.get("/v1/deployments").json()["items"] == []
    assert other.get("/v1/deployments?country=TGO").status_code == 404
    assert other.post(STEPS, step).status_code == 404
    mine = {"country": "TGO", "playbook": "deployment", "reason": "why"}
    assert other.post("/v1/deployments", mine).status_code == 404
    assert key("TGO", scopes=both).post(STEPS, step).json()["stage"] == "withdrawn"


def test_pages_and_past_days(world: World, client: Client) -> None:
    for _ in range(3):
        asked = {"country": "BEN", "playbook": "technical-cooperation", "reason": "why"}
        client.post("/v1/deployments", asked)
    every = client.items("/v1/deployments")
    assert client.items("/v1/deployments?limit=1") == every
    assert [each["id"] for each in every][-1] == "d1"
    assert len(client.items("/v1/deployments?country=BEN&stage=proposed")) == 3
    then = (NOW - timedelta(days=1)).date()
    assert [each["id"] for each in client.items(f"/v1/deployments?as_of={then}")] == ["d1"]
    world.clock.now = NOW + WEEK
    client.post(STEPS, {"step": "withdrawn", "reason": "why"})
    past = client.get(f"/v1/deployments/d1?as_of={NOW.date()}").json()
    assert (past["stage"], len(past["steps"])) == ("proposed", 1)
    assert client.get("/v1/deployments/d1?as_of=2020-01-01").status_code == 404


def test_a_file_holds_all_pages_with_one_row_for_each(world: World, client: Client) -> None:
    client.post("/v1/deployments", {"country": "TG", "playbook": "deployment", "reason": "why"})
    text = client.get("/v1/deployments?format=csv").text
    rows = {each["id"]: each for each in csv.DictReader(io.StringIO(text.lstrip("\ufeff")))}
    assert rows.keys() == {each["id"] for each in client.items("/v1/deployments?limit=1")}
    assert len(rows) == 2
    row = rows["d1"]
    assert (row["country_name"], row["stage"], row["team"]) == (
        "Togo",
        "proposed",
        "officer;officer",
    )
    assert (row["effect"], row["deployed_on"]) == ("", "")


def test_a_silence_leaves_its_acts_in_the_audit_trail(world: World, client: Client) -> None:
    ends = (NOW + WEEK).isoformat()
    made = client.post(
        "/v1/silences", {"reason": "repairs", "ends_at": ends, "countries": ["TGO"]}
    ).json()
    for _ in range(2):
        client.send("POST", f"/v1/silences/{made['id']}/end")
    with world.store.read() as connection:
        story = audit.history(connection, audit.SILENCE, made["id"], NOW)
        assert audit.broken_link(connection) is None
    assert [(each.act.act, each.act.actor, each.act.reason) for each in story] == [
        ("added", "a test", "repairs"),
        ("ended", "a test", "ended before its time"),
    ]
