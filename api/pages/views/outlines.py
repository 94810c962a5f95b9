"""Outlines of regions for the map of the pages: projected, rounded, as paths of SVG.

The projection is equirectangular, scaled by the cosine of the middle latitude. Coordinates are
whole numbers, and each point is written relative to the one before it, so that all regions of the
world take some 200 kB after compression.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import orjson
import shapely
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

from ewarn.domain.region import Level, Region
from ewarn.ports import WholeGazetteer

WIDTH = 2000  # of the drawing, in whole units; the height follows
MOST_HEIGHT = 2000
_HALF_TURN = 180.0
_WEST_OF_ALASKA = -30.0  # degrees; what lies west of it is drawn east of Asia, if that is nearer


@dataclass(frozen=True, slots=True)
class _Projection:
    west: float
    north: float
    across: float  # units for a degree of longitude
    down: float  # units for a degree of latitude

    def place(self, longitude: float, latitude: float) -> tuple[int, int]:
        """Return the place of a point in the drawing."""
        x = (longitude - self.west) * self.across
        return round(x), round((self.north - latitude) * self.down)


@lru_cache(maxsize=64)
def outlines(
    places: WholeGazetteer, countries: tuple[str, ...], level: Level, language: str
) -> bytes:
    """Return the outlines of countries, and those of their subdivisions, as JSON.

    Args:
        countries: Countries that exist (alpha-3).
        level: At `country` no subdivisions are included.
    """
    borders = [places.get(code) for code in countries]
    inner: list[Region] = []
    if level is Level.ADMIN1:
        inner = list(places.regions(Level.ADMIN1, countries=countries))
    shapes = {each.id: places.outline(each.id) for each in (*borders, *inner)}
    shapes = {id_: shape for id_, shape in shapes.items() if _polygons(shape)}
    turned = _turned(shapes)
    if not turned:
        return b"null"
    projection, height = _projected(turned.values())

    def drawn(regions: Sequence[Region]) -> Iterator[dict[str, Any]]:
        for region in regions:
            if region.id in turned:
                yield {
                    "id": region.id,
                    "name": region.name_in(language),
                    "at": _inside(turned[region.id], projection),
                    "path": _path(turned[region.id], projection),
                }

    content = {
        "width": WIDTH,
        "height": height,
        "countries": list(drawn(borders)),
        "regions": list(drawn(inner)),
    }
    return orjson.dumps(content)


def _turned(shapes: dict[str, BaseGeometry]) -> dict[str, BaseGeometry]:
    """Return shapes that do not lie on both edges of the map, as those of Fiji would."""
    if not shapes:
        return {}
    west, _, east, _ = shapely.total_bounds(list(shapes.values()))
    if east - west <= _HALF_TURN or len(shapes) > 1000:
        return shapes

    def turn(points: Any) -> Any:
        points[points[:, 0] < _WEST_OF_ALASKA, 0] += 2 * _HALF_TURN
        return points

    turned = {id_: shapely.transform(shape, turn) for id_, shape in shapes.items()}
    west_, _, east_, _ = shapely.total_bounds(list(turned.values()))
    return turned if east_ - west_ < east - west else shapes


def _projected(shapes: Iterable[BaseGeometry]) -> tuple[_Projection, int]:
    """Return a projection that fits shapes into the drawing, and its height."""
    west, south, east, north = shapely.total_bounds(list(shapes))
    shrink = math.cos(math.radians((south + north) / 2))
    wide, high = max((east - west) * shrink, 1e-6), max(north - south, 1e-6)
    scale = min(WIDTH / wide, MOST_HEIGHT / high)
    left = west - (WIDTH / scale - wide) / 2 / shrink  # a narrow country stands in the middle
    return _Projection(left, north, scale * shrink, scale), math.ceil(high * scale)


def _inside(shape: BaseGeometry, projection: _Projection) -> tuple[int, int]:
    point = max(_polygons(shape), key=lambda part: part.area).representative_point()
    return projection.place(point.x, point.y)


def _polygons(shape: BaseGeometry) -> list[Polygon]:
    """Return the polygons of a shape; where regions touch, its union can hold lines, too."""
    return [part for part in getattr(shape, "geoms", [shape]) if isinstance(part, Polygon)]


def _path(shape: BaseGeometry, projection: _Projection) -> str:
    parts = []
    for polygon in _polygons(shape):
        for ring in (polygon.exterior, *polygon.interiors):
            points = [projection.place(*point[:2]) for point in ring.coords]
            parts.append(_ring(points))
    return "".join(parts)


def _ring(points: Sequence[tuple[int, int]]) -> str:
    """Return a closed ring; empty if all its points are the same after rounding."""
    (x, y), *others = points
    steps = []
    before = (x, y)
    for point in others:
        if point != before:
            steps.append(f"{point[0] - before[0]} {point[1] - before[1]}")
            before = point
    return f"M{x} {y}l{' '.join(steps)}z" if len(steps) > 2 else ""
