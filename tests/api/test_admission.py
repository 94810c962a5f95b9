"""Tests that endpoints of packages need a key, and return only what their shape has."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import pytest
from fastapi import APIRouter, Depends, FastAPI
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel

from api.admission import ShapedRoute, faults_of
from api.app import create_app
from api.routing.key_first import KeyFirst
from api.serving.access import Reader, ReadsScores, RequiredScope
from api.serving.answers import json_answer
from ewarn.egress.definition.shapes import Shape, shown
from ewarn.errors import SettingsError
from tests.api.client import Client
from tests.api.world import World


class Secretive(Shape):
    """An invented record."""

    name: str = shown("invented")


def keyed(_: ReadsScores) -> dict[str, Any]:
    """An invented endpoint."""
    return {"name": "an invented name"}


def unguarded() -> dict[str, Any]:
    """An endpoint that does not ask for a key."""
    return {}


def of_no_scope(_: Annotated[Reader, Depends(RequiredScope("everything:read"))]) -> dict[str, Any]:
    """An endpoint that asks for a scope that no key has."""
    return {}


def router(
    endpoint: Any = keyed,
    path: str = "/v1/invented",
    kind: type[APIRoute] = ShapedRoute,
    shape: Any = Secretive,
) -> APIRouter:
    made = APIRouter(route_class=kind)
    made.add_api_route(path, endpoint, response_model=shape)
    return made


def mounted() -> APIRouter:
    made = APIRouter()
    made.mount("/v1/invented", FastAPI())
    return made


@pytest.mark.parametrize(
    ("brought", "name", "fault"),
    [
        (router(unguarded), "invented", "does not ask for a key"),
        (router(of_no_scope), "invented", "asks for a scope that no key has"),
        (router(kind=KeyFirst), "invented", "is not of an APIRouter(route_class=ShapedRoute)"),
        (mounted(), "invented", "is not of an APIRouter(route_class=ShapedRoute)"),
        (router(shape=None), "invented", "states no shape"),
        (router(shape=dict[str, str]), "invented", "states no shape"),
        (router(path="/v1/invented-too"), "invented", "is not under /v1/invented"),
        (router(path="/v1/alerts/new"), "alerts/new", "is not a name of small letters"),
        (router(path="/v1/scores/all"), "scores", "/v1/scores is an address of ewarn itself"),
    ],
)
def test_an_endpoint_that_would_bypass_the_guard_or_the_egress_is_refused(
    brought: APIRouter, name: str, fault: str, world: World
) -> None:
    assert fault in next(faults_of(name, brought))
    with pytest.raises(SettingsError, match=f"brings '{name}' in ewarn.routes cannot be served"):
        create_app(world.state(), {name: brought})


def test_only_the_checked_routes_of_a_package_are_served(
    world: World, client: Client, tmp_path: Path
) -> None:
    (tmp_path / "x.txt").write_text("of a person")
    begun: list[str] = []

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        begun.append("at the start")
        yield

    brought = APIRouter(route_class=ShapedRoute, lifespan=lifespan)
    brought.add_api_route("/v1/invented", keyed, response_model=Secretive)
    brought.frontend("/v1/invented/files", directory=tmp_path)
    app = create_app(world.state(), {"invented": brought})
    brought.add_api_route("/v1/invented/late", unguarded)
    asyncio.run(_started(app))
    assert begun == []
    reader = Client(app, client.headers)
    assert reader.get("/v1/invented").status_code == 200
    for path in ("/v1/invented/files/x.txt", "/v1/invented/late"):
        assert reader.get(path).status_code == 404


async def _started(app: FastAPI) -> None:
    async with app.router.lifespan_context(app):
        pass


def public(_: ReadsScores) -> Response:
    """An endpoint that lets caches store its answer."""
    return JSONResponse({"name": "an invented name"}, headers={"Cache-Control": "public"})


def disguised(_: ReadsScores) -> Response:
    """An endpoint whose JSON is sent as a page."""
    return JSONResponse({"name": "an invented name"}, headers={"Content-Type": "text/html"})


def leaking(_: ReadsScores) -> Response:
    """An endpoint that avoids its shape by returning a response of its own."""
    return json_answer({"name": "an invented name", "address": "of a person"})


def written(_: ReadsScores) -> Response:
    """An endpoint that does not return JSON."""
    return PlainTextResponse("of a person")


@pytest.mark.parametrize(
    ("endpoint", "status"),
    [(keyed, 200), (public, 200), (leaking, 500), (written, 500), (disguised, 500)],
)
def test_what_is_not_in_its_shape_stays_inside(
    endpoint: Any, status: int, world: World, client: Client
) -> None:
    app = create_app(world.state(), {"invented": router(endpoint)})
    assert Client(app).get("/v1/invented").status_code == 401
    answer = Client(app, client.headers).get("/v1/invented")
    assert answer.status_code == status
    assert ("an invented name" in answer.text) is (status == 200)
    assert "person" not in answer.text
    assert (answer.headers.get("cache-control") == "private, no-cache") is (status == 200)


class Wish(BaseModel):
    """An invented body, whose fields are not described."""

    words: str
    others: list["Wish"] = []


def asking(_reader: ReadsScores, _wish: Wish, day: date | None = None) -> dict[str, Any]:
    """An endpoint with a body of its own."""
    return {"name": str(day)}


def test_an_endpoint_of_a_package_is_documented_without_being_described(world: World) -> None:
    brought = APIRouter(route_class=ShapedRoute)
    brought.add_api_route("/v1/invented", asking, methods=["POST"], response_model=Secretive)
    document = create_app(world.state(), {"invented": brought}).openapi()
    operation = document["paths"]["/v1/invented"]["post"]
    assert operation["requestBody"]["description"].startswith("An invented body")
    assert operation["security"][0] == {"HTTPBearer": ["scores:read"]}
    assert "examples" not in document["components"]["schemas"]["Wish"]["properties"]["words"]
