"""Tests of bodies: the key is checked first, a large body is not read, and texts are checked."""

import asyncio
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from api.app import create_app
from api.routes import rule_trials
from api.routing.key_first import MOST_BYTES
from ewarn.domain.key import SCOPES
from ewarn.languages.catalogues import LANGUAGES
from ewarn.response import sheets
from tests.api.client import Client
from tests.api.world import World

SILENCE = {
    "reason": "An invented one.",
    "ends_at": "2020-03-09T00:00:00Z",
    "targets": ["force"],
}
WRITES: dict[str, dict[str, Any]] = {
    "/v1/silences": SILENCE | {"regions": ["TG-M"], "rules": ["force-country"]},
    "/v1/alerts/a1/acknowledge": {"reason": "x"},
    "/v1/alerts/a1/assess": {"finding": "unclear", "reason": "x"},
    "/v1/alerts/a1/close": {"reason": "x"},
    "/v1/deployments": {
        "country": "TGO",
        "reason": "x",
        "playbook": "deployment",
        "team": ["officer"],
        "owner": "office",
        "consent_of": "the Government",
        "preconditions": ["x"],
    },
    "/v1/deployments/d1/steps": {"step": "consent_requested", "reason": "x"},
    "/v1/recommendations": {
        "country": "TGO",
        "body": "upr",
        "text": "x",
        "owner": "office",
        "reference": "x",
        "addressee": "x",
        "given_on": "2019-11-01",
    },
    "/v1/recommendations/r1/status": {"status": "done", "evidence": "x"},
    "/v1/subscriptions": {"channel": "webhook", "address": "https://example.org/in", "zone": "UTC"},
    "/v1/subscriptions/sub2/verify": {"code": "x"},
    "/v1/rules/dry-run": {"region": "TG-M", "target": "force", "source": "x"},
    "/v1/rules/trial": {"rules": "x", "from": "2020-01-01", "to": "2020-02-29"},
}
IMPORT = "/v1/recommendations/import"
LARGER = {IMPORT: sheets.MOST_BYTES, "/v1/rules/trial": rule_trials.MOST_BYTES}
# Escaped as in JSON, so that they reach the service as characters.
NO_TEXTS = {
    "half a character": "\\ud800",
    "NUL": "\\u0000",
    "escape": "\\u001b[31m",
    "turned round": "\\u202eexe",
    "invisible": "\\udb40\\udc41",
}


def asked_raw(world: World, path: str, headers: dict[str, str], *parts: bytes) -> tuple[int, int]:
    """Return the status of a POST, and how many parts of its body were read."""
    given, statuses = iter(parts), list[int]()
    read = 0

    async def receive() -> dict[str, Any]:
        nonlocal read
        read += 1
        part = next(given, b"")
        return {"type": "http.request", "body": part, "more_body": bool(part)}

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "POST",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(name.lower().encode(), text.encode()) for name, text in headers.items()],
        "scheme": "http",
        "server": ("ewarn.test", 80),
        "client": ("127.0.0.1", 1),
        "root_path": "",
    }
    asyncio.run(create_app(world.state())(scope, receive, send))  # type: ignore[arg-type]
    return statuses[0], read


@pytest.mark.parametrize("path", [*WRITES, IMPORT, "/v1/push/kobo"])
def test_without_a_key_not_one_byte_of_a_body_is_read(world: World, path: str) -> None:
    assert asked_raw(world, path, {"Content-Type": "application/json"}, b"{") == (401, 0)


