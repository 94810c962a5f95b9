"""One request and its answer: what is sent, what comes back, and when another try may help."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import httpx
import orjson

from ewarn.client.answer_cache import StoredAnswer
from ewarn.client.errors import AnswerUnreadable, ReportedProblem, RequestRefused
from ewarn.domain.delivery import http_date, retry_after

LONGEST_WAIT = 60.0  # seconds; if the service asks for more, the caller is told instead
_BUSY = (429, 502, 503, 504)
_HOPELESS = (httpx.UnsupportedProtocol, httpx.TooManyRedirects)


class Busy(Exception):
    """Raised if the service cannot answer now; `wait` is in seconds, None if it did not say."""

    def __init__(self, problem: ReportedProblem, wait: float | None) -> None:
        super().__init__(str(problem))
        self.problem = problem
        self.wait = wait


def is_worth_another_try(error: Exception) -> bool | float:
    """Return whether another try may help, or the seconds to wait if the service gave them."""
    if isinstance(error, Busy):
        if error.wait is None:
            return True
        return error.wait if error.wait <= LONGEST_WAIT else False
    return isinstance(error, httpx.RequestError) and not isinstance(error, _HOPELESS)


def conditional(kept: StoredAnswer | None) -> Mapping[str, str]:
    """Return the headers that ask for an answer only if it is not the one that is kept."""
    return {"If-None-Match": kept.etag} if kept is not None and kept.etag else {}


def received(address: str, response: httpx.Response, kept: StoredAnswer | None) -> StoredAnswer:
    """Return the answer that a response gives or confirms.

    Raises:
        Busy: The service cannot answer now.
        RequestRefused: The service refuses the request.
        AnswerUnreadable: Something else answered.
    """
    headers, status = response.headers, response.status_code
    read_at = http_date(headers.get("date", ""))
    if status == httpx.codes.NOT_MODIFIED and kept is not None:
        return replace(kept, read_at=read_at)
    if status == httpx.codes.OK:
        if not headers.get("content-type", "").startswith("application/json"):
            raise AnswerUnreadable(
                f"{address} was answered by something that is not this API "
                f"({headers.get('content-type', 'no type')}): check the address and the network."
            )
        return StoredAnswer(address, response.content, headers.get("etag", ""), read_at)
    problem = problem_of(response)
    if status in _BUSY:
        raise Busy(problem, retry_after(headers.get("retry-after", ""), read_at))
    raise RequestRefused(problem)


def problem_of(response: httpx.Response) -> ReportedProblem:
    """Return the problem that a response reports, also if it is no problem document."""
    said: Any = None
    if response.headers.get("content-type", "").startswith("application/problem+json"):
        try:
            said = orjson.loads(response.content)
        except orjson.JSONDecodeError:
            said = None
    told: dict[str, Any] = said if isinstance(said, dict) else {}
    return ReportedProblem(
        status=response.status_code,
        kind=str(told.get("type", "unknown")).rpartition("/")[2].rpartition("#")[2],
        title=str(told.get("title", response.reason_phrase)),
        detail=str(told.get("detail", "")),
        errors=tuple(each for each in told.get("errors") or () if isinstance(each, dict)),
    )
