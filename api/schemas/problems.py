"""The error document, and the error answers of the OpenAPI document."""

from collections.abc import Collection, Mapping
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel, ConfigDict

from api.serving.problems import KINDS, MEDIA_TYPE, Kind
from ewarn.egress.definition.shapes import describe, shown


class WrongParameter(BaseModel):
    """A parameter and what is wrong with it."""

    model_config = ConfigDict(json_schema_extra=describe)

    parameter: str = shown("country", "Name of the parameter.")
    detail: str = shown("is empty: give it a value, or leave it out", "What is wrong with it.")


class WrongField(BaseModel):
    """A field of a body and what is wrong with it."""

    model_config = ConfigDict(json_schema_extra=describe)

    field: str = shown("ends_at", "Name of the field; `body` for the whole body.")
    detail: str = shown("Field required", "What is wrong with it.")


class ProblemDocument(BaseModel):
    """An error (RFC 9457)."""

    model_config = ConfigDict(json_schema_extra=describe)

    type: str = shown(
        "/problems#unknown-region",
        "Kind of problem: the address of a page that explains it.",
        pattern="^/problems#[a-z-]+$",
    )
    title: str = shown("No such region", "The kind of problem in a few words.")
    status: int = shown(404, "The HTTP status.", ge=400, le=599)
    detail: str = shown("There is no region 'XX' for this key.", "What is wrong here, and why.")
    errors: list[WrongParameter | WrongField] = shown(
        [{"parameter": "country", "detail": "is empty: give it a value, or leave it out"}],
        "Each wrong parameter or field, for a problem 422.",
        default_factory=list,
    )
    scope: list[str] = shown(
        ["alerts:act"], "The scopes that are needed, for a problem 403.", default_factory=list
    )
    violated_policies: list[str] = shown(
        ["key"],
        "Names of the limits that were exceeded, for a problem 429.",
        default_factory=list,
        alias="violated-policies",
    )


_REFERENCE = {"$ref": "#/components/schemas/ProblemDocument"}
ANY_PROBLEM = {"$ref": "#/components/responses/Problem"}


def problem_components() -> dict[str, dict[str, Any]]:
    """Return the parts of an OpenAPI document that describe problems: schemas and responses."""
    schema = ProblemDocument.model_json_schema(ref_template="#/components/schemas/{model}")
    parts = schema.pop("$defs", {})
    statuses = sorted({kind.status for kind in KINDS.values()})
    return {
        "schemas": parts | {"ProblemDocument": schema},
        "responses": {
            "Problem": {
                "description": "Any other problem; `type` leads to its explanation.",
                "content": {MEDIA_TYPE: {"schema": _REFERENCE, "examples": _examples("internal")}},
            },
            **{_name(status): _response(status) for status in statuses},
        },
    }


def problem_references(statuses: Collection[int]) -> Mapping[str, dict[str, str]]:
    """Return the error answers of an operation, as references to the responses of the document."""
    return {
        str(status): {"$ref": f"#/components/responses/{_name(status)}"}
        for status in sorted(statuses)
    }


def _name(status: int) -> str:
    return f"Problem{status}"


def _response(status: int) -> dict[str, Any]:
    """Return the answer with a status: all kinds of problem that have it."""
    kinds = {name: kind for name, kind in KINDS.items() if kind.status == status}
    explained = (f"`{name}`: {kind.explanation}" for name, kind in kinds.items())
    content = {"schema": _REFERENCE, "examples": _examples(*kinds)}
    return {
        "description": f"{HTTPStatus(status).phrase}. {' '.join(explained)}",
        "content": {MEDIA_TYPE: content},
    }


def _examples(*names: str) -> dict[str, Any]:
    return {name: {"value": _example(name, KINDS[name])} for name in names}


def _example(name: str, kind: Kind) -> dict[str, Any]:
    return {
        "type": f"/problems#{name}",
        "title": kind.title,
        "status": kind.status,
        "detail": f"{kind.title}.",
    }
