"""Tests of both clients against the real application, over a line that breaks."""

import gzip
import json
import logging
import os
import socket
import subprocess
import sys
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from inspect import signature
from io import BytesIO
from pathlib import Path
from typing import Any, get_args

import httpx
import pandas as pd
import pytest

from api.app import create_app
from ewarn.client.clients import AsyncClient, Client
from ewarn.client.errors import (
    AnswerUnreadable,
    OfflineWarning,
    RequestRefused,
    ServiceUnreachable,
)
from ewarn.client.exchange import Busy, is_worth_another_try, problem_of
from ewarn.client.questions import list_of, one_of
from ewarn.client.reads import Reads
from ewarn.domain.target import Band
from tests.api.client import Client as InProcess
from tests.api.world import LAST_ORIGIN
from tests.client.conftest import ATTEMPTS, Line
from tests.faults import Fault, altered, answering, down, reset, truncated

TOP = Path(__file__).resolve().parents[2]


def _altered(old: bytes, new: bytes) -> Fault:
    """Return a fault that changes a text in an answer, which may be compressed."""

    def change(body: bytes) -> bytes:
        is_packed = body.startswith(b"\x1f\x8b")
        text = gzip.decompress(body) if is_packed else body
        assert old in text
        changed = text.replace(old, new)
        return gzip.compress(changed) if is_packed else changed

    return altered(change)


PROBLEM = b'{"type": "https://ewarn.test/problems/busy", "title": "Busy", "detail": "Ask later."}'


def test_records_are_typed_and_pages_are_read_when_they_are_wanted(line: Line) -> None:
    client = line.client()
    scores = client.items(lambda c: c.scores(country="TGO", limit=2))
    everything = InProcess(create_app(line.world.state()), {"X-API-Key": line.key})
    assert [each.id for each in scores] == [
        each["id"] for each in everything.items("/v1/scores?country=TGO")
    ]
    assert {type(each.origin) for each in scores} == {date}
    assert all(isinstance(each.band, Band | None) for each in scores)
    before = line.proxy.connections
    with Client(line.proxy.url, line.key, cache=None) as reading:
        records = reading.scores(country="TGO", limit=2)
        assert line.proxy.connections == before
        next(iter(records))
        next(iter(records))
        assert records.first_page().notice is not None
        assert line.proxy.connections == before + 1
    few = client.items(lambda c: c.scores(fields=["region", "origin"], limit=2))
    assert few[0].origin == LAST_ORIGIN
    assert not hasattr(few[0], "band")
    alert = client.one(lambda c: c.alert("a1"))
    assert [change.kind for change in alert.timeline] == ["opened", "raised"]
    assert isinstance(alert.timeline[0].at, datetime)


def asked_for(client: Any, name: str, given: tuple[str, ...]) -> Any:
    return getattr(client, name)(*given)


def test_every_read_of_the_api_answers_in_its_shape(line: Line) -> None:
    client = line.client()
    some = {
        "score": ("1",),
        "drivers": ("1",),
        "alert": ("a1",),
        "event_versions": ("invented", "nothing/is:here"),
        "event_links": ("invented", "nothing"),
        "region": ("togo",),
        "series": ("TG-M",),
        "slowing": ("TG-M",),
        "brief": ("TGO",),
        "scorecard": ("invented",),
        "rule_version": ("c4" * 32,),
        "deployment": ("d1",),
        "recommendation": ("r1",),
    }
    missing = []
    for name, asked in vars(Reads).items():
        read = client.items if isinstance(asked, list_of) else client.one
        if isinstance(asked, list_of | one_of):
            try:
                answer = read(partial(asked_for, name=name, given=some.get(name, ())))
            except RequestRefused as refused:
                missing.append((name, refused.problem.kind))
            else:
                assert answer or isinstance(asked, list_of), name
    assert sorted(missing) == [
        ("event_links", "not-found"),
        ("event_versions", "not-found"),
        ("rule_version", "not-found"),
    ]


