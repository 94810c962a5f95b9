"""What every route keeps to, asked of each one that is registered."""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any, get_args

import httpx
import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import TypeAdapter

from api.app import create_app
from api.routes.push import RequiresPushSecret
from api.routes.registry import ROUTERS
from api.schemas.lists import Listed
from api.serving.access import Requires
from api.serving.key_first import KeyFirst
from ewarn.domain.key import SCOPES
from ewarn.egress.shapes import Shape
from tests.api.client import Client
from tests.api.subscribed import CODE
from tests.api.test_openapi import SNAPSHOT
from tests.api.world import PUSH_SECRET, RULE_HASH, World

PUBLIC = {
    "/",
    "/acknowledge/{token}",
    "/healthz",
    "/page-config.json",
    "/page/{name}",
    "/problems",
    "/readyz",
}
PUSHED = "/v1/push/{source}"  # opened by a secret of its own, in place of a key
ROUTES = [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]
DOCUMENTED = [route for route in ROUTES if route.include_in_schema]
KEYED = [route for route in ROUTES if route.path not in PUBLIC]
READ = [route for route in ROUTES if route.methods == {"GET"}]
EXAMPLES = {
    "/v1/regions/{id}": "/v1/regions/TG-M",
    "/v1/regions/{id}/series": "/v1/regions/TG-M/series",
    "/v1/regions/{id}/slowing": "/v1/regions/TG-M/slowing",
    "/v1/events/{source}/{source_event_id:path}/links": "/v1/events/invented/TGO-59-0/links",
    "/v1/events/{source}/{source_event_id:path}/versions": "/v1/events/invented/TGO-59-0/versions",
    "/v1/scores/{id}": "/v1/scores/1983",
    "/v1/scores/{id}/drivers": "/v1/scores/1983/drivers",
    "/v1/alerts/{id}": "/v1/alerts/a1",
    "/v1/models/{name}/scorecard": "/v1/models/invented/scorecard",
    "/v1/alerts/{id}/acknowledge": "/v1/alerts/a1/acknowledge",
    "/v1/alerts/{id}/assess": "/v1/alerts/a1/assess",
    "/v1/alerts/{id}/close": "/v1/alerts/a1/close",
    "/v1/silences/{id}/end": "/v1/silences/s1/end",
    "/v1/subscriptions/{id}": "/v1/subscriptions/sub1",
    "/v1/subscriptions/{id}/code": "/v1/subscriptions/sub1/code",
    "/v1/subscriptions/{id}/verify": "/v1/subscriptions/sub2/verify",
    "/v1/subscriptions/{id}/test": "/v1/subscriptions/sub1/test",
    "/v1/subscriptions/{id}/rotate": "/v1/subscriptions/sub1/rotate",
    "/v1/subscriptions/{id}/end": "/v1/subscriptions/sub1/end",
    "/v1/deliveries/{id}": "/v1/deliveries/msg1",
    "/v1/deliveries/{id}/replay": "/v1/deliveries/msg1/replay",
    "/v1/regions/{id}/brief": "/v1/regions/TGO/brief",
    "/v1/deployments/{id}": "/v1/deployments/d1",
    "/v1/deployments/{id}/steps": "/v1/deployments/d1/steps",
    "/v1/recommendations/{id}": "/v1/recommendations/r1",
    "/v1/recommendations/{id}/status": "/v1/recommendations/r1/status",
    "/v1/rules/{hash}": f"/v1/rules/{RULE_HASH}",
    PUSHED: "/v1/push/kobo",
}
BODIES: dict[str, dict[str, Any]] = {
    "/v1/rules/dry-run": {
        "region": "TG-M",
        "target": "force",
        "probability": 0.12,
        "observed": True,
    },
    "/v1/subscriptions": {"channel": "webhook", "address": "https://example.org/in"},
    "/v1/subscriptions/{id}/verify": {"code": CODE},
    "/v1/silences": {
        "reason": "An invented one.",
        "ends_at": "2020-03-09T00:00:00Z",
        "countries": ["TGO"],
    },
    "/v1/alerts/{id}/acknowledge": {"note": "An invented note."},
    "/v1/alerts/{id}/assess": {"finding": "unclear", "comment": "Nobody was there."},
    "/v1/alerts/{id}/close": {"reason": "An invented one."},
    "/v1/deployments": {"country": "TGO", "playbook": "deployment", "reason": "An invented one."},
    "/v1/deployments/{id}/steps": {"step": "consent_requested", "reason": "An invented one."},
    "/v1/recommendations": {
        "country": "TGO",
        "body": "upr",
        "text": "An invented one.",
        "owner": "regional office",
        "given_on": "2019-11-01",
    },
    "/v1/recommendations/{id}/status": {"status": "done", "evidence": "An invented law."},
}
FILES = {
    "/v1/recommendations/import": b"country,body,text,owner,given_on\nTGO,upr,x,office,2019-11-01",
}


def named(route: APIRoute) -> str:
    return route.path


