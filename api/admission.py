"""Checks of endpoints that other packages bring: each needs a key, and a shape for its answer.

An endpoint that lacks either is refused when the service starts, so that none is served by
accident.
"""

import re
from collections.abc import Callable, Coroutine, Iterator, Mapping
from typing import Any, get_args

from fastapi import APIRouter, Request
from fastapi.responses import Response
from fastapi.routing import APIRoute
from pydantic import TypeAdapter
from starlette.routing import BaseRoute

from api.routes.registry import ROUTERS
from api.routing.key_first import KeyFirst
from api.serving.access import RequiredScope
from api.serving.answers import FRESH
from ewarn.domain.key import SCOPES
from ewarn.egress.definition.shapes import Shape
from ewarn.egress.lists import ListFields
from ewarn.errors import SettingsError

_NAME = re.compile(r"[a-z][a-z0-9-]*")
GROUP = "ewarn.routes"  # of the entry points by which other packages bring routers


class ShapedRoute(KeyFirst):
    """A route of another package. Its answer is sent only if it fits its shape."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler behind the key check, with a check of its answer against the shape.

        An answer with another field, or that is not JSON, becomes a problem 500.
        """
        handler = super().get_route_handler()
        shape: TypeAdapter[Any] = TypeAdapter(self.response_model)

        async def handle(request: Request) -> Response:
            answer = await handler(request)
            kind = answer.headers.get("content-type", "")
            if kind.partition(";")[0] != "application/json":
                raise TypeError(f"{self.path} answers {kind}, and not JSON")
            shape.validate_json(bytes(answer.body))
            answer.headers.update(FRESH)  # caches must not store answers for a key
            return answer

        return handle


def admitted(brought: Mapping[str, APIRouter]) -> tuple[APIRouter, ...]:
    """Return the routes of other packages that passed the checks, in routers of our own.

    What a package does to its router beside or after that has no effect: static files, events at
    the start, routes that it adds later.

    Raises:
        SettingsError: A route has a fault, or a package brings something else than a router.
    """
    admitted = []
    for name, router in brought.items():
        if not isinstance(router, APIRouter):
            raise SettingsError(f"the package that brings {name!r} in {GROUP} brings no APIRouter")
        for fault in faults_of(name, router):
            raise SettingsError(
                f"the package that brings {name!r} in {GROUP} cannot be served: {fault}; "
                "repair or uninstall it"
            )
        admitted.append(APIRouter(routes=list(router.routes)))
    return tuple(admitted)


def faults_of(name: str, router: APIRouter) -> Iterator[str]:
    """Yield a sentence for each fault in the routes of a router that is registered under a name.

    For the tests of the package: `assert not list(faults_of("name", router))`.
    """
    home = f"/v1/{name}"
    if not _NAME.fullmatch(name):
        yield f"{name} is not a name of small letters, digits and hyphens"
    if any(_is_under(home, route) for each in ROUTERS for route in each.routes):
        yield f"{home} is an address of ewarn itself"
    for route in router.routes:
        path = getattr(route, "path", "of a nested router")
        if not isinstance(route, ShapedRoute):
            yield f"the route {path} is not of an APIRouter(route_class=ShapedRoute)"
            continue
        if not _is_under(home, route):
            yield f"the route {path} is not under {home}"
        for fault in (guard_fault(route), shape_fault(route)):
            if fault is not None:
                yield f"the route {path} {fault}"


def guard_fault(route: APIRoute) -> str | None:
    """Return how a route fails to check for a key first, or None if it checks."""
    guards = [
        each.call for each in route.dependant.dependencies if isinstance(each.call, RequiredScope)
    ]
    if len(guards) != 1:
        return "does not ask for a key: give it one reader, such as `reader: ReadsScores`"
    if not guards[0].scopes or not set(guards[0].scopes) <= set(SCOPES):
        return f"asks for a scope that no key has; the scopes are {', '.join(sorted(SCOPES))}"
    if not isinstance(route, KeyFirst):
        return "reads a body before it asks for a key"
    return None


def shape_fault(route: APIRoute) -> str | None:
    """Return how the answer of a route lacks a shape, or None if it has one."""
    answered = route.response_model
    if isinstance(answered, type) and issubclass(answered, ListFields):
        items = answered.model_fields.get("items")
        (answered,) = get_args(items.annotation) if items else (None,)
    if isinstance(answered, type) and issubclass(answered, Shape):
        return None
    return "states no shape: give it a `response_model`, a Shape or a subclass of ListFields"


def _is_under(home: str, route: BaseRoute) -> bool:
    path = str(getattr(route, "path", ""))
    return path == home or path.startswith(f"{home}/")
