"""Tests of the routes of field reports, from sending to erasing."""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from api.app import create_app
from ewarn.pipeline.service import Service
from ewarn.protect.sealing import AesSealer
from ewarn.store.access import audit
from ewarn.store.access.audit import FIELD_REPORT
from ewarn.store.database.cuts import Cut
from ewarn.store.events.counts import disagreements
from ewarn.store.events.event_queries import EventFilter, current
from ewarn.store.tables.access import audit as audit_table
from ewarn.store.tables.reports import field_report, field_report_key
from ingest.reports.source import ReportsSource
from tests.api.client import Client
from tests.api.reported import ATTEMPT, BODY, observer, officer, send, state_of
from tests.api.world import LICENCE, NOW, OFFICE, REPORT, World
from tests.ingest.kobo.provider import CONDITIONS

Asker = Callable[..., Client]
COUNTED = {"reason": "own staff saw it too"}
REFUSED = {"reason": "nothing confirms it"}
ERASED = {"reason": "it endangers a person"}


@pytest.fixture(autouse=True)
def empty(world: World) -> None:
    """Let each test begin without the report of the world."""
    with world.store.write() as connection:
        connection.execute(field_report_key.delete())
        connection.execute(field_report.delete())


def sent(asker: Asker, **others: Any) -> tuple[str, str]:
    """Send a report. Return its id and receipt code."""
    before = {item["id"] for item in officer(asker).items("/v1/reports")}
    attempt = f"attempt-{time.monotonic_ns():020d}"
    receipt = send(observer(asker), attempt, **others).json()["receipt"]
    (id_,) = {item["id"] for item in officer(asker).items("/v1/reports")} - before
    return id_, receipt


def events_of(world: World) -> list[tuple[Any, ...]]:
    """The events of reports, as they stand now."""
    with world.store.read() as connection:
        found = current(connection, Cut(), EventFilter(sources=("reports",)))
        late = NOW + timedelta(days=365)
        assert disagreements(connection, as_of=late, recorded_by=late) == {}
    return [(e.kind, str(e.occurred_on), e.region, e.arrests, e.summary, e.place) for e in found]


def test_a_report_is_sent_once_however_often_it_is_repeated(world: World, asker: Asker) -> None:
    phone = observer(asker)
    first, again = send(phone), send(phone)
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    assert first.headers["cache-control"] == "no-store"
    assert len(officer(asker).items("/v1/reports")) == 1
    other = send(phone, text="Something else")
    assert other.status_code == 409
    assert "Something else" not in other.text
    # The attempt of another observer is another one, also under the same idempotency key.
    assert send(observer(asker)).json() != first.json()


def test_the_receipt_alone_says_what_became_of_it(world: World, asker: Asker) -> None:
    id_, receipt = sent(asker)
    phone, office = observer(asker), officer(asker)
    assert state_of(phone, receipt) == "received"
    assert state_of(phone, receipt.replace("-", " ").lower()) == "received"
    assert state_of(phone, "ABCDE-FGHIJ-KLMNO-PQRST") == 404
    said = []
    for act, body in (("verify", COUNTED), ("reject", REFUSED), ("erase", ERASED)):
        world.clock.now += timedelta(hours=1)
        assert office.post(f"/v1/reports/{id_}/{act}", body).status_code == 200
        said.append(state_of(phone, receipt))
    assert said == ["counted", "not counted", "erased"]
    answer = phone.get("/v1/reports/receipt", {"X-Ewarn-Receipt": receipt})
    assert answer.json() == {"state": "erased"}


def test_who_verifies_reads_the_text_and_that_is_recorded(world: World, asker: Asker) -> None:
    id_, _ = sent(asker)
    office = officer(asker)
    (listed,) = office.items("/v1/reports")
    assert (listed["kind"], listed["week"], listed["arrests"]) == ("arrest", "2020-02-17", 4)
    assert "text" not in listed
    assert acts_on(world, id_) == []
    found = office.get(f"/v1/reports/{id_}")
    assert (found.json()["text"], found.json()["sent_by"]) == (BODY["text"], "a test")
    assert found.headers["cache-control"] == "no-store"
    assert acts_on(world, id_) == ["read"]
    office.post(f"/v1/reports/{id_}/verify", COUNTED)
    assert acts_on(world, id_) == ["read", "counted"]
    with world.store.read() as connection:
        assert audit.broken_link(connection) is None


