"""Bodies: the key is asked for first, no more is read than fits, and texts are texts."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest

from api.app import create_app
from api.key_first import MOST_BYTES
from ewarn.response import sheets
from tests.api.client import Client
from tests.api.world import World

SILENCE = {"reason": "An invented one.", "ends_at": "2020-03-09T00:00:00Z"}
WRITES: dict[str, dict[str, Any]] = {
    "/v1/silences": SILENCE | {"regions": ["TG-M"], "rules": ["one"]},
    "/v1/alerts/a1/acknowledge": {"note": "x"},
    "/v1/alerts/a1/assess": {"finding": "unclear", "comment": "x"},
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
}
# Escaped as JSON writes them, so that they reach the service as characters.
NO_TEXTS = {
    "half a character": "\\ud800",
    "NUL": "\\u0000",
    "escape": "\\u001b[31m",
    "turned round": "\\u202eexe",
    "invisible": "\\udb40\\udc41",
}


def asked_raw(world: World, path: str, headers: dict[str, str], *parts: bytes) -> tuple[int, int]:
    """Status of a POST, and how many parts of its body were read."""
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


@pytest.mark.parametrize("path", [*WRITES, "/v1/recommendations/import", "/v1/push/kobo"])
def test_without_a_key_not_one_byte_of_a_body_is_read(world: World, path: str) -> None:
    assert asked_raw(world, path, {"Content-Type": "application/json"}, b"{") == (401, 0)


@pytest.mark.parametrize("path", [*WRITES, "/v1/recommendations/import"])
def test_a_body_is_read_up_to_its_limit(world: World, client: Client, path: str) -> None:
    most = sheets.MOST_BYTES if path.endswith("import") else MOST_BYTES
    part = b" " * (most // 4)
    assert asked_raw(world, path, client.headers, *[part] * 100) == (413, 5)
    declared = client.headers | {"Content-Length": str(most + 1)}
    assert asked_raw(world, path, declared, part) == (413, 0)
    answer = client.send("POST", path, content=b" " * (most + 1))
    assert answer.status_code == 413
    assert answer.json()["type"] == "/problems#body-too-large"


def texts_of(body: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to each text of a body."""
    if isinstance(body, str):
        yield at
    elif isinstance(body, dict | list):
        for key, inner in body.items() if isinstance(body, dict) else enumerate(body):
            yield from texts_of(inner, (*at, key))


def with_text(body: Any, way: tuple[Any, ...], text: str) -> Any:
    """A copy of a body with another text at the end of a way."""
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
