"""Checks of a request before its route runs: how its parameters are written, and its format."""

from collections.abc import Mapping
from enum import StrEnum
from types import NoneType
from typing import get_args
from urllib.parse import unquote_to_bytes

from fastapi import Request
from fastapi.routing import APIRoute
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from api.formats.registry import JSON, MEDIA_TYPES, TAGGED
from api.serving.problems import Problem, shown, wrong_parameters
from ewarn.languages import field_faults
from ewarn.languages.catalogues import preferred_language

HEAD = "ewarn.head"  # in the scope of a request that is a HEAD


def check_request(request: Request) -> None:
    """Refuse a request that would be misread, and choose the format of its answer.

    Raises:
        Problem: 422 if a parameter is empty or not UTF-8, or if a parameter of one value is given
            twice; 406 if the header `Accept` names no format of the route.
    """
    for pair in request.scope["query_string"].split(b"&"):
        try:
            unquote_to_bytes(pair).decode()
        except UnicodeDecodeError:
            name = pair.partition(b"=")[0].decode("ascii", "replace")
            raise wrong_parameters((shown(name), field_faults.NOT_UTF8())) from None
    route: APIRoute = request.scope["route"]
    known, asked = parameters_of(route), request.query_params
    _require_values(asked.multi_items(), known)
    if "format" in asked and "format" not in known and route.response_model is not None:
        raise wrong_parameters(("format", "this address has JSON alone: leave the parameter out"))
    repeated = [
        name
        for name in asked
        if name in known
        and known[name].default_factory is not list
        and len(asked.getlist(name)) > 1
    ]
    if repeated:
        raise wrong_parameters(*((name, field_faults.REPEATED()) for name in repeated))
    if route.response_model is not None:
        request.state.format = _chosen(request, _formats_of(known))


def format_of(request: Request) -> str:
    """Return the format of the answer to a checked request."""
    found: str = request.state.format
    return found


def language_of(request: Request) -> str:
    """Return the language in which notices are written for the reader: see `Accept-Language`."""
    return preferred_language(request.headers.get("accept-language", ""))


def prefers_page(request: Request) -> bool:
    """Return whether a request names HTML in `Accept`, and likes JSON no better."""
    ranges = _ranges(request.headers.get("accept", ""))
    return 0 < ranges.get(MEDIA_TYPES["html"], 0.0) >= _quality(MEDIA_TYPES[JSON], ranges)


def parameters_of(route: APIRoute) -> Mapping[str, FieldInfo]:
    """Return the query parameters of a route, by name."""
    found: dict[str, FieldInfo] = {}
    for parameter in route.dependant.query_params:
        annotation = parameter.field_info.annotation
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            found |= annotation.model_fields
    return found


def _require_values(given: list[tuple[str, str]], known: Mapping[str, FieldInfo]) -> None:
    """Refuse an empty value, which would otherwise mean the same as no parameter.

    Raises:
        Problem: 422 that names the parameters.
    """
    empty = [name for name, value in given if name in known and not value.strip(", ")]
    if empty:
        raise wrong_parameters(*((name, field_faults.EMPTY()) for name in dict.fromkeys(empty)))


def _formats_of(known: Mapping[str, FieldInfo]) -> tuple[str, ...]:
    """Return the formats of a route: the values of its parameter `format`, or only JSON."""
    if "format" not in known:
        return (JSON,)
    (choice,) = [each for each in get_args(known["format"].annotation) if each is not NoneType]
    is_enum = isinstance(choice, type) and issubclass(choice, StrEnum)
    return tuple(map(str, choice if is_enum else get_args(choice)))


def _chosen(request: Request, formats: tuple[str, ...]) -> str:
    """Return the format that a request asks for: by `format`, or else by the header `Accept`."""
    named = request.query_params.get("format", "").lower()
    found = named if named in formats else _accepted(request.headers.get("accept", ""), formats)
    if request.query_params.get("hxl", "").lower() in _YES and found not in TAGGED:
        where = " or ".join(f"format={name}" for name in TAGGED)
        raise wrong_parameters(("hxl", f"{found} has no row of tags: add {where}"))
    return found


_YES = ("1", "true", "yes", "on", "t", "y")


def _accepted(accept: str, formats: tuple[str, ...]) -> str:
    """Return the format that a header `Accept` likes best; of equals, the first one.

    Raises:
        Problem: 406 if it accepts none of them.
    """
    ranges = _ranges(accept) or {"*/*": 1.0}
    liked = {name: _quality(MEDIA_TYPES[name], ranges) for name in formats}
    best = max(formats, key=liked.__getitem__)
    if liked[best] > 0:
        return best
    known = ", ".join(f"{MEDIA_TYPES[name]} (format={name})" for name in formats)
    if formats == (JSON,):
        known = MEDIA_TYPES[JSON]
    raise Problem("not-acceptable", f"This address has no {shown(accept)}; it has {known}.")


def _ranges(accept: str) -> dict[str, float]:
    """Return the media ranges of a header `Accept` with their qualities."""
    return dict(map(_range, filter(str.strip, accept.split(","))))


def _range(part: str) -> tuple[str, float]:
    """Return a media range of `Accept` and its quality (RFC 9110, section 12.5.1)."""
    name, *parameters = (each.strip().lower() for each in part.split(";"))
    for parameter in parameters:
        if parameter.startswith("q="):
            try:
                return name, float(parameter[2:])
            except ValueError:
                return name, 0.0
    return name, 1.0


def _quality(media_type: str, ranges: Mapping[str, float]) -> float:
    family = media_type.partition("/")[0]
    named = (media_type, f"{family}/*", "*/*")
    return next((ranges[each] for each in named if each in ranges), 0.0)
