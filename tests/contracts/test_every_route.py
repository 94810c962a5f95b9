"""Tests that hold for every registered route."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import TypeAdapter

from api.admission import guard_fault, shape_fault
from api.app import create_app
from api.routes.pages.page_route import SignedInRoute
from api.routes.push import RequiresPushSecret
from api.routes.registry import ROUTERS
from api.serving.access import RequiredScope
from tests.api.client import Client
from tests.api.subscribed import CODE
from tests.api.world import PUSH_SECRET, RECEIPT, REPORT, RULE_HASH, World

PUBLIC = {
    "/acknowledge/{token}",
    "/healthz",
    "/page/{name}",
    "/problems",
    "/readyz",
    "/report",
    "/report/worker.js",
    "/sign-in",
    "/offline",
    "/worker.js",
}
ENDLESS = "/v1/stream"  # tests/api/formats/test_stream.py reads it
OTHER_FORMATS = {"/metrics", "/v1/alerts/{id}.cap", "/v1/feeds/alerts.atom", ENDLESS}
PUSHED = "/v1/push/{source}"  # checks a secret of its own in place of a key
# Pages of people who signed in have tests of their own: tests/api/pages/test_every_page.py.
ROUTES = [
    route
    for router in ROUTERS
    for route in router.routes
    if isinstance(route, APIRoute) and not isinstance(route, SignedInRoute)
]
DOCUMENTED = [route for route in ROUTES if route.include_in_schema]
KEYED = [route for route in ROUTES if route.path not in PUBLIC]
READ = [route for route in ROUTES if route.methods == {"GET"} and route.path != ENDLESS]
EXAMPLES = {
    "/v1/regions/{id}": "/v1/regions/TG-M",
    "/v1/regions/{id}/series": "/v1/regions/TG-M/series",
    "/v1/regions/{id}/slowing": "/v1/regions/TG-M/slowing",
    "/v1/events/{source}/{source_event_id:path}/links": "/v1/events/invented/TGO-59-0/links",
    "/v1/events/{source}/{source_event_id:path}/versions": "/v1/events/invented/TGO-59-0/versions",
    "/v1/scores/{id}": "/v1/scores/1983",
    "/v1/scores/{id}/drivers": "/v1/scores/1983/drivers",
    "/v1/alerts/{id}": "/v1/alerts/a1",
    "/v1/alerts/{id}.cap": "/v1/alerts/a1.cap",
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
    "/v1/regions/{id}/reports": "/v1/regions/TG-M/reports",
    "/v1/reports/{id}": f"/v1/reports/{REPORT}",
    "/v1/reports/{id}/verify": f"/v1/reports/{REPORT}/verify",
    "/v1/reports/{id}/reject": f"/v1/reports/{REPORT}/reject",
    "/v1/reports/{id}/erase": f"/v1/reports/{REPORT}/erase",
    PUSHED: "/v1/push/kobo",
}
BODIES: dict[str, dict[str, Any]] = {
    "/v1/rules/trial": {
        "rules": "- {id: one, target: force, level: admin1, horizon_weeks: 4, raise_at: 0.2, "
        "close_below: 0.1}",
        "from": "2020-01-01",
        "to": "2020-02-29",
    },
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
    "/v1/alerts/{id}/acknowledge": {"reason": "An invented reason."},
    "/v1/alerts/{id}/assess": {"finding": "unclear", "reason": "Nobody was there."},
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
    "/v1/reports": {"kind": "arrest", "week": "2020-02-19", "region": "TG-M"},
    "/v1/reports/{id}/verify": {"reason": "own staff saw it too"},
    "/v1/reports/{id}/reject": {"reason": "nothing confirms it"},
    "/v1/reports/{id}/erase": {"reason": "the sender asked for it"},
    "/v1/recommendations/{id}/status": {"status": "done", "evidence": "An invented law."},
}
HEADERS = {
    "X-Ewarn-Push-Secret": PUSH_SECRET,
    "Idempotency-Key": "an-invented-attempt",
    "X-Ewarn-Receipt": RECEIPT,
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
    """What a route answers to its example, asked with its own method and headers."""
    path = EXAMPLES.get(route.path, route.path) + query
    body = BODIES.get(route.path) if method_of(route) == "POST" else None
    return client.send(method_of(route), path, HEADERS, body, FILES.get(route.path))


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
def test_its_key_is_asked_for_before_its_body_is_read_or_it_is_public(route: APIRoute) -> None:
    asked = list(dependencies(route.dependant))
    assert any(isinstance(call, RequiresPushSecret) for call in asked) == (route.path == PUSHED)
    if route.path in {*PUBLIC, PUSHED}:
        assert not any(isinstance(call, RequiredScope) for call in asked)
    else:
        assert guard_fault(route) is None


@pytest.mark.parametrize("route", KEYED, ids=named)
def test_without_a_key_it_is_closed(route: APIRoute, world: World) -> None:
    client = Client(create_app(world.state()))
    answer = client.send(method_of(route), EXAMPLES.get(route.path, route.path))
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("route", [r for r in KEYED if r.path not in OTHER_FORMATS], ids=named)
def test_what_it_documents_is_what_it_answers(route: APIRoute, client: Client) -> None:
    answer = ask(route, client)
    assert answer.status_code == (route.status_code or 200)
    assert route.response_model is not None
    TypeAdapter(route.response_model).validate_json(answer.text)


@pytest.mark.parametrize("route", [r for r in ROUTES if r.response_model], ids=named)
def test_its_answer_is_a_shape_or_a_list_of_shapes(route: APIRoute) -> None:
    assert shape_fault(route) is None


@pytest.mark.parametrize("route", READ, ids=named)
def test_head_has_the_headers_of_get_and_no_body(route: APIRoute, client: Client) -> None:
    path = EXAMPLES.get(route.path, route.path)
    asked, head = client.get(path), client.send("HEAD", path)
    assert head.status_code == asked.status_code
    assert head.content == b""
    if route.path != "/metrics":  # counts the requests, these two among them
        given, got = (each.headers for each in (asked, head))
        assert given.pop("x-request-id") != got.pop("x-request-id")
        assert got == given


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
