"""Every answer that is not a success is a problem document (RFC 9457), and explained here."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import orjson
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response

from ewarn.domain.text import written
from ewarn.errors import UnknownName, UsageError

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of problem: its status, its title, and what it means and what to do about it."""

    status: int
    title: str
    explanation: str


KINDS: dict[str, Kind] = {
    "key-required": Kind(
        401,
        "An API key is required",
        "Send the key as `Authorization: Bearer prefix.secret` or as `X-API-Key: prefix.secret`. "
        "A key that is unknown, expired or revoked gives this answer too.",
    ),
    "scope-required": Kind(
        403,
        "The key lacks a scope",
        "The key is good, but not for this: `scope` names what it would need. "
        "Ask whoever issued the key.",
    ),
    "countries-required": Kind(
        403,
        "The key covers too few countries",
        "What was asked for speaks of all countries at once; it needs a key that covers them all.",
    ),
    "push-secret-required": Kind(
        401,
        "The push secret is required",
        "Whoever tells of something new sends the header `X-Ewarn-Push-Secret` with the secret "
        "that the operator set for that source. API keys are of no use here.",
    ),
    "unknown-region": Kind(
        404,
        "No such region",
        "No region has that code, or the key does not cover its country. "
        "Regions have ISO 3166 codes such as TGO and TG-M; /v1/regions lists those of a key.",
    ),
    "not-found": Kind(
        404,
        "Not found",
        "There is nothing at this address, or the key does not cover it.",
    ),
    "not-possible": Kind(
        409,
        "It cannot be done as things stand",
        "What was asked does not fit the state it met; `detail` says why. "
        "Look at it as it stands now before asking again.",
    ),
    "method-not-allowed": Kind(
        405,
        "Method not allowed",
        "The address exists, but not for this method; the header `Allow` names those it has.",
    ),
    "body-too-large": Kind(
        413,
        "The body is too large",
        "`detail` says how large it may be. What a provider pushes is not even read; a list of "
        "recommendations can be split.",
    ),
    "invalid-parameter": Kind(
        422,
        "A parameter is wrong",
        "`errors` names each parameter that cannot be read, that stands twice where one "
        "is meant, or that this address does not know.",
    ),
    "invalid-body": Kind(
        422,
        "The body is wrong",
        "`errors` names each field of the body that is missing, that cannot be read, or that this "
        "address does not know. Bodies are JSON, with the header `Content-Type: application/json`.",
    ),
    "future-moment": Kind(
        400,
        "The moment lies in the future",
        "`as_of` asks what was known at a moment; nothing is known yet of a moment to come. "
        "In a demonstration the service's own clock decides: see /v1/status.",
    ),
    "bad-cursor": Kind(
        400,
        "The cursor cannot be read",
        "Cursors come from `next` or the header `Link` and are used unchanged. "
        "Ask again without one to start from the first page.",
    ),
    "store-unavailable": Kind(
        503,
        "The database cannot be used",
        "The database is down, or not yet at the revision this version needs. Try again later.",
    ),
    "internal": Kind(
        500,
        "Something went wrong here",
        "The request was understood and the service failed. It is logged; trying again may help.",
    ),
    "request-refused": Kind(
        400,
        "The request was refused",
        "The request could not be served as it was sent; `detail` says why.",
    ),
}


class Problem(Exception):
    """Raised anywhere in a request to answer with a problem document.

    `members` are further fields of the document, `headers` further headers of the answer.
    """

    def __init__(
        self,
        kind: str,
        detail: str,
        *,
        members: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail
        self.members = dict(members or {})
        self.headers = dict(headers or {})

    def answer(self, status: int | None = None) -> Response:
        """The answer: of the kind's own status unless another is given."""
        kind = KINDS[self.kind]
        document = {
            "type": f"/problems#{self.kind}",
            "title": kind.title,
            "status": status or kind.status,
            "detail": self.detail,
            **self.members,
        }
        return Response(
            orjson.dumps(document),
            status_code=status or kind.status,
            media_type=MEDIA_TYPE,
            headers={"Cache-Control": "no-store", **self.headers},
        )


def unknown_region(code: str) -> Problem:
    """The same answer for a region that does not exist and one the key does not cover."""
    return Problem("unknown-region", f"There is no region {code[:60]!r} for this key.")


@contextmanager
def as_problems() -> Iterator[None]:
    """What the pipeline refuses, as a problem: what does not exist for a key, what cannot be."""
    try:
        yield
    except UnknownName as error:
        raise Problem("not-found", f"{error}.") from None
    except UsageError as error:
        raise Problem("not-possible", f"{error}.") from None


def of_validation(error: RequestValidationError) -> Problem:
    """Which parameters or fields of the body were wrong, and why, without what was sent."""
    found = error.errors()
    if any(item["loc"][0] != "body" for item in found):
        return wrong_parameters(*(_named(item) for item in found if item["loc"][0] != "body"))
    return wrong_fields(*map(_field, found))


def wrong_parameters(*errors: tuple[str, str]) -> Problem:
    """The problem of parameters that are wrong: the name of each, and why."""
    names = ", ".join(name for name, _ in errors)
    listed = [{"parameter": name, "detail": reason} for name, reason in errors]
    return Problem("invalid-parameter", f"Look at: {names}.", members={"errors": listed})


def wrong_fields(*errors: tuple[str, str]) -> Problem:
    """The problem of a body: the name of each field that is wrong, and why."""
    names = ", ".join(dict.fromkeys(name for name, _ in errors))
    listed = [{"field": name, "detail": reason} for name, reason in errors]
    return Problem("invalid-body", f"Look at: {names}.", members={"errors": listed})


def of_status(status: int, path: str, headers: Mapping[str, str] | None) -> Response:
    """A problem for what the framework itself refuses."""
    if status == HTTPStatus.NOT_FOUND:
        problem = Problem("not-found", f"There is nothing at {path[:200]!r}.")
    elif status == HTTPStatus.METHOD_NOT_ALLOWED:
        problem = Problem(
            "method-not-allowed", "This address does not know that method.", headers=headers
        )
    else:
        problem = Problem("request-refused", HTTPStatus(status).phrase, headers=headers)
    return problem.answer(status)


def _named(item: Mapping[str, Any]) -> tuple[str, str]:
    where = [str(part) for part in item["loc"][1:]]
    if item["type"] == "extra_forbidden":
        return shown(where[-1]), "this address has no such parameter"
    return where[0] if where else str(item["loc"][0]), _reason(item)


def _field(item: Mapping[str, Any]) -> tuple[str, str]:
    where = ".".join(shown(str(part)) for part in item["loc"][1:]) or "body"
    if item["type"] == "json_invalid":
        return "body", "is not JSON"
    if item["type"] == "extra_forbidden":
        return where, "the body has no such field"
    if where == "body" and item["type"] == "model_attributes_type":
        return where, "must be a JSON object, sent with Content-Type: application/json"
    return where, _reason(item)


def shown(name: str) -> str:
    """A name that was sent, so that an answer can repeat it."""
    return written(name)[:60]


def _reason(item: Mapping[str, Any]) -> str:
    return str(item["msg"]).removeprefix("Value error, ")
