"""Middleware around every request: its id, security headers, logs, and an answer to failures."""

import re
import threading
from secrets import token_hex
from time import perf_counter

import structlog
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bind_contextvars

from api.routing.access_log import AccessLog
from api.serving.metrics import Metrics
from api.serving.problems import Problem, ProblemAnswer
from api.serving.requests import HEAD
from ewarn.languages import problem_details

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
        "object-src 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # with none, a form would not say where it comes from
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_ADDED = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]
_NAMES = frozenset(name for name, _ in _ADDED)
_CLOSE = (b"connection", b"close")
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_log = structlog.get_logger("ewarn.api")


class Guard:
    """The outermost middleware. It answers an unexpected error with a problem 500.

    While the process is stopping, each answer closes its connection, so that the client sends its
    next request on another one.
    """

    def __init__(
        self,
        app: ASGIApp,
        metrics: Metrics,
        access_log: AccessLog | None,
        is_stopping: threading.Event,
        answer: ProblemAnswer,
    ) -> None:
        self._app = app
        self._is_stopping = is_stopping
        self._answer = answer
        self._metrics = metrics
        self._access_log = access_log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, status, ended = perf_counter(), 0, 0.0
        request_id = self._id_of(scope)
        scope.setdefault("state", {})["request_id"] = request_id
        bind_contextvars(request_id=request_id)

        async def guarded(message: Message) -> None:
            nonlocal status, ended
            if message["type"] == "http.response.start":
                status = message["status"]
                kept = [each for each in message["headers"] if each[0].lower() not in _NAMES]
                added = (b"x-request-id", request_id.encode())
                message["headers"] = [*kept, *_ADDED, added]
                if self._is_stopping.is_set():
                    message["headers"].append(_CLOSE)
            await send(message)
            if message["type"] == "http.response.body" and not message.get("more_body"):
                ended = perf_counter()  # what is done after the answer does not count

        try:
            await self._app(scope, receive, guarded)
        except Exception:
            _log.exception("request failed", route=_route(scope))
            if status:
                raise  # the answer has begun: only an abort shows the client that it is incomplete
            said = problem_details.FAILED(id=request_id)
            answer = self._answer(Request(scope), Problem("internal", said))
            await answer(scope, receive, guarded)
        finally:
            if getattr(scope.get("route"), "is_logged", True):
                self._tell(scope, status, (ended or perf_counter()) - started)

    def _tell(self, scope: Scope, status: int, seconds: float) -> None:
        """Count a request, and write its line into the access log."""
        route = _route(scope)
        self._metrics.answered(route, status, seconds)
        if self._access_log is not None:
            self._access_log.answered(scope, route, status, seconds)

    @staticmethod
    def _id_of(scope: Scope) -> str:
        """Return the id that a client or a proxy gave to a request, or a new one."""
        for name, value in scope["headers"]:
            if name == b"x-request-id":
                given: str = value.decode("latin-1")
                if _REQUEST_ID.fullmatch(given):
                    return given
        return token_hex(8)  # a number would tell everybody how many requests there were


class Head:
    """Middleware that serves HEAD, which many monitors send, as GET without the body.

    It is not done on the routes, so that each route appears once in the OpenAPI document.
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

        await self._app({**scope, "method": "GET", HEAD: True}, receive, bare)


def _route(scope: Scope) -> str:
    """Return the template of the route, so that addresses never become labels."""
    return str(getattr(scope.get("route"), "path", "unknown"))
