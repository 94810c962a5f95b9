"""Checks before a request body is used: first the API key, then the size of the body."""

from collections.abc import Callable, Coroutine, Sequence
from typing import Any, TypeVar

from fastapi import Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool
from starlette.types import Message, Receive, Scope, Send

from api.routing.json_body import check_json
from api.routing.route import Route
from api.serving.access import Reader, RequiredScope, record_read
from api.serving.problems import Problem
from ewarn.languages import problem_details

MOST_BYTES = 64 * 1024  # the largest body, unless a route sets another limit

_Endpoint = TypeVar("_Endpoint", bound=Callable[..., Any])


def takes_at_most(size: int) -> Callable[[_Endpoint], _Endpoint]:
    """Return a decorator that sets the largest body of an endpoint to `size` bytes."""

    def marked(endpoint: _Endpoint) -> _Endpoint:
        endpoint.most_bytes = size  # type: ignore[attr-defined]
        return endpoint

    return marked


def open_to_partners(endpoint: _Endpoint) -> _Endpoint:
    """Mark an endpoint whose answers keep to the regions and days of a partner's key."""
    endpoint.is_open_to_partners = True  # type: ignore[attr-defined]
    return endpoint


class KeyFirst(Route):
    """A route that checks the key first. FastAPI alone would parse the body before the key."""

    notes_use = True  # whether it is stored that a key was used here

    async def admit(self, request: Request) -> Reader | None:
        """Return the reader whose key opens this route; None if the route needs no key.

        Raises:
            Problem: 401 without a valid key, 403 without a scope that the route needs, or if the
                route is not open to partners.
        """
        reader = None
        for each in self.dependant.dependencies:
            if isinstance(each.call, RequiredScope):
                reader = await each.call.admit(request)
        if reader is not None and reader.key.partner is not None:
            await self._admit_partner(request, reader)
        return reader

    def sufficient_scopes(self) -> list[Sequence[str]]:
        """Return the sets of scopes each of which opens the route; none if it needs no key."""
        for each in self.dependant.dependencies:
            if isinstance(each.call, RequiredScope):
                needed = each.call
                return [needed.scopes] if needed.every else [(one,) for one in needed.scopes]
        return []

    def problem_statuses(self) -> set[int]:
        """Return the statuses of the problems that the route is expected to answer."""
        found = super().problem_statuses()
        if self.sufficient_scopes():
            found |= {401, 403, 503}
        return found | ({413} if "POST" in (self.methods or ()) else set())

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request. That its key was used is stored after the answer was sent."""
        await super().handle(scope, receive, send)
        reader: Reader | None = scope.get("state", {}).get("reader")
        if reader is not None and self.notes_use:
            state = scope["app"].state
            uses, now = state.key_uses, state.ewarn.clock()
            if uses.is_due(reader.key.prefix, now):
                await uses.note(reader.key.prefix, now)

    async def _admit_partner(self, request: Request, reader: Reader) -> None:
        """Record a partner's request in its audit trail, before anything is read.

        Raises:
            Problem: 403 if the route is not open to partners.
        """
        if not getattr(self.endpoint, "is_open_to_partners", False):
            raise Problem(
                "not-for-partners",
                problem_details.NOT_FOR_PARTNERS(),
            )
        if not getattr(request.state, "is_audited", False):
            await run_in_threadpool(record_read, request.app.state.ewarn, reader, self.path)
            request.state.is_audited = True

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return FastAPI's handler, preceded by the checks of the key and the body."""
        handler = super().get_route_handler()
        most = getattr(self.endpoint, "most_bytes", MOST_BYTES)

        async def handle(request: Request) -> Response:
            await self.admit(request)
            body = await _read(request, most)
            if self.body_field is not None and body and _is_json(request):
                check_json(body)
            return await handler(Request(request.scope, _again(body, request.receive)))

        return handle


def _is_json(request: Request) -> bool:
    """Return whether FastAPI will parse the body as JSON; it refuses other bodies itself."""
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
    """Return a receiver that delivers the body again, then what follows, such as a disconnect."""
    waiting = [body]

    async def received() -> Message:
        if waiting:
            return {"type": "http.request", "body": waiting.pop(), "more_body": False}
        return await receive()

    return received


def too_large(most: int) -> Problem:
    """Return the problem 413 of a body of more than `most` bytes."""
    said = f"{most >> 20} MiB" if most >= 1 << 20 else f"{most >> 10} KiB"
    return Problem("body-too-large", problem_details.BODY_TOO_LARGE(size=said))
