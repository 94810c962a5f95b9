"""Tests of every route with every role, in the own country and in another one.

The world holds things of Togo. A key that covers Togo gets what its scopes allow. A key of another
country gets 404 for each single thing, and lists without it. One table says which scopes open which
route; it is written by hand, so that a route that asks for another scope fails here.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

import httpx
import pytest
from fastapi.routing import APIRoute

from api.app import create_app
from ewarn.domain.key import PARTNER_SCOPES, READ_SCOPES, SCOPES, PartnerLimits
from tests.api.client import Client
from tests.api.subscribed import subscribe
from tests.api.world import LICENCE, World
from tests.contracts.test_every_route import ENDLESS, KEYED, PUSHED, ROUTES, ask, method_of

READS = tuple(sorted(READ_SCOPES))
ALL_READS = ("scores:read", "alerts:read", "events:read", "deployments:read")
# The scopes of which one opens a route, by the beginning of its path. The longest beginning counts.
OPENED_BY: dict[str, tuple[str, ...]] = {
    "/metrics": ("sources:read",),
    "/v1/alerts": ("alerts:read",),
    "/v1/deliveries": ("subscriptions:write",),
    "/v1/deployments": ("deployments:read",),
    "/v1/events": ("events:read",),
    "/v1/feeds": ("alerts:read",),
    "/v1/forecasts": ("scores:read",),
    "/v1/models": ("scores:read",),
    "/v1/offices": READS,
    "/v1/recommendations": ("deployments:read",),
    "/v1/regions": READS,
    "/v1/regions/{id}/reports": ("events:read",),
    "/v1/regions/{id}/series": ("events:read",),
    "/v1/regions/{id}/slowing": ("events:read",),
    "/v1/reports": ("reports:verify",),
    "/v1/reports/form": ("reports:write",),
    "/v1/reports/receipt": ("reports:write",),
    "/v1/rules": ("alerts:read",),
    "/v1/scores": ("scores:read",),
    "/v1/silences": ("alerts:read",),
    "/v1/sources": ("sources:read",),
    "/v1/status": ("sources:read",),
    "/v1/stream": ("alerts:read",),
    "/v1/subscriptions": ("subscriptions:write",),
    "POST /v1/alerts": ("alerts:act",),
    "POST /v1/deliveries": ("subscriptions:write",),
    "POST /v1/deployments": ("deployments:write",),
    "POST /v1/recommendations": ("deployments:write",),
    "POST /v1/reports": ("reports:write",),
    "POST /v1/reports/{id}": ("reports:verify",),
    "POST /v1/rules": ("alerts:read",),
    "POST /v1/silences": ("alerts:act",),
    "POST /v1/subscriptions": ("subscriptions:write",),
}
EVERY_SCOPE = {  # routes that need all of these scopes
    "/v1/regions/{id}/brief": ALL_READS,
    "/v1/rules/trial": ("scores:read", "alerts:read"),
}
EVERY_COUNTRY = {"/metrics", "/v1/rules/trial"}
FOR_PARTNERS = {
    "/v1/alerts",
    "/v1/alerts/{id}",
    "/v1/events",
    "/v1/events/{source}/{source_event_id:path}/links",
    "/v1/events/{source}/{source_event_id:path}/versions",
    "/v1/regions",
    "/v1/regions/{id}",
    "/v1/scores",
    "/v1/scores/history",
    "/v1/scores/{id}",
    "/v1/scores/{id}/drivers",
}
# Single things of Togo that are not told apart by country: the answer is the same everywhere, or it
# belongs to the key (its own subscriptions) or to the installation (rules, models).
OF_NO_COUNTRY = {
    "/v1/deliveries/{id}",
    "/v1/deliveries/{id}/replay",
    "/v1/models/{name}/scorecard",
    "/v1/rules/{hash}",
    "/v1/reports/receipt",
    "/v1/subscriptions/{id}",
    "/v1/subscriptions/{id}/code",
    "/v1/subscriptions/{id}/end",
    "/v1/subscriptions/{id}/rotate",
    "/v1/subscriptions/{id}/test",
    "/v1/subscriptions/{id}/verify",
}
# Bodies that name Togo are refused to a key of another country.
NAMING_TOGO = {
    "POST /v1/deployments",
    "POST /v1/recommendations",
    "POST /v1/reports",
    "POST /v1/rules/dry-run",
    "POST /v1/silences",
}
SILENCE_OF_GHANA = "/v1/silences/{id}/end"  # all other single things are of Togo
REPEATS_A_ROW = "POST /v1/recommendations/import"  # the one it rejects, as it was sent
MARKS = re.compile("TGO|TG-|Togo")  # in an answer that shows something of Togo


@dataclass(frozen=True)
class Role:
    """A kind of key."""

    scopes: Collection[str]
    countries: tuple[str, ...]
    licences: tuple[str, ...] = ()
    partner: PartnerLimits | None = None

    def holds(self, scope: str) -> bool:
        admin = "admin" in self.scopes and scope != "reports:verify"
        return scope in self.scopes or admin

    def covers(self, country: str) -> bool:
        return not self.countries or country in self.countries


ALL_DAYS = PartnerLimits((), date(2019, 1, 1), date(2020, 12, 31))
ROLES: dict[str, Role] = {
    **{f"{scope} only": Role((scope,), ("TGO",)) for scope in SCOPES},
    "reader of the office": Role(READ_SCOPES, ("TGO",)),
    "reader of another office": Role(READ_SCOPES, ("GHA",)),
    "reader everywhere": Role(READ_SCOPES, ()),
    "reader of scores everywhere": Role(("scores:read",), ()),
    "reader of alerts everywhere": Role(("alerts:read",), ()),
    "partner": Role(PARTNER_SCOPES, ("TGO",), partner=ALL_DAYS),
    "partner elsewhere": Role(PARTNER_SCOPES, ("GHA",), partner=ALL_DAYS),
    "admin of the country": Role(("admin",), ("TGO",)),
    "admin of another country": Role(("admin",), ("GHA",)),
    "admin everywhere": Role(("admin",), ()),
    "all but admin elsewhere": Role([s for s in SCOPES if s != "admin"], ("GHA",), (LICENCE,)),
    "verifier": Role(("reports:verify",), ("TGO",), (LICENCE,)),
    "verifier elsewhere": Role(("reports:verify",), ("GHA",), (LICENCE,)),
    "reporter": Role(("reports:write",), ("TGO",)),
    "reporter elsewhere": Role(("reports:write",), ("GHA",)),
}


# Reads first, and at last what ends a thing. A push has a secret of its own in place of a key.
OPENED = sorted(
    (route for route in KEYED if route.path != PUSHED),
    key=lambda route: (route.methods != {"GET"}, route.path.endswith("/end"), route.path),
)


def called(route: APIRoute) -> str:
    return f"{method_of(route)} {route.path}"


def reached(route: APIRoute, client: Client) -> httpx.Response:
    """Return the answer of a route; of the stream, which does not end, only the headers."""
    return client.send("HEAD", ENDLESS) if route.path == ENDLESS else ask(route, client)


def opening(route: APIRoute) -> tuple[str, ...]:
    """Return the scopes that the table says open a route."""
    prefix = "" if method_of(route) == "GET" else f"{method_of(route)} "
    fitting = [each for each in OPENED_BY if (prefix + route.path).startswith(each)]
    return OPENED_BY[max(fitting, key=len)]


def is_open(route: APIRoute, role: Role) -> bool:
    if role.partner is not None and route.path not in FOR_PARTNERS:
        return False
    if route.path in EVERY_COUNTRY and role.countries:
        return False
    if route.path in EVERY_SCOPE:
        return all(role.holds(scope) for scope in EVERY_SCOPE[route.path])
    return any(role.holds(scope) for scope in opening(route))


def allowed(route: APIRoute, role: Role) -> set[int]:
    """Return the statuses that a route may answer to a role."""
    if not is_open(route, role):
        return {403}
    done = route.status_code or 200
    if route.path.startswith("/v1/reports/{id}") and LICENCE not in role.licences:
        return {404}
    single = "{" in route.path or called(route) in NAMING_TOGO
    country = "GHA" if route.path == SILENCE_OF_GHANA else "TGO"
    if single and not role.covers(country) and route.path not in OF_NO_COUNTRY:
        return {404}
    return {done} if method_of(route) == "GET" else {done, 409}  # allowed, though too late


@pytest.mark.parametrize("name", ROLES)
def test_a_role_gets_what_it_may_and_nothing_of_another_country(world: World, name: str) -> None:
    role = ROLES[name]
    text = world.key(
        *role.countries, scopes=role.scopes, licences=role.licences, partner=role.partner
    )
    subscribe(world, text.partition(".")[0])
    client = Client(create_app(world.state()), {"X-API-Key": text})
    wrong, shown = {}, []
    for route in OPENED:
        answer = reached(route, client)
        if answer.status_code not in allowed(route, role):
            wrong[called(route)] = (answer.status_code, allowed(route, role), answer.text[:200])
        if not role.covers("TGO") and answer.status_code < 300 and MARKS.search(answer.text):
            shown.append(called(route))
    assert wrong == {}
    assert set(shown) <= {REPEATS_A_ROW}


def test_without_a_key_every_route_is_closed_but_the_public_ones(world: World) -> None:
    client = Client(create_app(world.state()))
    answers = [reached(route, client) for route in OPENED]
    kinds = {(each.status_code, each.headers["content-type"]) for each in answers}
    assert kinds == {(401, "application/problem+json")}
    assert client.send("POST", "/v1/push/kobo").status_code == 401


def test_the_table_names_routes_that_exist_and_partners_reach_the_marked_ones() -> None:
    paths = {route.path for route in ROUTES}
    assert FOR_PARTNERS | OF_NO_COUNTRY | {*EVERY_SCOPE} | EVERY_COUNTRY <= paths
    marked = {
        route.path for route in KEYED if getattr(route.endpoint, "is_open_to_partners", False)
    }
    assert marked == FOR_PARTNERS
    assert all(route.methods == {"GET"} for route in KEYED if route.path in marked)
