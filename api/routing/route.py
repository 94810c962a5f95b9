"""The kind of every route of ewarn: found quickly, and preceded by a check of the request."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send

from api.serving.requests import check_request, parameters_of

# FastAPI then adds no error of its own; `api.openapi` puts the problems of each route there.
_PROBLEMS: dict[int | str, dict[str, Any]] = {"default": {"description": ""}}
_OF_PLACES = {"country", "region", "office", "parent"}


class Route(APIRoute):
    """A route whose errors are problem documents.

    `is_logged` puts its use into the access log and the metrics. Statuses of problems that follow
    from nothing that the route declares are named in `responses`, such as `{409: {}}`.
    """

    is_logged = True

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        options["responses"] = _PROBLEMS | (options.get("responses") or {})
        super().__init__(path, endpoint, **options)
        self._begins = path.partition("{")[0]

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Return how the route matches a request.

        A path that begins differently is refused without a search, because each request is compared
        with all routes before its own.
        """
        if not scope.get("root_path") and not scope["path"].startswith(self._begins):
            return Match.NONE, {}
        return super().matches(scope)

    def problem_statuses(self) -> set[int]:
        """Return the statuses of the problems that the route is expected to answer."""
        asked = set(parameters_of(self))
        found = {int(each) for each in self.responses if str(each).isdecimal() and int(each) >= 400}
        found |= {422, 429}
        if asked & {"as_of", "cursor"}:
            found.add(400)
        if "{" in self.path or asked & _OF_PLACES:
            found.add(404)
        if self.response_model is not None:
            found.add(406)
        return found

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return FastAPI's handler, preceded by a check of the request."""
        handler = super().get_route_handler()

        async def handle(request: Request) -> Response:
            check_request(request)
            return await handler(request)

        return handle


class Section(BaseRoute):
    """Routes of one router, of which a request is compared only with those that begin like it.

    That is decided by the first part of a path, such as `v1` or `alerts`, and by the prefix of the
    router.
    """

    def __init__(self, router: APIRouter) -> None:
        self.routes = list(router.routes)
        self._begins = router.prefix
        firsts = {_first_part(getattr(route, "path", "")) for route in self.routes}
        self._sorted = {first: self._with(first) for first in firsts if "{" not in first}
        self._others = self._with("")

    def _with(self, first: str) -> list[BaseRoute]:
        """Return the routes whose path begins with a part, or with a parameter, in their order."""
        begins = [_first_part(getattr(route, "path", "")) for route in self.routes]
        every = zip(begins, self.routes, strict=True)
        return [route for begun, route in every if begun == first or "{" in begun]

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Return how the first route matches a request that matches it best."""
        best: tuple[Match, Scope] = (Match.NONE, {})
        candidates = self.routes
        if not scope.get("root_path"):
            path = scope["path"]
            if not path.startswith(self._begins):
                return best
            candidates = self._sorted.get(_first_part(path), self._others)
        for route in candidates:
            found = route.matches(scope)
            if found[0] is Match.FULL:
                return found
            if best[0] is Match.NONE:
                best = found
        return best

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request by the route that matched it."""
        await scope["route"].handle(scope, receive, send)


def _first_part(path: str) -> str:
    """Return the first part of a path, without slashes."""
    return path.partition("/")[2].partition("/")[0]
