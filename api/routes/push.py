"""Where a provider tells that something new is there. It is thanked, and not believed.

Form services sign nothing, so a secret that only they and the operator know stands for the key.
What they send is thrown away as it arrives: the worker reads the source itself, as it always does.
"""

import hmac
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import Response
from fastapi.security import APIKeyHeader

from api.serving.access import State
from api.serving.answers import json_answer
from api.serving.key_first import too_large
from api.serving.problems import Problem
from api.serving.queries import Asking
from api.serving.texts import Asked
from ewarn.egress.service import Queued
from ewarn.egress.shapes import outbound
from ewarn.store.jobs import jobs

MOST_BYTES = 1024 * 1024
_MINUTE = timedelta(minutes=1)
_header = APIKeyHeader(
    name="X-Ewarn-Push-Secret",
    auto_error=False,
    scheme_name="PushSecret",
    description="The secret set for the source (`EWARN_KOBO_PUSH_SECRET`).",
)
router = APIRouter(prefix="/v1/push", tags=["push"])


class RequiresPushSecret:
    """A dependency that lets in who knows a source's secret, and reads no more than it must."""

    async def __call__(
        self,
        request: Request,
        state: State,
        source: Annotated[Asked, Path(description="A source that may be pushed.")],
        given: Annotated[str | None, Depends(_header)],
    ) -> str:
        """The source's name; a problem 404 where none may be pushed, 401 without its secret, 413
        for a body that is too large.
        """
        secret = state.push_secrets.get(source)
        if secret is None:
            raise Problem("not-found", f"There is nothing at {request.url.path[:200]!r}.")
        if not hmac.compare_digest((given or "").encode(), secret.encode()):
            raise Problem("push-secret-required", "The header X-Ewarn-Push-Secret does not match.")
        await _pass_over_body(request)
        return source


@router.post("/{source}", response_model=Queued, status_code=202)
def push_source(
    state: State,
    source: Annotated[str, Depends(RequiresPushSecret())],
    _: Annotated[Asking, Query()],
) -> Response:
    """Have a source read at the next full minute. Asking again within the minute changes nothing.

    The body may be anything up to 1 MiB: it is not looked at, let alone stored.
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
