"""Tests that no parameter is ignored: formats, fields, empty values, and codes in any case."""

from typing import get_args

import pytest
from fastapi.routing import APIRoute

from api.formats.registry import MEDIA_TYPES, WRITERS
from api.routes.registry import ROUTERS
from api.serving.requests import parameters_of
from ewarn.egress.lists import ListFields
from tests.api.client import Client
from tests.contracts.test_every_route import EXAMPLES

LISTS = [
    route
    for router in ROUTERS
    for route in router.routes
    if isinstance(route, APIRoute)
    and isinstance(route.response_model, type)
    and issubclass(route.response_model, ListFields)
]
HAVING = [route.path for route in LISTS if "format" in parameters_of(route)]
TABLES = [path for path in HAVING if path != "/v1/regions" and "{" not in path]


def refused(client: Client, path: str, name: str) -> str:
    """Return why a request is refused for one parameter."""
    answer = client.get(path)
    assert answer.status_code == 422, (path, answer.text)
    (error,) = answer.json()["errors"]
    assert error["parameter"] == name
    return str(error["detail"])


@pytest.mark.parametrize("route", LISTS, ids=lambda route: route.path)
def test_every_list_has_the_fields_and_formats_asked_for_or_refuses(
    client: Client, route: APIRoute
) -> None:
    path = EXAMPLES.get(route.path, route.path)
    items = client.get(path).json()["items"]
    assert route.response_model is not None
    (shape,) = get_args(route.response_model.model_fields["items"].annotation)
    first = next(iter(shape.model_fields))
    some = client.get(f"{path}?fields={first}").json()["items"]
    assert some == [{first: item[first]} for item in items]
    assert "there is no colour; there are" in refused(
        client, f"{path}?fields={first},colour", "fields"
    )
    assert "is empty" in refused(client, f"{path}?fields=", "fields")
    assert client.get(path, {"Accept": "text/html, image/*;q=0.5"}).status_code == 406
    assert client.get(path, {"Accept": "text/html, */*;q=0.1"}).json()["items"] == items
    if route.path not in HAVING:
        assert (
            refused(client, f"{path}?format=csv", "format")
            == "this address has JSON alone: leave the parameter out"
        )
        answer = client.get(path, {"Accept": "text/csv"})
        assert answer.json()["detail"] == "This address has no text/csv; it has application/json."
    else:
        assert "Input should be 'json'" in refused(client, f"{path}?format=xml", "format")


@pytest.mark.parametrize("path", TABLES)
def test_each_format_of_a_list_can_be_asked_for_both_ways(client: Client, path: str) -> None:
    has_places = path in ("/v1/scores", "/v1/scores/history", "/v1/alerts", "/v1/events")
    for name in WRITERS:
        asked = client.get(f"{path}?format={name}&fields=country")
        accepted = client.get(f"{path}?fields=country", {"Accept": f"a/b, {MEDIA_TYPES[name]}"})
        if name == "geojson" and not has_places:
            assert (asked.status_code, accepted.status_code) == (422, 406)
            continue
        for answer in (asked, accepted):
            assert answer.status_code == 200
            assert answer.headers["content-type"].partition(";")[0] == MEDIA_TYPES[name]
            assert answer.headers["vary"].startswith("Accept")
            if name == "csv":
                assert {*answer.text.splitlines()[1:]} <= {"BEN", "BFA", "GHA", "TGO"}
    assert "there is no sources; there are id" in refused(
        client, "/v1/scores?format=csv&fields=sources", "fields"
    )


def test_the_best_liked_format_is_chosen(client: Client) -> None:
    for accept, chosen in (
        ("", "application/json"),
        ("text/csv;q=0.5, application/*", "application/json"),
        ("text/csv, */*;q=0.1", "text/csv"),
        ("application/json;q=0, */*", "text/csv"),
        ("TEXT/CSV", "text/csv"),
        ("text/csv;q=x, application/geo+json;q=0.2", "application/geo+json"),
    ):
        answer = client.get("/v1/scores?country=TGO", {"Accept": accept})
        assert answer.headers["content-type"].partition(";")[0] == chosen, accept
    asked = client.get("/v1/scores?format=json", {"Accept": "text/csv"})
    assert asked.headers["content-type"] == "application/json"
    answer = client.get("/v1/regions/TGO", {"Accept": "text/csv"})
    assert (answer.status_code, answer.json()["type"]) == (406, "/problems#not-acceptable")


@pytest.mark.parametrize(
    "query", ["target=", "country=", "country=,", "region", "limit=&target=force"]
)
def test_an_empty_parameter_is_refused(client: Client, query: str) -> None:
    name = query.partition("=")[0]
    assert refused(client, f"/v1/scores?{query}", name) == (
        "is empty: give it a value, or leave it out"
    )


def test_filters_of_alerts_scores_and_events(client: Client) -> None:
    def ids(path: str) -> list[str]:
        return [item["id"] for item in client.items(path)]

    assert ids("/v1/alerts?rule=force-country") == ["a1", "a0"]
    assert ids("/v1/alerts?rule=none") == ids("/v1/alerts?level=admin1") == []
    assert ids("/v1/alerts?office=dakar&level=country") == ["a1", "a0"]
    assert ids("/v1/alerts?office=nairobi") == []
    bands = {item["band"] for item in client.items("/v1/scores?band=high,critical")}
    assert bands
    assert bands <= {"high", "critical"}
    assert ids("/v1/scores?office=nairobi&band=high") == [], "no score has no band"
    assert {i["band"] for i in client.items("/v1/scores/history?band=guarded&limit=1000")} == {
        "guarded"
    }
    assert client.items("/v1/scores/history?office=nairobi") == []
    events = client.items("/v1/events?level=country&office=dakar&limit=1000")
    assert events
    assert all(item["region"] == item["country"] for item in events)
    assert all(i["region"] != i["country"] for i in client.items("/v1/events?level=admin1"))
    for path in ("/v1/alerts", "/v1/events", "/v1/scores/history"):
        assert client.get(f"{path}?office=atlantis").status_code == 404


def test_names_and_codes_in_any_case(client: Client) -> None:
    def regions(query: str) -> set[str]:
        return {item["region"] for item in client.items(f"/v1/scores?{query}")}

    togo = regions("country=TGO")
    for name in ("togo", "tgo", "tg", "Togo", "TOGO", "Того"):
        assert regions(f"country={name}") == togo, name
    for name in ("tg-m", "Tg-M", "to25"):
        assert regions(f"region={name}") == {"TG-M" if name != "to25" else "TG-P"}
    assert regions("country=togo&region=maritime") == {"TG-M"}
    assert regions("country=togo&region=savanes") == {"TG-S"}
    several = client.get("/v1/scores?region=centre")
    assert (several.status_code, "TG-C: use a code" in several.json()["detail"]) == (404, True)
    assert client.get("/v1/regions/tg-m").json()["id"] == "TG-M"
    for query in ("target=FORCE&level=Country&office=Dakar&band=HIGH", "format=CSV"):
        assert client.get(f"/v1/scores?{query}").status_code == 200, query
    assert len(client.items("/v1/alerts?rule=Force-Country&state=OPEN&target=Force")) == 1
    assert client.items("/v1/events?source=INVENTED&kind=Protest")