def acts_on(world: World, id_: str) -> list[str]:
    """The acts on a report in the audit trail, none of which repeats what it holds."""
    with world.store.read() as connection:
        found = audit.history(connection, FIELD_REPORT, id_, world.clock.now)
    assert not any(each.act.after or "invented report" in each.act.reason for each in found)
    return [each.act.act for each in found]


@pytest.mark.parametrize(
    ("countries", "others"),
    [
        (("GHA",), {}),
        (("TGO",), {"licences": ()}),
        (("TGO",), {"licences": ("office:accra",)}),
    ],
    ids=["another country", "no licence", "another office"],
)
def test_who_is_not_of_the_office_finds_no_report(
    world: World, asker: Asker, countries: tuple[str, ...], others: dict[str, Any]
) -> None:
    id_, _ = sent(asker)
    other = officer(asker, *countries, **others)
    assert other.items("/v1/reports?state=received,counted") == []
    answers = [other.get(f"/v1/reports/{id_}"), other.post(f"/v1/reports/{id_}/verify", COUNTED)]
    unknown = other.get("/v1/reports/report-0")
    assert {(answer.status_code, answer.text) for answer in answers} == {(404, unknown.text)}
    assert acts_on(world, id_) == []


@pytest.mark.parametrize("scope", ["admin", "reports:write", "events:read"])
def test_no_other_scope_reads_reports(world: World, asker: Asker, scope: str) -> None:
    id_, _ = sent(asker)
    other = asker(scopes=(scope,), licences=(LICENCE,))
    for answer in (other.get("/v1/reports"), other.get(f"/v1/reports/{id_}")):
        assert (answer.status_code, answer.json()["scope"]) == (403, ["reports:verify"])


def test_a_counted_report_is_an_event_and_leaves_when_it_is_refused(
    world: World, asker: Asker
) -> None:
    id_, _ = sent(asker)
    office = officer(asker)
    assert events_of(world) == []
    assert office.post(f"/v1/reports/{id_}/verify", COUNTED).json()["state"] == "counted"
    assert events_of(world) == [("arrest", "2020-02-17", "TG-M", 4, None, None)]
    assert office.post(f"/v1/reports/{id_}/verify", COUNTED).status_code == 409
    world.clock.now += timedelta(hours=1)
    assert office.post(f"/v1/reports/{id_}/reject", REFUSED).status_code == 200
    assert events_of(world) == []
    world.clock.now += timedelta(hours=1)
    assert office.post(f"/v1/reports/{id_}/verify", COUNTED).status_code == 200
    assert len(events_of(world)) == 1
    # Erasing destroys the text and leaves what counts.
    erased = office.post(f"/v1/reports/{id_}/erase", ERASED).json()
    assert (erased["state"], erased["kind"], erased["arrests"]) == ("erased", None, None)
    assert office.get(f"/v1/reports/{id_}").json()["text"] is None
    assert office.post(f"/v1/reports/{id_}/reject", REFUSED).status_code == 409
    assert len(events_of(world)) == 1