# What a client does not read: sealed reports, other people's subscriptions, probes, and what is not
# a record (feeds, the stream, CAP).
LEFT_OUT = {
    "/healthz", "/readyz", "/metrics", "/v1/alerts/{id}.cap", "/v1/feeds/alerts.atom", "/v1/stream",
    "/v1/deliveries", "/v1/deliveries/{id}", "/v1/subscriptions", "/v1/subscriptions/{id}",
    "/v1/reports", "/v1/reports/{id}", "/v1/reports/form", "/v1/reports/receipt",
    "/v1/regions/{id}/reports",
}  # fmt: skip
NO_FILTERS = {"cursor", "format", "hxl"}  # a client follows pages, and always reads JSON


def test_the_client_has_every_address_and_filter_of_the_document() -> None:
    document = json.loads((TOP / "tests" / "api" / "openapi.json").read_text(encoding="utf-8"))
    addresses = {
        path: {each["name"] for each in methods["get"].get("parameters", ())}
        for path, methods in document["paths"].items()
        if "get" in methods and path not in LEFT_OUT
    }
    shapes = {
        path: methods["get"]["responses"]["200"]["content"]["application/json"]["schema"]["$ref"]
        for path, methods in document["paths"].items()
        if path in addresses
    }
    for name, asked in vars(Reads).items():
        if not isinstance(asked, list_of | one_of):
            continue
        asking = signature(asked.ask).parameters
        given = [each.name for each in asking.values() if each.kind is each.POSITIONAL_OR_KEYWORD]
        given.remove("self")
        filters = {each.name for each in asking.values() if each.kind is each.KEYWORD_ONLY}
        if "filters" in asking:
            filters |= get_args(asking["filters"].annotation)[0].__annotations__.keys()
        question = asked.ask(None, *(f"{{{each}}}" for each in given))
        path = question.address.replace("%7B", "{").replace("%7D", "}").replace("{model}", "{name}")
        document_name = shapes.pop(path).rpartition("/")[2]
        assert filters == addresses[path] - NO_FILTERS - {*given, "name"}, name
        if isinstance(asked, list_of):
            items = document["components"]["schemas"][document_name]["properties"]["items"]
            document_name = items["items"]["$ref"].rpartition("/")[2]
        assert document_name == question.shape.__name__
    assert shapes == {}


def test_a_frame_has_the_columns_of_the_files_and_missing_is_not_zero(line: Line) -> None:
    reader = InProcess(create_app(line.world.state()), {"X-API-Key": line.key})
    client = line.client()
    for path, ask in (
        ("/v1/scores", lambda c: c.scores(limit=7)),
        ("/v1/alerts", lambda c: c.alerts()),
        ("/v1/forecasts", lambda c: c.forecasts()),
    ):
        frame = client.frame(ask)
        file = pd.read_parquet(BytesIO(reader.get(f"{path}?format=parquet").content))
        assert list(frame.columns) == list(file.columns)
        assert len(frame) == len(file) > 0
        assert frame.isna().sum().to_dict() == file.isna().sum().to_dict()
        assert frame["notice"].tolist() == file["notice"].tolist()
    events = client.frame(lambda c: c.events(country="TGO", fields="occurred_on,fatalities_low"))
    assert [str(each) for each in events.dtypes] == ["datetime64[us]", "Int64"]
    assert events["fatalities_low"].isna().any()
    nothing = client.frame(lambda c: c.alerts(until=date(1990, 1, 1)))
    assert len(nothing) == 0
    assert list(nothing.columns) == list(client.frame(lambda c: c.alerts()).columns)
    attributes = client.frame(lambda c: c.scores()).attrs
    assert attributes["notice"] == reader.get("/v1/scores").json()["notice"] != ""
    assert attributes["is_offline"] is False


