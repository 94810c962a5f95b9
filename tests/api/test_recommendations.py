"""Tests of recommendations over the API: add, import, change with evidence, export, read back."""

import io

from openpyxl import Workbook

from ewarn.domain.key import SCOPES
from tests.api.client import Client
from tests.api.fixtures import Asker
from tests.api.world import World

IMPORT = "/v1/recommendations/import"
ONE = {
    "country": "TGO",
    "body": "mission",
    "text": "=An invented one",
    "theme": "detention",
    "owner": "office",
    "given_on": "2020-01-01",
}
FILE = b"""country,body,text,owner,given_on,theme
TGO,upr,one,office,2019-11-01,assembly
GHA,upr,two,office,2019-11-01,elections
TGO,upr,three,Mr Example,2019-11-01,other
TGO,upr,four,office,2999-11-01,other
"""


def put(client: Client, body: bytes) -> dict[str, object]:
    answer = client.send("POST", IMPORT, content=body)
    assert answer.status_code == 200, answer.text
    found: dict[str, object] = answer.json()
    return found


def test_one_is_added_once_and_moves_on_with_evidence(client: Client) -> None:
    made = client.post("/v1/recommendations", ONE)
    assert made.status_code == 201
    path = f"/v1/recommendations/{made.json()['id']}"
    assert client.post("/v1/recommendations", ONE).status_code == 409
    moved = client.post(f"{path}/status", {"status": "done", "evidence": "a law"}).json()
    assert (moved["status"], moved["evidence"]) == ("done", "a law")
    assert [(each["act"], each["actor"]) for each in moved["history"]] == [
        ("added", "a test"),
        ("status", "a test"),
    ]
    assert client.get(path).json() == moved
    for body, status in (
        ({"status": "done", "evidence": " "}, 422),
        ({"status": "done"}, 422),
        ({"status": "done", "evidence": "x", "on": "2020-04-01"}, 409),
    ):
        answer = client.post(f"{path}/status", body)
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"
    assert client.get(path).json() == moved


def test_people_are_refused_by_name(client: Client) -> None:
    answer = client.post("/v1/recommendations", ONE | {"owner": "someone@example.org"})
    assert answer.status_code == 409
    assert "must be a role or an office" in answer.json()["detail"]


def test_a_file_goes_in_once_and_its_bad_rows_are_named(client: Client) -> None:
    found = put(client, FILE)
    assert (found["added"], found["unchanged"]) == (2, 0)
    rejected = found["rejected"]
    assert isinstance(rejected, list)
    assert [each["line"] for each in rejected] == [4, 5]
    again = put(client, FILE)
    assert (again["added"], again["unchanged"]) == (0, 2)
    book = Workbook()
    for line in FILE.decode().splitlines():
        book.active.append(line.split(","))  # type: ignore[union-attr]
    file = io.BytesIO()
    book.save(file)
    assert put(client, file.getvalue()) == again


def test_what_is_exported_can_be_imported_and_runs_nothing(client: Client) -> None:
    client.post("/v1/recommendations", ONE)
    text = client.get("/v1/recommendations?format=csv&body=mission").text
    assert ",'=An invented one," in text
    found = put(client, text.encode())
    assert (found["added"], found["amended"], found["unchanged"]) == (0, 0, 1), found


def test_filters_pages_and_what_is_overdue(client: Client) -> None:
    put(client, FILE)
    every = client.items("/v1/recommendations")
    assert client.items("/v1/recommendations?limit=1") == every
    assert len(every) == 3
    late = client.items("/v1/recommendations?overdue=true")
    assert [(each["id"], each["days_overdue"]) for each in late] == [("r1", 30)]
    assert [each["country"] for each in client.items("/v1/recommendations?theme=elections")] == [
        "GHA"
    ]
    assert len(client.items("/v1/recommendations?body=upr&status=open&country=TGO")) == 2
    assert client.items("/v1/recommendations?status=done") == []


def test_a_key_takes_in_its_own_countries_only(world: World, asker: Asker) -> None:
    scopes = frozenset(SCOPES) - {"admin"}
    ghana = Client(asker().app, {"X-API-Key": world.key("GHA", scopes=scopes)})
    found = put(ghana, FILE)
    assert (found["added"], len(found["rejected"])) == (1, 3)  # type: ignore[arg-type]
    assert [each["country"] for each in ghana.items("/v1/recommendations")] == ["GHA"]
    assert ghana.get("/v1/recommendations/r1").status_code == 404
    evidence = {"status": "done", "evidence": "x"}
    assert ghana.post("/v1/recommendations/r1/status", evidence).status_code == 404
    assert ghana.post("/v1/recommendations", ONE).status_code == 404
    reads = asker("TGO")
    assert reads.send("POST", IMPORT, content=FILE).status_code == 403


def test_what_is_no_list_is_a_problem(client: Client) -> None:
    for body, status, says in (
        (b"{}", 400, "has no column 'country'"),
        (b"", 400, "is empty"),
        (b"x" * (5 * 1024 * 1024 + 1), 413, "larger than 5 MiB"),
    ):
        answer = client.send("POST", IMPORT, content=body)
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"
        assert says in answer.json()["detail"]
