"""Tests that the OpenAPI document changes only on purpose, and that no change breaks a client.

To renew the document, and docs/api-reference.md with it:
`RENEW_OPENAPI=1 python -m pytest tests/api/test_openapi.py`. It refuses a change that breaks
clients. If that is meant, say `RENEW_OPENAPI=breaking`.
"""

import json
import os
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from tests.api.breaks import breaks
from tests.api.client import Client
from tests.api.reference import PAGE, reference

SNAPSHOT = Path(__file__).with_name("openapi.json")
RENEW = os.environ.get("RENEW_OPENAPI")


def test_the_document_is_the_one_agreed_on_and_breaks_no_client(client: Client) -> None:
    served = client.get("/openapi.json").json()
    assert served["openapi"].startswith("3.1")
    agreed = SNAPSHOT.read_text(encoding="utf-8")
    broken = breaks(json.loads(agreed), served)
    assert not broken or RENEW == "breaking", (
        "this breaks clients; if it is meant, RENEW_OPENAPI=breaking accepts it: "
        + "; ".join(broken)
    )
    text = json.dumps(served, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    if RENEW:
        SNAPSHOT.write_text(text, encoding="utf-8")
        PAGE.write_text(reference(json.loads(text)), encoding="utf-8")
        agreed = text
    assert text == agreed, (
        "the OpenAPI document changed, without a break; renew it with "
        "RENEW_OPENAPI=1 python -m pytest tests/api/test_openapi.py and say so in the CHANGELOG"
    )


NULL = {"type": "null"}
BODY = {
    "type": "object",
    "additionalProperties": False,
    "required": ["reason"],
    "properties": {
        "reason": {"type": "string", "maxLength": 9, "pattern": "^a"},
        "count": {"anyOf": [{"type": "integer", "minimum": 1}, NULL], "default": 3},
        "state": {"$ref": "#/components/schemas/State"},
    },
}
RECORD = {
    "type": "object",
    "required": ["id", "at", "states"],
    "properties": {
        "id": {"type": "string", "pattern": "^a"},
        "at": {"anyOf": [{"type": "string", "format": "date"}, NULL]},
        "states": {"type": "array", "items": {"$ref": "#/components/schemas/State"}},
        "share": {"type": "number", "maximum": 1},
        "counts": {"type": "object", "additionalProperties": {"type": "integer"}},
    },
}
DOCUMENT: dict[str, Any] = {
    "paths": {
        "/a": {
            "get": {
                "security": [{"Key": []}, {"Bearer": []}],
                "parameters": [
                    {"in": "query", "name": "day", "schema": {"type": "string", "format": "date"}},
                    {
                        "in": "query",
                        "name": "kind",
                        "required": True,
                        "schema": {"type": "array", "maxItems": 5, "items": {"type": "number"}},
                    },
                ],
                "responses": {
                    "200": {
                        "content": {
                            "text/csv": {"schema": {"type": "string"}},
                            "application/json": {"schema": {"$ref": "#/components/schemas/Record"}},
                        }
                    },
                    "404": {"$ref": "#/components/responses/Problem"},
                },
            },
            "post": {
                "requestBody": {
                    "content": {
                        "application/json": {"schema": {"$ref": "#/components/schemas/Body"}}
                    }
                },
                "responses": {"201": {}},
            },
        }
    },
    "components": {
        "schemas": {
            "Body": BODY,
            "Record": RECORD,
            "State": {"type": "string", "enum": ["open", "closed"]},
        },
        "responses": {
            "Problem": {"content": {"application/problem+json": {"schema": RECORD}}},
        },
    },
}
GET, POST = ("paths", "/a", "get"), ("paths", "/a", "post")
SENT, GOT = ("components", "schemas", "Body"), ("components", "schemas", "Record")
ANSWER = (*GET, "responses", "200", "content")
GONE = object()


def changed(*changes: tuple[tuple[Any, ...], Any]) -> Any:
    """The document with other values at some places."""
    made = deepcopy(DOCUMENT)
    for (*way, last), value in changes:
        part = made
        for step in way:
            part = part[step]
        if value is GONE:
            del part[last]
        else:
            part[last] = value
    return made


OPTIONAL = {"in": "query", "name": "new", "schema": {"type": "string"}}
BREAKS = {
    "path": ((("paths", "/a"), GONE), "GET /a is gone; POST /a is gone"),
    "operation": (((*GET,), GONE), "GET /a is gone"),
    "key": (((*GET, "security"), [{"Other": []}]), "it needs another key"),
    "key for what was open": (((*POST, "security"), [{"Key": []}]), "it needs another key"),
    "parameter": (((*GET, "parameters", 0), OPTIONAL), "the query parameter day is gone"),
    "new required parameter": (
        ((*GET, "parameters", 0), OPTIONAL | {"required": True}),
        "the query parameter new is required now",
    ),
    "parameter becomes required": (
        ((*GET, "parameters", 0, "required"), True),
        "the query parameter day is required now",
    ),
    "type of items": (
        ((*GET, "parameters", 1, "schema", "items", "type"), "integer"),
        "GET /a kind[]: number is not accepted any more",
    ),
    "fewer items": (((*GET, "parameters", 1, "schema", "maxItems"), 4), "maxItems 5 is 4 now"),
    "body becomes required": (((*POST, "requestBody", "required"), True), "a body is required now"),
    "field of a body": (((*SENT, "properties", "count"), GONE), "body.count is gone"),
    "new required field": (((*SENT, "required"), ["reason", "count"]), "count is required now"),
    "null is refused": (
        ((*SENT, "properties", "count", "anyOf"), [{"type": "integer", "minimum": 1}]),
        "body.count: null is not accepted any more",
    ),
    "higher minimum": (
        ((*SENT, "properties", "count", "anyOf", 0, "minimum"), 2),
        "minimum 1 is 2 now",
    ),
    "another default": (((*SENT, "properties", "count", "default"), 4), "another default"),
    "shorter text": (((*SENT, "properties", "reason", "maxLength"), 8), "maxLength 9 is 8 now"),
    "new limit": (((*SENT, "properties", "reason", "minLength"), 1), "minLength None is 1 now"),
    "another pattern": (((*SENT, "properties", "reason", "pattern"), "^b"), "pattern ^a is ^b now"),
    "value of an enum": (
        (("components", "schemas", "State", "enum"), ["open"]),
        "body.state: the enum has other values (closed)",
    ),
    "new enum": (
        ((*SENT, "properties", "reason", "enum"), ["a"]),
        "body.reason: the enum has other values ()",
    ),
    "format of an answer": (((*ANSWER, "text/csv"), GONE), "text/csv is gone"),
    "status": (
        ((*POST, "responses"), {"202": {}}),
        "the status 201 is gone; the status 202 is new",
    ),
    "field of an answer": (((*GOT, "properties", "share"), GONE), "200.share is gone"),
    "field may be missing": (((*GOT, "required"), ["id", "states"]), "at may be missing now"),
    "field may be null": (
        ((*GOT, "properties", "id"), {"anyOf": [RECORD["properties"]["id"], NULL]}),  # type: ignore[index]
        "200.id: null is new",
    ),
    "type in an answer": (
        ((*GOT, "properties", "counts", "additionalProperties", "type"), "number"),
        "200.counts[]: number is new",
    ),
    "wider limit of an answer": (((*GOT, "properties", "share", "maximum"), 2), "maximum 1 is 2"),
    "pattern of an answer": (((*GOT, "properties", "id", "pattern"), GONE), "pattern ^a is None"),
    "enum of an answer is open": (
        ((*GOT, "properties", "states", "items"), {"type": "string"}),
        "200.states[]: the enum has other values",
    ),
    "field of a problem": (
        (
            ("components", "responses", "Problem", "content", "application/problem+json", "schema"),
            {},
        ),
        "404: any value is new",
    ),
}
ADDITIONS = {
    "path": (("paths", "/b"), {"get": {"responses": {"200": {}}}}),
    "operation": (("paths", "/a", "put"), {"responses": {"200": {}}}),
    "optional parameter": ((*GET, "parameters", 0, "required"), False),
    "another key": ((*GET, "security"), [{"Key": []}, {"Bearer": []}, {"Cookie": []}]),
    "no key": ((*GET, "security"), GONE),
    "parameter is optional now": ((*GET, "parameters", 1, "required"), GONE),
    "more items": ((*GET, "parameters", 1, "schema", "maxItems"), 6),
    "new optional field": ((*SENT, "properties", "new"), {"type": "string"}),
    "field is optional now": ((*SENT, "required"), []),
    "no limit": ((*SENT, "properties", "reason", "maxLength"), GONE),
    "null is accepted": ((*SENT, "properties", "state"), {"anyOf": [{"type": "string"}, NULL]}),
    "new value of an enum": (("components", "schemas", "State", "enum"), ["open", "closed", "x"]),
    "new format": ((*ANSWER, "text/html"), {"schema": {"type": "string"}}),
    "new problem": ((*GET, "responses", "409"), {"description": "Not now."}),
    "no problem": ((*GET, "responses", "404"), GONE),
    "new field of an answer": ((*GOT, "properties", "new"), {"type": "string"}),
    "field is never missing": ((*GOT, "required"), [*RECORD["properties"]]),
    "field is never null": ((*GOT, "properties", "at"), {"type": "string", "format": "date"}),
    "stricter limit of an answer": (
        (*GOT, "properties", "share"),
        {"type": "number", "exclusiveMaximum": 1},
    ),
    "whole numbers": ((*GOT, "properties", "share", "type"), "integer"),
    "words": ((*GOT, "properties", "id", "description"), "Its id."),
}


@pytest.mark.parametrize(("change", "said"), BREAKS.values(), ids=BREAKS)
def test_a_break_is_found(change: Any, said: str) -> None:
    found = "; ".join(breaks(DOCUMENT, changed(change)))
    assert all(part in found for part in said.split("; ")), found


@pytest.mark.parametrize("change", ADDITIONS.values(), ids=ADDITIONS)
def test_an_addition_passes(change: Any) -> None:
    assert breaks(DOCUMENT, changed(change)) == []


def test_a_status_that_is_gone_is_found_in_each_operation() -> None:
    agreed = json.loads(SNAPSHOT.read_text(encoding="utf-8"))
    for path, methods in agreed["paths"].items():
        for method, operation in methods.items():
            without = deepcopy(operation)
            del without["responses"][min(without["responses"])]
            pair = [agreed | {"paths": {path: {method: each}}} for each in (operation, without)]
            assert breaks(*pair), (method, path)
            assert not breaks(pair[0], pair[0])
