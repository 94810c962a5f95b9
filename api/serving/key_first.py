"""The key is asked for before a byte of a body is read, and no body is read past its limit."""

from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from fastapi import Request
from fastapi.responses import Response
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.types import Message, Receive

from api.serving.access import Requires
from api.serving.json_body import check_json
from api.serving.problems import Problem

MOST_BYTES = 64 * 1024  # of a body, where its route does not say otherwise

_Endpoint = TypeVar("_Endpoint", bound=Callable[..., Any])


def takes_at_most(size: int) -> Callable[[_Endpoint], _Endpoint]:
    """Marks an endpoint whose body may have `size` bytes."""

    def marked(endpoint: _Endpoint) -> _Endpoint:
        endpoint.most_bytes = size  # type: ignore[attr-defined]
        return endpoint

    return marked


class KeyFirst(APIRoute):
    """A route whose key is checked first. The framework would parse the body before."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The framework's own handler, behind the key and the limit of the body."""
        handler = super().get_route_handler()
        guards = [d.call for d in self.dependant.dependencies if isinstance(d.call, Requires)]
        most = getattr(self.endpoint, "most_bytes", MOST_BYTES)

        async def handle(request: Request) -> Response:
            for guard in guards:
                await run_in_threadpool(guard.reader_of, request)
            body = await _read(request, most)
            if self.body_field is not None and body and _is_json(request):
                check_json(body)
            return await handler(Request(request.scope, _again(body, request.receive)))

        return handle


def _is_json(request: Request) -> bool:
    """Whether the framework will read a body as JSON; what else is sent it refuses itself."""
    kind = request.headers.get("content-type", "application/json").partition(";")[0]
    return kind.strip().lower().endswith(("/json", "+json"))


async def _read(request: Request, most: int) -> bytes:
    declared = request.headers.get("content-length", "0")
    if declared.isdecimal() and int(declared) > most:
        raise too_large(most)
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > most:
            raise too_large(most)
        parts.append(part)
    return b"".join(parts)


def _again(body: bytes, receive: Receive) -> Receive:
    """Gives the body once more, then what else is received: that the asker has gone."""
    waiting = [body]

    async def received() -> Message:
        if waiting:
            return {"type": "http.request", "body": waiting.pop(), "more_body": False}
        return await receive()

    return received


def too_large(most: int) -> Problem:
    """The problem 413 of a body of more than `most` bytes."""
    said = f"{most >> 20} MiB" if most >= 1 << 20 else f"{most >> 10} KiB"
    return Problem("body-too-large", f"The body is larger than {said}.")
