"""Routes whose errors repeat nothing of what was sent.

What an observer sends may name a person, also where it is put into a wrong field. So an error names
only a field that exists, and a failure is logged without its text.
"""

from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

import structlog
from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from api.routing.key_first import KeyFirst
from api.schemas.reports import ReportBody
from api.serving.access import Reader
from api.serving.problems import Problem, as_problems, wrong_fields
from ewarn.errors import SealBroken, StoreError
from ewarn.pipeline.reports.desk import Officer, ReportsDisabled

_FIELDS = frozenset(ReportBody.model_fields)
_WRONG = "is missing, or has a value that is not allowed here"
_log = structlog.get_logger("ewarn.api")


class PrivateRoute(KeyFirst):
    """A route that checks the key first and repeats nothing of the body, nor of a failure."""

    is_logged = False
    notes_use = False  # the hour would say when an observer sent a report

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler behind the checks of the key and the body."""
        handler = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                return await handler(request)
            except RequestValidationError as error:
                problem = _without_values(error)
            except Problem as error:
                # Those of other kinds are worded in these routes, and repeat nothing.
                problem = wrong_fields(("body", _WRONG)) if _quotes(error) else error
            except (StoreError, HTTPException):
                raise
            except Exception as error:
                _log.error("a report could not be handled", error=type(error).__name__)
                problem = Problem("internal", "The service failed to answer; the error is logged.")
            raise problem

        return handle


@contextmanager
def as_report_problems() -> Iterator[None]:
    """Convert refusals of the pipeline to problems."""
    try:
        with as_problems():
            yield
    except SealBroken as error:
        raise Problem("not-possible", f"{error}.") from None


@contextmanager
def while_enabled() -> Iterator[None]:
    """Answer 503 while field reports are disabled, and convert other refusals to problems."""
    with as_report_problems():
        try:
            yield
        except ReportsDisabled as error:
            raise Problem("reports-disabled", f"{error}.") from None


def officer(reader: Reader) -> Officer:
    """Return the officer that a key stands for."""
    return Officer(reader.name, reader.countries, reader.key.licences)


def _without_values(error: RequestValidationError) -> Problem:
    """Return the problem that lists wrong fields by their own names, with one reason for all."""
    found = error.errors()
    if any(item["loc"][0] != "body" for item in found):
        raise error  # parameters and headers hold nothing of a report
    named = (str(item["loc"][1]) if len(item["loc"]) > 1 else "body" for item in found)
    names = dict.fromkeys(name if name in _FIELDS else "body" for name in named)
    return wrong_fields(*((name, _WRONG) for name in names))


def _quotes(problem: Problem) -> bool:
    """Return whether a problem comes from the check of JSON, which repeats names of fields."""
    return problem.kind == "invalid-body" and not _is_ours(problem)


def _is_ours(problem: Problem) -> bool:
    return all(item["field"] in _FIELDS for item in problem.members["errors"])
