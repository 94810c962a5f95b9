"""Tests that the OpenAPI document describes everything, with examples that are true."""

import json
import re
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from tests.api.test_openapi import SNAPSHOT

BINARY = {"type": "string", "format": "binary"}
FORMATS = FormatChecker()


def is_moment(value: object) -> bool:
    """Whether a text is a moment with its zone."""
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


FORMATS.checks("date-time", ValueError)(is_moment)


@cache
def agreed() -> Any:
    """The document as agreed on: `test_openapi.py` holds it to what is served."""
    return json.loads(SNAPSHOT.read_text(encoding="utf-8"))


def operations() -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in agreed()["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def fields() -> Iterator[tuple[str, dict[str, Any]]]:
    for schema, described in agreed()["components"]["schemas"].items():
        for name, field in described.get("properties", {}).items():
            yield f"{schema}.{name}", field


def parameters() -> Iterator[tuple[str, dict[str, Any]]]:
    for where, operation in operations():
        for parameter in operation.get("parameters", ()):
            yield f"{where} {parameter['name']}", parameter


def contents() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every body and answer, by media type."""
    for where, operation in operations():
        for kind, content in operation.get("requestBody", {}).get("content", {}).items():
            yield f"{where} body {kind}", content
        for status, answer in operation["responses"].items():
            for kind, content in answer.get("content", {}).items():
                yield f"{where} {status} {kind}", content
    for name, answer in agreed()["components"]["responses"].items():
        for kind, content in answer["content"].items():
            yield f"{name} {kind}", content


def validator(schema: dict[str, Any]) -> Draft202012Validator:
    """A validator of one schema of the document, with its formats."""
    whole = {**schema, "components": agreed()["components"]}
    return Draft202012Validator(whole, format_checker=FORMATS)


def examples_of(described: dict[str, Any]) -> list[Any]:
    schema = described.get("schema", {})
    found = [*described.get("examples", ()), *schema.get("examples", ())]
    if isinstance(described.get("examples"), dict):
        found = [each["value"] for each in described["examples"].values()]
    return [*found, *([described["example"]] if "example" in described else [])]


def test_every_field_is_described_with_what_null_means_and_an_example_that_fits() -> None:
    schemas = agreed()["components"]["schemas"]
    faults = [
        f"{name} has no description" for name in schemas if "description" not in schemas[name]
    ]
    for where, field in fields():
        text, examples = field.get("description", ""), field.get("examples", ())
        if not re.fullmatch(r"[A-Z`\d].*\.", text, re.S):
            faults.append(f"{where} has no description")
        elif {"type": "null"} in field.get("anyOf", ()) and "Null" not in text:
            faults.append(f"{where} does not say what null means")
        if not examples:
            faults.append(f"{where} has no example")
        faults += [f"{where}: {e.message}" for x in examples for e in errors(field, x)]
    assert not faults, "\n".join(faults)


def errors(schema: dict[str, Any], example: Any) -> Iterator[Any]:
    yield from validator(schema).iter_errors(example)


def test_every_parameter_is_described_with_an_example_that_fits() -> None:
    faults = []
    for where, parameter in parameters():
        if not parameter.get("description", "").endswith("."):
            faults.append(f"{where} has no description")
        if not (found := examples_of(parameter)):
            faults.append(f"{where} has no example")
        faults += [
            f"{where}: {error.message}"
            for each in found
            for error in errors(parameter["schema"], each)
        ]
    assert not faults, "\n".join(faults)


def test_every_body_and_answer_is_described_with_an_example_that_fits() -> None:
    faults = []
    for where, operation in operations():
        described = [operation.get("requestBody"), *operation["responses"].values()]
        for each in filter(None, described):
            if "$ref" not in each and not each.get("description", "").endswith("."):
                faults.append(f"{where} has a body or answer without a description")
    for where, content in contents():
        schema = content["schema"]
        found = examples_of(content)
        if not found and "$ref" not in schema and not BINARY.items() <= schema.items():
            faults.append(f"{where} has no example")  # a schema of the document has them itself
        faults += [f"{where}: {error.message}" for each in found for error in errors(schema, each)]
    assert not faults, "\n".join(faults)


def test_every_operation_names_the_problems_that_it_answers() -> None:
    for where, operation in operations():
        assert operation["description"], where
        statuses = set(operation["responses"])
        assert statuses >= {"422", "429", "default"}, where
        assert ("401" in statuses) == bool(operation.get("security")), where
        assert "404" in statuses or "{" not in where, where


@pytest.mark.parametrize(
    ("kind", "example"),
    [("date", "2017-13-01"), ("date", 3), ("date-time", "2017-10-02T06:00:00")],
)
def test_a_wrong_example_is_found(kind: str, example: Any) -> None:
    assert list(errors({"type": "string", "format": kind}, example))