def method_of(route: APIRoute) -> str:
    """The one method of a route."""
    methods = list(route.methods or ())
    assert len(methods) == 1
    return methods[0]


def ask(route: APIRoute, client: Client, query: str = "") -> httpx.Response:
    """What a route answers to its example, asked with its own method and the push secret."""
    path = EXAMPLES.get(route.path, route.path) + query
    body = BODIES.get(route.path) if method_of(route) == "POST" else None
    headers = {"X-Ewarn-Push-Secret": PUSH_SECRET}
    return client.send(method_of(route), path, headers, body, FILES.get(route.path))


@cache
def agreed() -> Any:
    """The document as agreed on: `tests/api/test_openapi.py` holds it to what is served."""
    return json.loads(SNAPSHOT.read_text(encoding="utf-8"))


def dependencies(dependant: Dependant) -> Iterator[Any]:
    """Everything a route depends on, however deep."""
    for inner in dependant.dependencies:
        yield inner.call
        yield from dependencies(inner)


def test_the_registry_holds_everything_that_is_served(world: World) -> None:
    answered = set(create_app(world.state()).openapi()["paths"])
    assert answered == {route.path_format for route in DOCUMENTED}
    assert {route.path for route in ROUTES} >= PUBLIC


@pytest.mark.parametrize("route", ROUTES, ids=named)
def test_it_has_a_scope_or_is_public(route: APIRoute) -> None:
    needed = [call for call in dependencies(route.dependant) if isinstance(call, Requires)]
    guards = [
        call for call in dependencies(route.dependant) if isinstance(call, RequiresPushSecret)
    ]
    assert len(guards) == (route.path == PUSHED)
    if route.path in PUBLIC or guards:
        assert not needed
    else:
        assert len(needed) == 1
        assert set(needed[0].scopes) <= set(SCOPES)


@pytest.mark.parametrize("route", KEYED, ids=named)
def test_its_key_is_asked_for_before_its_body_is_read(route: APIRoute) -> None:
    assert isinstance(route, KeyFirst) or route.path == PUSHED


@pytest.mark.parametrize("route", KEYED, ids=named)
def test_without_a_key_it_is_closed(route: APIRoute, world: World) -> None:
    client = Client(create_app(world.state()))
    answer = client.send(method_of(route), EXAMPLES.get(route.path, route.path))
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("route", [r for r in KEYED if r.path != "/metrics"], ids=named)
def test_what_it_documents_is_what_it_answers(route: APIRoute, client: Client) -> None:
    answer = ask(route, client)
    assert answer.status_code == (route.status_code or 200)
    assert route.response_model is not None
    TypeAdapter(route.response_model).validate_json(answer.text)


@pytest.mark.parametrize("route", [r for r in ROUTES if r.response_model], ids=named)
def test_its_answer_is_a_shape_or_a_list_of_shapes(route: APIRoute) -> None:
    answered = route.response_model
    if issubclass(answered, Listed):
        (answered,) = get_args(answered.model_fields["items"].annotation)
    assert issubclass(answered, Shape)


@pytest.mark.parametrize("route", READ, ids=named)
def test_head_has_the_headers_of_get_and_no_body(route: APIRoute, client: Client) -> None:
    path = EXAMPLES.get(route.path, route.path)
    asked, head = client.get(path), client.send("HEAD", path)
    assert head.status_code == asked.status_code
    assert head.content == b""
    if route.path != "/metrics":  # counts the requests, these two among them
        assert head.headers == asked.headers


@pytest.mark.parametrize("route", KEYED, ids=named)
def test_an_unknown_parameter_is_a_problem(route: APIRoute, client: Client) -> None:
    answer = ask(route, client, "?colour=red")
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["errors"][0]["parameter"] == "colour"


@pytest.mark.parametrize("route", KEYED, ids=named)
@pytest.mark.parametrize("value", ["%ff", "%ED%A0%80", "%C0%80", "a%E2%82"])
def test_a_parameter_that_is_not_utf_8_is_a_problem(
    route: APIRoute, client: Client, value: str
) -> None:
    for name in ("source", "country", "cursor", "x"):
        answer = ask(route, client, f"?{name}={value}")
        assert answer.status_code == 422
        assert answer.json()["errors"] == [{"parameter": name, "detail": "is not UTF-8"}]


@pytest.mark.parametrize("route", DOCUMENTED, ids=named)
def test_it_is_documented_with_an_example(route: APIRoute) -> None:
    document = agreed()
    operation = document["paths"][route.path_format][method_of(route).lower()]
    assert operation["description"]
    assert "application/problem+json" in operation["responses"]["default"]["content"]
    shapes = [
        content["schema"]["$ref"].rpartition("/")[2]
        for content in operation["responses"][str(route.status_code or 200)]["content"].values()
        if "$ref" in content["schema"]
    ]
    for shape in shapes:
        schema = document["components"]["schemas"][shape]
        item = schema["properties"].get("items", {}).get("items", {}).get("$ref", "")
        inner = document["components"]["schemas"].get(item.rpartition("/")[2], schema)
        assert "example" in inner, shape