def test_outside_the_office_a_count_under_five_looks_the_same_as_none(
    world: World, asker: Asker
) -> None:
    reader, office = asker("TGO"), officer(asker)
    before = reader.get("/v1/regions/TG-M/reports?weeks=3")
    for number in range(1, 12):
        id_, _ = sent(asker, region="TG-M")
        office.post(f"/v1/reports/{id_}/verify", COUNTED)
        shown = reader.get("/v1/regions/TG-M/reports?weeks=3")
        cells = {(each["week"], each["kind"]): each for each in shown.json()["items"]}
        cell = cells["2020-02-17", "arrest"]
        assert (cell["count"], cell["suppressed"]) == (number // 5 * 5 or None, number < 5)
        if number < 5:
            assert shown.text == before.text
    assert [each for each in cells.values() if not each["suppressed"]] == [cell]
    # No total is shown from which a suppressed count could be computed.
    whole = reader.get("/v1/regions/TGO/reports?weeks=3").json()["items"]
    assert {each["count"] for each in whole} == {None}
    table = reader.get("/v1/regions/TG-M/reports?format=csv").text
    assert "TG-M,2020-02-17,arrest,10,false" in table
    assert "TG-M,2020-02-17,riot,,true" in table
    assert asker("GHA").get("/v1/regions/TG-M/reports").status_code == 404


def test_rows_and_single_counts_stay_in_the_office(world: World, asker: Asker) -> None:
    world.terms["reports"] = world.service().sources["reports"].terms
    id_, _ = sent(asker)
    officer(asker).post(f"/v1/reports/{id_}/verify", COUNTED)
    inside, outside = asker("TGO", licences=(LICENCE,)), asker("TGO")
    counts = {
        each["signal"]: sum(filter(None, each["counts"]))
        for each in inside.get("/v1/regions/TG-M/series").json()["series"]
    }
    assert counts["reports:arrest"] == 1
    assert "reports:" not in outside.get("/v1/regions/TG-M/series").text
    for client in (inside, outside):
        assert client.items("/v1/events?source=reports") == []


@pytest.mark.parametrize(
    ("changed", "fields"),
    [
        ({"kind": "Kossi Mensah"}, ["kind"]),
        ({"week": "+228 90 11 22 33"}, ["week"]),
        ({"week": "2031-01-06"}, ["week"]),
        ({"arrests": "Kossi Mensah"}, ["arrests"]),
        ({"arrests": 90112233}, ["arrests"]),
        ({"arrests": -1}, ["arrests"]),
        ({"text": "Kossi Mensah" * 600}, ["text"]),
        ({"text": "Kossi\x00Mensah"}, ["text"]),
        ({"Kossi Mensah": "6.1319"}, ["body"]),
        ({"region": None}, ["region"]),
    ],
)
def test_what_is_wrong_is_named_and_never_quoted(
    world: World, asker: Asker, changed: dict[str, Any], fields: list[str]
) -> None:
    answer = send(observer(asker), **changed)
    assert answer.status_code == 422
    assert [each["field"] for each in answer.json()["errors"]] == fields
    for part in ("Kossi", "Mensah", "90", "6.13"):
        assert part not in answer.text


@pytest.mark.parametrize(
    "body", [b'{"Kossi":1,"Kossi":2}', b"Kossi", b'{"text":"\xff"}', b"[" * 99, b'"Kossi"']
)
def test_a_body_that_is_no_report_is_not_quoted(world: World, asker: Asker, body: bytes) -> None:
    headers = {"Idempotency-Key": ATTEMPT, "Content-Type": "application/json"}
    answer = observer(asker).send("POST", "/v1/reports", headers, content=body)
    assert answer.status_code == 422
    assert [each["field"] for each in answer.json()["errors"]] == ["body"]
    assert "Kossi" not in answer.text


def test_a_report_needs_an_attempt_and_a_region_of_the_key(world: World, asker: Asker) -> None:
    phone = observer(asker)
    assert phone.send("POST", "/v1/reports", json=BODY).status_code == 422
    assert send(phone, "short").status_code == 422
    for region in ("GH-AA", "Rue Kossi 12"):
        answer = send(phone, region=region)
        assert (answer.status_code, region in answer.text) == (404, False)
    assert send(observer(asker, "GHA"), region="GH-AA").status_code == 201
    form = phone.get("/v1/reports/form?language=fr").json()
    assert [each["id"] for each in form["countries"]] == ["TGO"]
    names = [each["name"] for each in form["countries"][0]["regions"]]
    assert (names, form["day"]) == (sorted(names), "2020-03-02")


def test_a_fault_of_the_service_is_neither_shown_nor_logged_in_its_words(
    world: World, asker: Asker, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ValueError("Kossi Mensah")

    monkeypatch.setattr("api.routes.reports.submission.submit", fail)
    answer = send(observer(asker))
    assert answer.status_code == 500
    logged = capsys.readouterr()
    assert "a report could not be handled" in logged.out + logged.err
    assert "Kossi" not in answer.text + logged.out + logged.err


@pytest.mark.parametrize("reason", ["because Kossi said so", "nothing confirms it", ""])
def test_a_reason_is_from_the_list(world: World, asker: Asker, reason: str) -> None:
    id_, _ = sent(asker)
    answer = officer(asker).post(f"/v1/reports/{id_}/verify", {"reason": reason})
    assert answer.status_code == 422
    assert "Kossi" not in answer.text


@pytest.mark.parametrize(
    ("without", "named"),
    [
        ({"sources": {}}, "EWARN_SOURCES"),
        ({"sealer": None}, "EWARN_PROTECTION_KEY"),
        ({"sources": {"reports": ReportsSource(protection=CONDITIONS)}}, "EWARN_REPORTS_OFFICE"),
        ({"sources": {"reports": ReportsSource(office=OFFICE)}}, "EWARN_DATA_CONTROLLER"),
    ],
)
def test_until_everything_is_set_nothing_is_accepted(
    world: World, without: dict[str, Any], named: str
) -> None:
    service: Service = replace(world.service(), **without)
    client = Client(create_app(world.state(service=service)))
    key = world.key("TGO", scopes=("reports:write", "reports:verify", "events:read"))
    client.headers["X-API-Key"] = key
    answers = [
        send(client),
        client.get("/v1/reports/form"),
        client.get("/v1/reports"),
        client.get("/v1/regions/TG-M/reports"),
        client.get("/v1/reports/receipt", {"X-Ewarn-Receipt": "x"}),
        client.post(f"/v1/reports/{REPORT}/verify", COUNTED),
    ]
    assert {answer.status_code for answer in answers} == {503}
    assert named in answers[0].json()["detail"]
    page = client.get("/report?lang=fr")
    assert (page.status_code, "ne sont pas acceptés" in page.text) == (503, True)
    with world.store.read() as connection:
        assert connection.scalar(select(func.count()).select_from(field_report)) == 0


def test_what_another_key_sealed_is_listed_and_not_opened(world: World, asker: Asker) -> None:
    id_, _ = sent(asker)
    service = replace(world.service(), sealer=AesSealer(b"y" * 32))
    office = officer(asker)
    changed = Client(create_app(world.state(service=service)), office.headers)
    (listed,) = changed.items("/v1/reports")
    assert (listed["id"], listed["kind"]) == (id_, None)
    answer = changed.get(f"/v1/reports/{id_}")
    assert (answer.status_code, "EWARN_PROTECTION_KEY" in answer.text) == (409, True)
    assert acts_on(world, id_) == []


def test_reports_come_in_pages(world: World, asker: Asker) -> None:
    ids = [sent(asker)[0] for _ in range(5)]
    office = officer(asker)
    assert sorted(ids) == [each["id"] for each in office.items("/v1/reports?limit=2")]
    office.post(f"/v1/reports/{ids[0]}/reject", REFUSED)
    assert len(office.items("/v1/reports")) == 4
    assert len(office.items("/v1/reports?state=received,not counted")) == 5


def test_nothing_in_clear_says_who_sent_a_report_or_when(world: World, asker: Asker) -> None:
    phone = asker("TGO", scopes=("reports:write",))
    world.clock.now = NOW.replace(hour=17, minute=43)
    send(phone)
    prefix = phone.headers["X-API-Key"].partition(".")[0]
    with world.store.read() as connection:
        (row,) = connection.execute(select(field_report)).all()
        acts = connection.execute(
            select(audit_table).where(audit_table.c.about == FIELD_REPORT)
        ).all()
    assert acts == []
    assert prefix not in repr(row)
    assert "17:43" not in repr(row)
    assert (row.received_on, row.country) == (NOW.date(), "TGO")
    for path in Path(str(world.store.url.database)).parent.iterdir():
        assert BODY["text"].encode() not in path.read_bytes()


def test_the_worker_changes_with_what_it_stores(world: World) -> None:
    client = Client(create_app(world.state()))
    first = client.get("/report/worker.js")
    assert first.headers["service-worker-allowed"] == "/report"
    assert client.get("/report/worker.js").text == first.text
    changed = replace(world.service(), controller="Another office")
    other = Client(create_app(world.state(service=changed)))
    assert other.get("/report/worker.js").text != first.text
    for path in ("/report", "/page/report.js", "/page/report.css"):
        assert client.get(path).headers["cache-control"] == "no-store", path
