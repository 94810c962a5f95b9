"""Route by which a provider announces new data. The announcement itself is not trusted.

Form services cannot sign their requests, so a secret shared by the provider and the operator
replaces the API key. The body is discarded: a worker reads the source itself, as it always does.
"""

import hmac
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import Response
from fastapi.security import APIKeyHeader

from api.routing.key_first import too_large
from api.routing.route import Route
from api.serving.access import State
from api.serving.answers import json_answer
from api.serving.problems import Problem
from api.serving.queries import NoParameters
from api.serving.texts import Asked
from ewarn.egress.definition.shapes import outbound
from ewarn.egress.service import Queued
from ewarn.languages import problem_details
from ewarn.store.jobs import jobs

MOST_BYTES = 1024 * 1024
_MINUTE = timedelta(minutes=1)
_header = APIKeyHeader(
    name="X-Ewarn-Push-Secret",
    auto_error=False,
    scheme_name="PushSecret",
    description="The secret that is set for the source (`EWARN_KOBO_PUSH_SECRET`).",
)
router = APIRouter(prefix="/v1/push", tags=["push"], route_class=Route)


class RequiresPushSecret:
    """A dependency that admits requests with a source's secret, and checks it before the body."""

    async def __call__(
        self,
        request: Request,
        state: State,
        source: Annotated[
            Asked, Path(description="Name of a source that accepts pushes.", examples=["kobo"])
        ],
        given: Annotated[str | None, Depends(_header)],
    ) -> str:
        """Return the name of the source.

        Raises:
            Problem: 404 if the source cannot be pushed, 401 without its secret, 413 if the body is
                too large.
        """
        secret = state.push_secrets.get(source)
        if secret is None:
            raise Problem(
                "not-found", problem_details.NOTHING_AT(path=repr(request.url.path[:200]))
            )
        if not hmac.compare_digest((given or "").encode(), secret.encode()):
            raise Problem("push-secret-required", "The header X-Ewarn-Push-Secret does not match.")
        await _pass_over_body(request)
        return source


@router.post(
    "/{source}", response_model=Queued, status_code=202, responses={401: {}, 413: {}, 503: {}}
)
def push_source(
    state: State,
    source: Annotated[str, Depends(RequiresPushSecret())],
    _: Annotated[NoParameters, Query()],
) -> Response:
    """Have a source read at the next full minute. A second push in the same minute changes nothing.

    The body may be anything up to 1 MiB; it is discarded. Errors: 401 if the secret does not match,
    404 if the source does not accept pushes, 413 if the body is larger than 1 MiB.
    """
    now = state.clock()
    reads_at = now.replace(second=0, microsecond=0) + _MINUTE
    with state.store.write() as connection:
        jobs.enqueue(connection, f"ingest:{source}", reads_at)
    answer = json_answer(outbound(Queued, {"source": source, "reads_at": reads_at}))
    answer.status_code = 202
    return answer


async def _pass_over_body(request: Request) -> None:
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > MOST_BYTES:
            raise too_large(MOST_BYTES)
