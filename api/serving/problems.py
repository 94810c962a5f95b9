"""Error answers: every one is a problem document (RFC 9457) of a kind that is explained here."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response

from ewarn.domain.text import written
from ewarn.errors import UnknownName, UsageError
from ewarn.languages import field_faults, problem_details
from ewarn.languages.catalogues import ENGLISH

MEDIA_TYPE = "application/problem+json"
_CODE = re.compile(r"<\w+\.\w+: ('[^'<>]*')>")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of problem: its HTTP status, its title, and what it means and what to do about it."""

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
        "The key is valid but lacks the permission: `scope` names the scope that is needed. "
        "Ask the administrator who issued the key.",
    ),
    "countries-required": Kind(
        403,
        "The key covers too few countries",
        "The answer is about all countries together, so it needs a key that covers all of them.",
    ),
    "not-for-partners": Kind(
        403,
        "Not open to partners",
        "The key of a partner is limited to regions and days. It opens the addresses of scores, "
        "alerts, events and regions, which can be limited so, and no others.",
    ),
    "form-refused": Kind(
        403,
        "The request was not sent by one of our pages",
        "A change with the cookie of a session needs the token of the page. Load the page again. "
        "Programs send an API key instead of a cookie.",
    ),
    "push-secret-required": Kind(
        401,
        "The push secret is required",
        "Send the header `X-Ewarn-Push-Secret` with the secret that the operator set for that "
        "source. API keys are not used here.",
    ),
    "unknown-region": Kind(
        404,
        "No such region",
        "No region has that code or name, several have it, or the key does not cover its country. "
        "Regions have ISO 3166 codes such as TGO and TG-M; /v1/regions lists those of your key.",
    ),
    "not-found": Kind(
        404,
        "Not found",
        "There is nothing at this address, or the key does not cover it.",
    ),
    "not-possible": Kind(
        409,
        "It is not possible in the current state",
        "The request does not fit the current state of the alert, deployment or other object; "
        "`detail` says why. Read its current state before you try again.",
    ),
    "method-not-allowed": Kind(
        405,
        "Method not allowed",
        "The address exists, but not for this method; the header `Allow` names those it allows.",
    ),
    "not-acceptable": Kind(
        406,
        "The address does not have that format",
        "The header `Accept` names only formats that this address does not have; `detail` names "
        "those it has. Each can be asked for with the parameter `format`, too.",
    ),
    "body-too-large": Kind(
        413,
        "The body is too large",
        "`detail` says how large it may be. A list of recommendations can be split into several "
        "files. The body of a push is not used and can be empty.",
    ),
    "invalid-parameter": Kind(
        422,
        "A parameter is wrong",
        "`errors` names each parameter that cannot be read, that is given twice although it takes "
        "one value, or that this address does not have.",
    ),
    "invalid-body": Kind(
        422,
        "The body is wrong",
        "`errors` names each field of the body that is missing, that cannot be read, or that does "
        "not exist. Bodies are JSON, with the header `Content-Type: application/json`.",
    ),
    "future-moment": Kind(
        400,
        "The moment is in the future",
        "`as_of` returns what was known at a past moment, so it cannot be in the future. "
        "A demonstration has its own clock: see /v1/status.",
    ),
    "bad-cursor": Kind(
        400,
        "The cursor cannot be read",
        "Use cursors unchanged, as `next` or the header `Link` give them. "
        "Repeat the request without a cursor to start from the first page.",
    ),
    "too-many-requests": Kind(
        429,
        "Too many requests",
        "The key or the address sent more requests a minute than it may; `violated-policies` says "
        "which of the two. Wait for the seconds of the header `Retry-After`. The header "
        "`RateLimit` of each answer shows how many requests are left.",
    ),
    "reports-disabled": Kind(
        503,
        "Field reports are not accepted",
        "The operator has not set everything that protects reports; `detail` says what is missing. "
        "Until then no report is accepted or shown.",
    ),
    "stream-full": Kind(
        503,
        "Too many streams",
        "Each process streams changes of alerts to a limited number of clients. Ask again later, "
        "or poll /v1/alerts with `If-None-Match`.",
    ),
    "trial-running": Kind(
        503,
        "A trial is running",
        "To try rules on past scores takes much computing, so each process runs one trial at a "
        "time. Ask again after the seconds of the header `Retry-After`.",
    ),
    "stopping": Kind(
        503,
        "The process is stopping",
        "It answers what it still gets, and ends in a few seconds. Only /readyz gives this answer, "
        "so that a balancer sends new requests to another process.",
    ),
    "store-unavailable": Kind(
        503,
        "The database cannot be used",
        "The database is down, or is not migrated to this version yet. Try again later.",
    ),
    "internal": Kind(
        500,
        "The service failed",
        "An unexpected error happened in the service. It is logged; a second try may help.",
    ),
    "request-refused": Kind(
        400,
        "The request was refused",
        "The request could not be served as it was sent; `detail` says why.",
    ),
}