@pytest.mark.parametrize("path", [*WRITES, IMPORT])
def test_a_body_is_read_up_to_its_limit(world: World, client: Client, path: str) -> None:
    most = LARGER.get(path, MOST_BYTES)
    part = b" " * (most // 4)
    assert asked_raw(world, path, client.headers, *[part] * 100) == (413, 5)
    declared = client.headers | {"Content-Length": str(most + 1)}
    assert asked_raw(world, path, declared, part) == (413, 0)
    answer = client.send("POST", path, content=b" " * (most + 1))
    assert answer.status_code == 413
    assert answer.json()["type"] == "/problems#body-too-large"


def texts_of(body: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Return the path to each text in a body."""
    if isinstance(body, str):
        yield at
    elif isinstance(body, dict | list):
        for key, inner in body.items() if isinstance(body, dict) else enumerate(body):
            yield from texts_of(inner, (*at, key))


def with_text(body: Any, way: tuple[Any, ...], text: str) -> Any:
    """Return a copy of a body with another text at a path."""
    copied = json.loads(json.dumps(body))
    inner = copied
    for key in way[:-1]:
        inner = inner[key]
    inner[way[-1]] = text
    return copied


@pytest.mark.parametrize("hostile", NO_TEXTS)
@pytest.mark.parametrize("path", WRITES)
def test_what_is_no_text_is_refused_wherever_it_stands(
    client: Client, path: str, hostile: str
) -> None:
    for way in texts_of(WRITES[path]):
        body = json.dumps(with_text(WRITES[path], way, "HERE"))
        content = body.replace("HERE", f"a{NO_TEXTS[hostile]}b").encode()
        answer = client.send("POST", path, {"Content-Type": "application/json"}, content=content)
        assert answer.status_code == 422, (way, answer.text)
        assert answer.json()["type"] == "/problems#invalid-body"
        assert answer.json()["errors"][0]["field"].split(".")[0] == way[0]


@pytest.mark.parametrize("hostile", NO_TEXTS.values())
def test_what_is_no_text_is_no_name_of_a_field_either(client: Client, hostile: str) -> None:
    content = f'{{"reason": "x", "a{hostile}b": 1, "ends_at": "2020-03-09T00:00:00Z"}}'.encode()
    answer = client.send(
        "POST", "/v1/silences", {"Content-Type": "application/json"}, content=content
    )
    assert answer.status_code == 422
    assert answer.json()["type"] == "/problems#invalid-body"


@pytest.mark.parametrize(
    ("path", "field", "fitting"),
    [
        ("/v1/silences", "countries", 300),
        ("/v1/silences", "regions", 300),
        ("/v1/silences", "rules", 100),
        ("/v1/subscriptions", "countries", 300),
        ("/v1/subscriptions", "regions", 300),
        ("/v1/deployments", "team", 50),
        ("/v1/deployments", "preconditions", 50),
    ],
)
def test_a_list_has_a_length_and_nothing_twice(
    client: Client, path: str, field: str, fitting: int
) -> None:
    many = [f"x{number}" for number in range(fitting + 1)]
    for values, said in ((many, f"at most {fitting} items"), (["x", "x"], "more than once")):
        answer = client.post(path, WRITES[path] | {field: values})
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["field"] == field
        assert said in answer.json()["errors"][0]["detail"]


def test_a_target_is_named_once(client: Client) -> None:
    answer = client.post("/v1/silences", SILENCE | {"targets": ["force", "force"]})
    assert answer.json()["errors"] == [
        {"field": "targets", "detail": "force is given more than once"}
    ]


def test_texts_are_kept_composed_and_trimmed(client: Client) -> None:
    made = client.post("/v1/silences", SILENCE | {"reason": " Lome\u0301,\r\ntwo lines \n"}).json()
    assert made["reason"] == "Lomé,\ntwo lines"


@pytest.mark.parametrize(
    ("content", "kind", "field", "detail"),
    [
        (b"{", "application/json", "body", "is not JSON"),
        (b"[" * 60_000, "application/json", None, None),
        (b"[]", "application/json", "body", "must be a JSON object, sent with"),
        (b'{"reason": "x"}', "text/plain", "body", "must be a JSON object, sent with"),
        (b'{"reason": "x"}', "application/json", "ends_at", "Field required"),
    ],
)
def test_a_body_that_is_none_is_said_so(
    client: Client, content: bytes, kind: str, field: str | None, detail: str | None
) -> None:
    answer = client.send("POST", "/v1/silences", {"Content-Type": kind}, content=content)
    assert answer.status_code in (400, 422)
    if field is not None and detail is not None:
        assert answer.json()["errors"][0]["field"] == field
        assert answer.json()["errors"][0]["detail"].startswith(detail)


def test_a_key_that_is_typed_wrong_is_not_called_absent(world: World) -> None:
    app = create_app(world.state())
    for sent in ("nodot", "a.", ".b", "no such.key", "ew12.key"):
        answer = Client(app, {"X-API-Key": sent}).get("/v1/scores")
        assert answer.status_code == 401
        assert "carries no API key" not in answer.json()["detail"]
    assert "carries no API key" in Client(app).get("/v1/scores").json()["detail"]


NO_JSON = {
    "nothing of the kind": (b"hello", "is not JSON: see line 1, column 1"),
    "half an object": (b'{"reason": "x"', "is not JSON: see line 1, column 15"),
    "two objects": (b"{} {}", "is not JSON"),
    "a number of 5,000 digits": (b'{"reason": ' + b"9" * 5000 + b"}", "too many digits"),
    "Latin-1": ('{"reason": "é"}'.encode("latin-1"), "is not UTF-8: byte 13"),
    "UTF-16": ('{"reason": "x"}'.encode("utf-16"), "is not UTF-8: byte 1"),
    "a surrogate as bytes": (b'{"reason": "\xed\xa0\x80"}', "is not UTF-8"),
    "30 levels": (b'{"reason": ' + b"[" * 30 + b"]" * 30 + b"}", "more than 20 levels"),
    "950 levels": (b'{"reason": ' + b"[" * 950 + b"]" * 950 + b"}", "more than 20 levels"),
    "30,000 levels": (b"[" * 30_000 + b"]" * 30_000, "more than 20 levels"),
    "30,000 levels, open": (b'{"a":' * 10_000, r"more than 20 levels|is not JSON"),
    "no number": (b'{"at_least": NaN}', "holds NaN, which is not a JSON number"),
    "without end": (b'{"at_least": -Infinity}', "holds -Infinity, which is not a JSON number"),
}


@pytest.mark.parametrize("kind", NO_JSON)
@pytest.mark.parametrize("path", WRITES)
def test_what_is_no_json_is_said_in_one_sentence(client: Client, path: str, kind: str) -> None:
    body, said = NO_JSON[kind]
    for content_type in ("application/json", "application/problem+json; charset=latin-1"):
        answer = client.send("POST", path, {"Content-Type": content_type}, content=body)
        assert answer.status_code == 422
        assert answer.json()["type"] == "/problems#invalid-body"
        (error,) = answer.json()["errors"]
        assert error["field"] == "body"
        assert re.search(said, error["detail"])


@pytest.mark.parametrize("path", WRITES)
def test_a_key_of_a_body_is_given_once(client: Client, path: str) -> None:
    body = json.dumps(WRITES[path])
    name = next(iter(WRITES[path]))
    twice = body[:-1] + f', "{name}": "x"}}'
    inner = body[:-1] + ', "more": [{"b": 1, "a": 1, "a": 1}]}'
    for text, said in ((twice, name), (inner, "a")):
        answer = client.send(
            "POST", path, {"Content-Type": "application/json"}, content=text.encode()
        )
        assert answer.status_code == 422
        (error,) = answer.json()["errors"]
        assert error == {"field": said, "detail": "is given more than once: keep one"}


NO_NUMBERS = [
    ("/v1/subscriptions", "most_a_day", [True, False, "3", 2.0, 2.5, 0, -1, 10**6]),
    ("/v1/subscriptions", "repeat_days", [True, "3", 2.0, -1, 10**6]),
    ("/v1/subscriptions", "at_least", [True, "0.5", 0, 1, -1]),
    ("/v1/rules/dry-run", "horizon_weeks", [True, "4", 4.0, 0]),
    ("/v1/rules/dry-run", "probability", [True, "0.5", -1, 2]),
    ("/v1/rules/dry-run", "upper", [True, "1", -1]),
    ("/v1/rules/dry-run", "observed", ["1", 1.0, -1]),
    ("/v1/deployments", "length_weeks", [True, "4", 4.0, 0]),
    ("/v1/deployments", "review_weeks", [[True], ["4"], [4.0], [0]]),
]
NO_VALUES = [
    ("/v1/subscriptions", "language", ["xx", "EN", "e", "fra", 1, True, None]),
    ("/v1/subscriptions", "zone", ["posixrules", "localtime", "Factory", "right/UTC", "GMT", ""]),
    ("/v1/subscriptions", "quiet", [{"begins": "22:00", "ends": "22:00"}]),
    ("/v1/recommendations", "given_on", ["0001-01-01", "9999-12-31", 20191101, True, "20191101"]),
    ("/v1/recommendations", "due_on", ["0001-01-01", "9999-12-31", "2019-10-31", 0]),
    ("/v1/recommendations", "review_on", ["0001-01-01", "9999-12-31", "2019-10-31"]),
    ("/v1/recommendations/r1/status", "on", ["0001-01-01", "9999-12-31"]),
    ("/v1/recommendations/r1/status", "review_on", ["0001-01-01", "9999-12-31"]),
    ("/v1/deployments", "on", ["0001-01-01", "9999-12-31"]),
    ("/v1/deployments/d1/steps", "on", ["0001-01-01", "9999-12-31"]),
]


@pytest.mark.parametrize(("path", "field", "values"), [*NO_NUMBERS, *NO_VALUES])
def test_a_value_that_cannot_be_meant_is_refused_by_its_field(
    client: Client, path: str, field: str, values: list[Any]
) -> None:
    for value in values:
        answer = client.post(path, WRITES[path] | {field: value})
        assert answer.status_code == 422, value
        assert {each["field"].split(".")[0] for each in answer.json()["errors"]} == {field}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_that_messages_know_is_taken(world: World, language: str) -> None:
    client = Client(create_app(world.state()), {"X-API-Key": world.key(scopes=frozenset(SCOPES))})
    asked = WRITES["/v1/subscriptions"] | {"language": language, "zone": "Africa/Dakar"}
    assert client.post("/v1/subscriptions", asked).json()["language"] == language
