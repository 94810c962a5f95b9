"""Regions: countries and first-level subdivisions, their names, codes and outlines."""

from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response
from shapely import set_precision
from shapely.geometry import mapping

from api.records.records import region_record
from api.schemas.lists import RegionList
from api.serving.access import Reader, ReadsAnything, State
from api.serving.answers import FRESH, Listing, json_answer, tag, unchanged
from api.serving.key_first import KeyFirst
from api.serving.problems import Problem
from api.serving.queries import Asking, Format, RegionsAsked
from api.serving.state import ApiState
from ewarn.domain.region import Level, Region
from ewarn.egress.places import RegionRecord
from ewarn.ports import WholeGazetteer

router = APIRouter(prefix="/v1/regions", tags=["places"], route_class=KeyFirst)

MOST_COUNTRIES = 40  # outlines of more are a download, not a map
_DAY = 86_400
_TOLERANCE = 0.01  # degrees, about a kilometre: finer than a page can show
_GRID = 0.001
_CACHED = {**FRESH, "Cache-Control": f"private, max-age={_DAY}"}


@router.get(
    "",
    response_model=RegionList,
    responses={200: {"content": {"application/geo+json": {"schema": {"type": "object"}}}}},
)
def list_regions(
    request: Request, state: State, reader: ReadsAnything, asked: Annotated[RegionsAsked, Query()]
) -> Response:
    """Regions the key covers, countries first.

    `format=geojson` gives a FeatureCollection with simplified outlines of the countries asked
    for. Boundaries and names imply no opinion on the legal status of any territory.
    """
    etag = tag(request, reader, state.version)
    same = unchanged(request, etag)
    if same is not None:
        return same
    found = _found(state, reader, asked)
    headers = {**_CACHED, "ETag": etag}
    if asked.format is Format.GEOJSON:
        if not asked.country and not asked.parent:
            raise Problem("request-refused", "Outlines are given by country: add `country`.")
        if len({region.country for region in found}) > MOST_COUNTRIES:
            raise Problem("request-refused", f"Ask for {MOST_COUNTRIES} countries at a time.")
        return Response(
            _collection(state.places, found), media_type="application/geo+json", headers=headers
        )
    return Listing([region_record(region) for region in found], None, headers=headers).answer(
        request
    )


@router.get("/{id}", response_model=RegionRecord)
def get_region(
    state: State,
    reader: ReadsAnything,
    id: Annotated[str, Path(description="Any code of the region.", examples=["TG-M"])],
    _: Annotated[Asking, Query()],
) -> Response:
    """One region by any of its codes: ISO 3166, FIPS 10-4, GeoNames, Wikidata."""
    return json_answer(region_record(reader.region(state, id)), _CACHED)


def _found(state: ApiState, reader: Reader, asked: RegionsAsked) -> list[Region]:
    countries = reader.narrowed(state, asked.country)
    level = asked.level
    if asked.parent is not None:
        countries, level = (reader.region(state, asked.parent).country,), Level.ADMIN1
    return list(state.places.regions(level, countries or None))


def _collection(places: WholeGazetteer, regions: list[Region]) -> bytes:
    features = [orjson.Fragment(_feature(places, region.id)) for region in regions]
    return orjson.dumps({"type": "FeatureCollection", "features": features})


def _feature(places: WholeGazetteer, id_: str) -> bytes:
    """A region as a GeoJSON feature (RFC 7946), its outline simplified."""
    region = places.get(id_)
    simple = set_precision(places.outline(id_).simplify(_TOLERANCE), _GRID)
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
