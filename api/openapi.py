"""The OpenAPI document: what FastAPI makes of the routes, completed with what it leaves out."""

from collections.abc import Iterable, Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import iter_route_contexts
from starlette.routing import BaseRoute

from api.routing.key_first import KeyFirst
from api.routing.route import Route, Section
from api.schemas.problems import ANY_PROBLEM, problem_components, problem_references

_UNDESCRIBED = "Successful Response"  # what FastAPI writes
DESCRIPTION = """
Risk scores, alerts and the events behind them, for human-rights offices.

**Keys.** Send `Authorization: Bearer prefix.secret` or `X-API-Key: prefix.secret`. A key has scopes
and covers countries. What is outside its countries is answered with 404, or is left out of a list.

**Errors.** Every error is a problem document (RFC 9457) that says in `detail` what is wrong. Every
route that needs a key can answer 401 (no valid key), 403 (the key lacks the scope), 422 (`errors`
names each wrong parameter or field), 429 (too many requests) and 503 (the database is not
available). Other errors are described with each route. A browser (`Accept: text/html`) gets a page
that explains the error instead.

**Limits.** A key and an address may send so many requests a minute. `RateLimit` shows how many are
left (`r`) and in how many seconds there are all again (`t`). A request too many is answered with
429 and `Retry-After`.

**As of.** `as_of` returns the answer as it would have been given at that moment. It never changes.
A moment in the future is answered with 400.

**Polling.** Scores, forecasts and alerts have a strong `ETag`. Send it back as `If-None-Match`: the
answer is 304, without a body, as long as nothing has changed.

**Pages.** Follow `next`, or the header `Link`, until there is none. All pages of a list refer to
one moment: nothing is skipped or repeated while data change.

**Missing is not zero.** A week that was not observed has a count of null.

**Notices.** `notice` says how far the items can be relied on: show it wherever you show them. It
names the sources that are not healthy, with the time of the newest data read from each, even if the
list is empty. `unwell` lists these sources for programs. A change of the notice changes the `ETag`.

A notice is in the language of `Accept-Language` that is liked best of those that are complete here,
else in English. `Content-Language` names it. In a file the notice is also in the header `X-Notice`,
which is in English for everybody. CAP messages, the Atom feed and the stream are in English.

**Formats.** Choose by `format` or by `Accept`. A file (every format but JSON) is the whole list
unless `limit` is given, and is sent while it is written: an incomplete answer is not the file.

Boundaries and names imply no opinion on the legal status of any territory.
"""
TAGS = [
    {
        "name": "scores",
        "description": "The risk of harm to people in a region, and what changed it.",
    },
    {
        "name": "alerts",
        "description": "Alerts that rules derive from scores, with all changes.",
    },
    {
        "name": "subscriptions",
        "description": "Who is notified of alerts at which address, and what was delivered.",
    },
    {"name": "response", "description": "The response: deployments, recommendations and briefs."},
    {
        "name": "reports",
        "description": "Field reports: observers send them, an office verifies them.",
    },
    {"name": "events", "description": "Events as sources report them, in every version."},
    {"name": "places", "description": "Regions and the offices that watch them."},
    {"name": "service", "description": "Sources, models, and the state of the service."},
    {"name": "push", "description": "For data providers: announce that there are new data."},
    {
        "name": "probes",
        "description": "For monitoring of the service; the first two need no key.",
    },
]


def document(app: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI document, which is built once."""
    if app.openapi_schema is None:
        routes = list(flat(app.routes))
        made = get_openapi(
            title=app.title,
            version=app.version,
            openapi_version=app.openapi_version,
            description=app.description,
            tags=app.openapi_tags,
            license_info=app.license_info,
            routes=routes,
        )
        for name, parts in problem_components().items():
            made["components"].setdefault(name, {}).update(parts)
        for context in iter_route_contexts(routes):  # also those inside of included routers
            route = context.original_route
            if isinstance(route, Route) and route.include_in_schema:
                _complete(made, route)
        _add_examples(made["components"]["schemas"])
        app.openapi_schema = made
    return app.openapi_schema


def flat(routes: Iterable[BaseRoute]) -> Iterator[BaseRoute]:
    """Yield routes, and those of each section in place of the section."""
    for route in routes:
        yield from route.routes if isinstance(route, Section) else (route,)


def _complete(made: dict[str, Any], route: Route) -> None:
    """Describe the body, the answer, the scopes and the problems of a route."""
    schemas = made["components"]["schemas"]
    for method in route.methods or ():
        operation = made["paths"][route.path_format][method.lower()]
        for parameter in operation.get("parameters", ()):
            parameter["schema"] = _sent(parameter["schema"])
        success = operation["responses"][str(route.status_code or 200)]
        for described in filter(None, (operation.get("requestBody"), success)):
            _describe(described, schemas)
        if isinstance(route, KeyFirst) and "security" in operation:
            operation["security"] = [
                {scheme: list(scopes)}
                for scopes in route.sufficient_scopes()
                for scheme in dict.fromkeys(name for each in operation["security"] for name in each)
            ]
        operation["responses"] |= problem_references(route.problem_statuses())
        operation["responses"]["default"] = ANY_PROBLEM


def _sent(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a parameter without what it repeats, and without null.

    A parameter that is null is one that is left out.
    """
    kept = {name: value for name, value in schema.items() if name not in ("title", "description")}
    values = [each for each in kept.pop("anyOf", ()) if each != {"type": "null"}]
    if len(values) > 1:
        kept["anyOf"] = values
    elif values:
        kept = values[0] | kept
    return kept


def _describe(described: dict[str, Any], schemas: dict[str, Any]) -> None:
    """Describe a body or an answer by the first sentences of its schema, if it is not described."""
    contents = described.get("content", {}).values()
    name = next((each["schema"].get("$ref", "").rpartition("/")[2] for each in contents), "")
    if name and described.get("description") in (None, _UNDESCRIBED):
        described["description"] = schemas[name].get("description", name).partition("\n\n")[0]


def _add_examples(schemas: dict[str, Any]) -> None:
    """Give each field that holds records an example, made of the examples of their fields.

    FastAPI drops what is null, so such an example cannot be given to it.
    """
    for schema in schemas.values():
        for field in schema.get("properties", {}).values():
            if "examples" not in field and (example := _example(field, schemas)) is not None:
                field["examples"] = [example]


def _example(
    schema: dict[str, Any], schemas: dict[str, Any], above: frozenset[str] = frozenset()
) -> Any:
    """Return an example of a schema, made of the examples of the fields in it; None without any.

    Args:
        above: The records that it is in; a record in itself has no example.
    """
    if "examples" in schema:
        return schema["examples"][0]
    if "items" in schema:
        inner = _example(schema["items"], schemas, above)
        return None if inner is None else [inner]
    if "anyOf" in schema:
        return _example(schema["anyOf"][0], schemas, above)
    name = schema.get("$ref", "").rpartition("/")[2]
    fields = {} if name in above else schemas.get(name, {}).get("properties", {})
    above |= {name}
    return {key: _example(field, schemas, above) for key, field in fields.items()} or None
