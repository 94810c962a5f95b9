"""Tests that walk every page: nobody reads one without a session, and no form works without it."""

from typing import Any

import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from api.app import create_app
from api.routes.pages.page_route import SignedInRoute, form_of
from api.routes.registry import ROUTERS
from tests.api.pages.conftest import Visitor
from tests.api.pages.person import Person
from tests.api.world import World

PAGES = [
    route
    for router in ROUTERS
    for route in router.routes
    if isinstance(route, SignedInRoute) and isinstance(route, APIRoute)
]
READ = [route for route in PAGES if route.methods == {"GET"}]
CHANGED = [route for route in PAGES if route.methods != {"GET"}]
EXAMPLES = {
    "/regions/{id}": "/regions/TG-M",
    "/regions/{id}/brief": "/regions/TGO/brief",
    "/response/deployments/{id}": "/response/deployments/d1",
    "/response/recommendations/{id}": "/response/recommendations/r1",
}


def named(route: APIRoute) -> str:
    return f"{'+'.join(sorted(route.methods or ()))} {route.path}"


def calls(dependant: Dependant) -> list[Any]:
    return [each.call for each in dependant.dependencies]


def path_of(route: APIRoute) -> str:
    return EXAMPLES.get(route.path, route.path.replace("{id}", "a1"))


@pytest.mark.parametrize("route", READ, ids=named)
def test_nobody_reads_it_without_a_session(world: World, route: APIRoute) -> None:
    person = Person(create_app(world.state()))
    page = person.get(path_of(route))
    assert page.url.path == "/sign-in"
    assert "Togo" not in page.text


@pytest.mark.parametrize("route", CHANGED, ids=named)
def test_its_form_needs_the_token_of_a_page(visitor: Visitor, route: APIRoute) -> None:
    assert form_of in calls(route.dependant)
    refused = visitor().post(path_of(route), {}, token="0" * 64)
    assert refused.status_code == 403


@pytest.mark.parametrize("route", READ, ids=named)
@pytest.mark.parametrize("language", ["en", "fr"])
def test_it_says_nothing_of_other_countries(
    visitor: Visitor, route: APIRoute, language: str
) -> None:
    page = visitor("BEN", language=language).get(path_of(route))
    assert page.status_code in (200, 404)
    assert "Togo" not in page.text
    assert f'lang="{language}"' in page.text or not page.headers["content-type"].startswith("text")


@pytest.mark.parametrize("route", READ, ids=named)
def test_its_headers_keep_it_private(visitor: Visitor, route: APIRoute) -> None:
    page = visitor().get(path_of(route))
    assert page.headers["cache-control"].startswith(("private", "no-store"))
    assert "default-src 'self'" in page.headers["content-security-policy"]
    assert " style=" not in page.text.partition("<body")[2]
    assert "javascript:" not in page.text
