"""What stands around every request: safe headers, a count, and an answer whatever fails."""

from time import perf_counter

import structlog
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.serving.metrics import Metrics
from api.serving.problems import Problem

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
        "object-src 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_log = structlog.get_logger("ewarn.api")


class Guard:
    """Outermost middleware. An error nobody expected becomes a problem 500 that tells nothing."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, status = perf_counter(), 0

        async def guarded(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        try:
            await self._app(scope, receive, guarded)
        except Exception:
            _log.exception("request failed", route=_route(scope))
            if status:
                raise  # the answer has begun: only breaking it off tells that it is not whole
            answer = Problem("internal", "The service failed to answer; the error is logged.")
            await answer.answer()(scope, receive, guarded)
        finally:
            self._metrics.answered(_route(scope), status, perf_counter() - started)


class Head:
    """Middleware that serves HEAD, which many monitors send, as GET without its body.

    Here and not on the routes, so that each stands once in the OpenAPI document.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return

        async def bare(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        await self._app({**scope, "method": "GET"}, receive, bare)


def _route(scope: Scope) -> str:
    """The template of the route, so that addresses never become labels."""
    return str(getattr(scope.get("route"), "path", "unknown"))