def test_an_answer_of_a_past_moment_does_not_change(line: Line) -> None:
    client = line.client()
    day = date(2020, 1, 15)
    then = client.pages(lambda c: c.alerts(as_of=day))
    assert [each.id for each in then[0].items] == ["a0"]
    assert then[0].as_of == datetime.combine(day, time.max, UTC)
    moment = datetime(2020, 1, 15, 23, tzinfo=UTC)
    assert client.items(lambda c: c.alerts(as_of=moment)) == list(then[0].items)
    with pytest.raises(ValueError, match="as_of needs a time zone"):
        client.items(lambda c: c.alerts(as_of=datetime(2020, 1, 15)))  # noqa: DTZ001
    with pytest.raises(ValueError, match="country is empty"):
        client.items(lambda c: c.alerts(country=[]))


def test_what_did_not_change_does_not_cross_the_line_again(line: Line) -> None:
    client = line.client()
    ask = lambda c: c.scores(limit=20)  # noqa: E731
    first = client.pages(ask)
    sent: list[bytes] = []

    def spied(connection: socket.socket, answer: bytes) -> None:
        sent.append(answer)
        connection.sendall(answer)

    line.proxy.faults.extend([spied] * len(first))
    assert [page.items for page in client.pages(ask)] == [page.items for page in first]
    assert len(sent) == len(first) > 1
    assert all(answer.startswith(b"HTTP/1.1 304") and len(answer) < 640 for answer in sent)
    other = line.world.key("TGO")
    fewer = line.kind(line.proxy.url, other, cache=line.cache).items(lambda c: c.scores())
    assert {each.country for each in fewer} == {"TGO"}


@pytest.mark.parametrize(
    "faults",
    [
        [down, reset],
        [truncated, answering(503, PROBLEM, "Retry-After: 7")],
        [answering(429, b"", "Retry-After: 1"), answering(502)],
        [answering(504, b"<html>"), down],
    ],
)
def test_a_bad_line_is_tried_again(line: Line, faults: list[Any]) -> None:
    line.proxy.faults.extend(faults)
    assert line.client().one(lambda c: c.region("TGO")).name == "Togo"
    assert line.proxy.connections == ATTEMPTS


def test_a_service_that_stays_away_is_reported_with_what_it_said(line: Line) -> None:
    line.proxy.faults.extend([down] * ATTEMPTS)
    with pytest.raises(ServiceUnreachable, match=r"/v1/regions/TGO did not answer") as silent:
        line.client().one(lambda c: c.region("TGO"))
    assert silent.value.problem is None
    # It asks for a longer pause than anybody would wait for within a call: no other try is made.
    line.proxy.connections = 0
    headers = ("Content-Type: application/problem+json", "Retry-After: 3600")
    line.proxy.faults.extend([answering(503, PROBLEM, *headers)] * ATTEMPTS)
    with pytest.raises(ServiceUnreachable, match="Ask later") as busy:
        line.client().one(lambda c: c.region("TGO"))
    assert line.proxy.connections == 1
    assert busy.value.retry_after == 3600
    assert busy.value.problem is not None
    assert busy.value.problem.kind == "busy"


def test_retry_after_is_waited_for() -> None:
    problem = problem_of(httpx.Response(429))
    assert is_worth_another_try(Busy(problem, 7.0)) == 7.0
    assert is_worth_another_try(Busy(problem, None)) is True
    assert is_worth_another_try(Busy(problem, 61.0)) is False
    assert is_worth_another_try(ValueError()) is False


def test_a_refusal_is_not_tried_again_and_carries_the_problem(line: Line) -> None:
    client = line.client(offline_ok=True)
    for ask, kind, status in (
        (lambda c: c.region("XXX"), "unknown-region", 404),
        (lambda c: c.alert("none"), "not-found", 404),
        (lambda c: c.brief("TGO", language="xx"), "invalid-parameter", 422),
        (lambda c: c.series("TGO", as_of=date(2999, 1, 1)), "future-moment", 400),
    ):
        line.proxy.connections = 0
        with pytest.raises(RequestRefused) as refused:
            client.one(ask)
        problem = refused.value.problem
        assert (problem.status, line.proxy.connections) == (status, 1)
        assert problem.kind == kind
        assert problem.title
        assert problem.detail in str(refused.value)
    for fault in (answering(500, b"oops"), answering(302, b"", "Location: http://elsewhere.test/")):
        line.proxy.faults.append(fault)
        with pytest.raises(RequestRefused, match="unknown"):
            client.one(lambda c: c.status())