class Problem(Exception):
    """An error that can be raised anywhere in a request, to answer with a problem document.

    `members` are further fields of the document, `headers` further headers of the answer.
    `language` is that of `detail`: English, except on a page.
    """

    def __init__(
        self,
        kind: str,
        detail: str,
        *,
        members: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        language: str = ENGLISH,
    ) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail
        self.members = dict(members or {})
        self.headers = dict(headers or {})
        self.language = language

    @property
    def status(self) -> int:
        """The HTTP status of its kind."""
        return KINDS[self.kind].status

    def answer(self, status: int | None = None) -> Response:
        """Return the answer, with the status of its kind unless another is given."""
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


ProblemAnswer = Callable[[Request, Problem], Response]  # how a problem is answered


def unknown_region(code: str) -> Problem:
    """Return the problem of a region that does not exist or that the key does not cover.

    Both give the same answer, so that a key does not learn which regions exist.
    """
    return Problem("unknown-region", problem_details.NO_REGION(code=repr(code[:60])))


def several_regions(name: str, ids: Sequence[str]) -> Problem:
    """Return the problem of a name that several regions have."""
    listed = ", ".join(ids)
    detail = problem_details.SEVERAL_REGIONS(name=repr(name[:60]), regions=listed)
    return Problem("unknown-region", detail)


@contextmanager
def as_problems() -> Iterator[None]:
    """Convert refusals of the pipeline to problems.

    An unknown name becomes a 404, an impossible action a 409.
    """
    try:
        yield
    except UnknownName as error:
        raise Problem("not-found", f"{error}.") from None
    except UsageError as error:
        raise Problem("not-possible", f"{error}.") from None


def of_validation(error: RequestValidationError) -> Problem:
    """Return the problem that lists wrong parameters or body fields, without the values sent."""
    found = error.errors()
    if any(item["loc"][0] != "body" for item in found):
        return wrong_parameters(*(_named(item) for item in found if item["loc"][0] != "body"))
    return wrong_fields(*map(_field, found))


def wrong_parameters(*errors: tuple[str, str]) -> Problem:
    """Return the problem 422 for wrong parameters, given by name and reason."""
    names = ", ".join(name for name, _ in errors)
    listed = [{"parameter": name, "detail": reason} for name, reason in errors]
    detail = problem_details.LOOK_AT(names=names)
    return Problem("invalid-parameter", detail, members={"errors": listed})


def wrong_fields(*errors: tuple[str, str]) -> Problem:
    """Return the problem 422 for wrong body fields, given by name and reason."""
    names = ", ".join(dict.fromkeys(name for name, _ in errors))
    listed = [{"field": name, "detail": reason} for name, reason in errors]
    detail = problem_details.LOOK_AT(names=names)
    return Problem("invalid-body", detail, members={"errors": listed})


def of_status(status: int, path: str, headers: Mapping[str, str] | None) -> Problem:
    """Return the problem of a request that the framework itself refuses."""
    if status == HTTPStatus.NOT_FOUND:
        return Problem("not-found", problem_details.NOTHING_AT(path=repr(path[:200])))
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        detail = problem_details.OTHER_METHOD()
        return Problem("method-not-allowed", detail, headers=headers)
    return Problem("request-refused", HTTPStatus(status).phrase, headers=headers)


def store_unavailable() -> Problem:
    """Return the problem of a database that cannot be used."""
    return Problem("store-unavailable", problem_details.STORE_UNAVAILABLE())


def _named(item: Mapping[str, Any]) -> tuple[str, str]:
    where = [str(part) for part in item["loc"][1:]]
    if item["type"] == "extra_forbidden":
        return shown(where[-1]), field_faults.NO_SUCH_PARAMETER()
    return where[0] if where else str(item["loc"][0]), _reason(item)


def _field(item: Mapping[str, Any]) -> tuple[str, str]:
    where = ".".join(shown(str(part)) for part in item["loc"][1:]) or "body"
    if item["type"] == "json_invalid":
        return "body", "is not JSON"
    if item["type"] == "extra_forbidden":
        return where, field_faults.NO_SUCH_FIELD()
    if where == "body" and item["type"] == "model_attributes_type":
        return where, "must be a JSON object, sent with Content-Type: application/json"
    return where, _reason(item)


def shown(name: str) -> str:
    """Return a name that was sent in a form that is safe to repeat in an answer."""
    return written(name)[:60]


def _reason(item: Mapping[str, Any]) -> str:
    """Return what pydantic says, with the values of our codes instead of their names in Python."""
    return _CODE.sub(r"\1", str(item["msg"]).removeprefix("Value error, "))
