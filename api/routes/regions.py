"""Routes for regions: countries and first-level subdivisions, with names, codes and outlines."""

from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response
from shapely.geometry import mapping

from api.formats.registry import GEOJSON, NOT_MODIFIED, OutlineFormat, documented
from api.records.outlines import simple_outline
from api.records.records import region_record
from api.routing.key_first import KeyFirst, open_to_partners
from api.schemas.lists import RegionList
from api.serving.access import Reader, ReadsAnything, State
from api.serving.answers import FRESH, Listing, json_answer, tag, unchanged
from api.serving.problems import Problem, unknown_region
from api.serving.queries import NoParameters, RegionsQuery
from api.serving.requests import format_of
from api.serving.state import ApiState
from ewarn.domain.region import Level, Region
from ewarn.egress.places import RegionRecord
from ewarn.ports import WholeGazetteer

router = APIRouter(prefix="/v1/regions", tags=["places"], route_class=KeyFirst)

MOST_COUNTRIES = 40  # a map needs no more outlines at a time
_DAY = 86_400
_CACHED = {**FRESH, "Cache-Control": f"private, max-age={_DAY}"}


@router.get(
    "",
    response_model=RegionList,
    responses=documented(OutlineFormat) | NOT_MODIFIED | {400: {}},
)
@open_to_partners
def list_regions(
    request: Request, state: State, reader: ReadsAnything, asked: Annotated[RegionsQuery, Query()]
) -> Response:
    """Return the regions that the key covers, countries first.

    `format=geojson` returns a FeatureCollection with simplified outlines. It needs `country` or
    `parent`, and at most 40 countries at a time (otherwise 400). Boundaries and names imply no
    opinion on the legal status of any territory. Needs any read scope. Error: 404 if the key does
    not cover a country.
    """
    etag = tag(request, reader, state.version)
    same = unchanged(request, etag)
    if same is not None:
        return same
    found = _found(state, reader, asked)
    headers = {**_CACHED, "ETag": etag}
    if format_of(request) == GEOJSON:
        if not asked.country and not asked.parent:
            raise Problem("request-refused", "Outlines are available by country: add `country`.")
        if len({region.country for region in found}) > MOST_COUNTRIES:
            raise Problem(
                "request-refused", f"Ask for at most {MOST_COUNTRIES} countries at a time."
            )
        return Response(
            _collection(state.places, found), media_type="application/geo+json", headers=headers
        )
    return Listing([region_record(region) for region in found], None, headers=headers).answer(
        request
    )


@router.get("/{id}", response_model=RegionRecord)
@open_to_partners
def get_region(
    state: State,
    reader: ReadsAnything,
    id: Annotated[str, Path(description="Any code of the region.", examples=["TG-M"])],
    _: Annotated[NoParameters, Query()],
) -> Response:
    """Return one region by any of its codes: ISO 3166, FIPS 10-4, GeoNames or Wikidata.

    Needs any read scope. Error: 404 if there is no such region for the key.
    """
    return json_answer(region_record(reader.region(state, id)), _CACHED)


def _found(state: ApiState, reader: Reader, asked: RegionsQuery) -> list[Region]:
    countries = reader.narrowed(state, asked.country)
    level = asked.level
    if asked.parent is not None:
        parent = state.places.find(asked.parent)
        if parent is None or not reader.sees(parent.country):
            raise unknown_region(asked.parent)
        countries, level = (parent.country,), Level.ADMIN1
    return list(filter(reader.sees_region, state.places.regions(level, countries or None)))


def _collection(places: WholeGazetteer, regions: list[Region]) -> bytes:
    features = [orjson.Fragment(_feature(places, region.id)) for region in regions]
    return orjson.dumps({"type": "FeatureCollection", "features": features})


def _feature(places: WholeGazetteer, id_: str) -> bytes:
    """Return a region as a GeoJSON feature (RFC 7946) with a simplified outline."""
    region = places.get(id_)
    simple = simple_outline(places, id_)
    return orjson.dumps(
        {
            "type": "Feature",
            "id": id_,
            "geometry": None if simple.is_empty else _rounded(mapping(simple)),
            "properties": {
                key: value for key, value in region_record(region).items() if key != "codes"
            },
        }
    )


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(item) for item in value]
    return round(value, 3) if isinstance(value, float) else value