@pytest.mark.parametrize(
    "fault",
    [
        answering(200, b"<html>Please log in</html>", "Content-Type: text/html"),
        answering(200, b'{"items": "x"}', "Content-Type: application/json"),
        _altered(b'"TGO"', b"7"),
    ],
)
def test_an_answer_that_is_not_one_is_not_taken_for_one(line: Line, fault: Any) -> None:
    line.proxy.faults.append(fault)
    with pytest.raises(AnswerUnreadable):
        line.client(cache=None).items(lambda c: c.regions(country="TGO"))


def test_what_a_newer_service_adds_is_left_out(line: Line) -> None:
    line.proxy.faults.append(_altered(b'"id":', b'"new":1,"id":'))
    assert line.client().one(lambda c: c.region("TGO")).id == "TGO"


def test_without_a_line_the_last_answer_is_given_and_says_so(line: Line) -> None:
    ask = lambda c: c.scores(country="TGO", limit=3)  # noqa: E731
    online = line.client().pages(ask)
    line.proxy.faults.extend([down] * 100)
    with pytest.raises(ServiceUnreachable):
        line.client().items(ask)
    client = line.client(offline_ok=True)
    with pytest.warns(
        OfflineWarning, match="cannot be reached .*: this is the answer of 20"
    ) as told:
        offline = client.pages(ask)
    assert [page.items for page in offline] == [page.items for page in online]
    assert all(page.is_offline for page in offline)
    read_at = offline[0].read_at
    assert read_at is not None
    assert abs(datetime.now(UTC) - read_at) < timedelta(minutes=5)
    assert read_at.tzinfo is not None
    assert read_at in {getattr(each.message, "read_at", None) for each in told}
    with pytest.warns(OfflineWarning):
        frame = client.frame(ask)
    assert (frame.attrs["is_offline"], frame.attrs["read_at"]) == (True, read_at)
    with pytest.raises(ServiceUnreachable):
        client.items(lambda c: c.scores(country="BEN"))  # never read
    other = line.kind(line.proxy.url, line.world.key("TGO"), cache=line.cache, offline_ok=True)
    with pytest.raises(ServiceUnreachable):
        other.items(ask)  # never read with this key


def test_the_key_is_told_to_nobody(line: Line, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    secret = line.key.partition(".")[2]
    said = []
    for faults in ([down] * ATTEMPTS, [answering(401, b"no")], [answering(500, b"no")], []):
        line.proxy.faults.extend(faults)
        try:
            line.client().one(lambda c: c.status())
        except Exception as error:
            said += [repr(error), str(error), repr(error.__cause__), repr(vars(error))]
    for kind in (Client, AsyncClient):
        for client in (kind(line.proxy.url, line.key), kind(line.proxy.url, f" {line.key}\n")):
            said += [repr(client), repr(vars(client))]
        with pytest.raises(ValueError, match="not of the form") as refused:
            kind(line.proxy.url, f"{line.key}\nX-More: 1")
        said.append(str(refused.value))
    said.append(caplog.text)
    assert len(said) > 10
    assert not [each for each in said if secret in each]
    kept = [path for path in line.cache.iterdir() if secret.encode() in path.read_bytes()]
    assert kept == []
    assert all(secret not in path.name for path in line.cache.iterdir())


def test_the_client_does_not_load_the_service() -> None:
    """Nor do the commands load the client. `pandas` is loaded by those who want a frame."""
    heavy = ("pandas", "numpy", "fastapi", "sqlalchemy", "sklearn", "uvicorn", "ewarn.run", "api")
    script = f"""
import sys
import ewarn.client.clients
print([name for name in {heavy} if name in sys.modules])
before = set(sys.modules)
"""
    environment = {**os.environ, "PYTHONPATH": str(TOP)}
    run = [sys.executable, "-c", script]
    out = subprocess.run(run, env=environment, capture_output=True, text=True, check=True).stdout
    assert out == "[]\n"
