"""Geometry of regions: which polygon contains a point, which is near, which share a border.

Everything is decoded at first use, so that lookups of codes and names need not wait for it.
"""

import math
from collections import defaultdict
from collections.abc import Collection, Iterable
from functools import cached_property

import shapely
from shapely import Point, STRtree, box
from shapely.affinity import scale
from shapely.geometry.base import BaseGeometry
from shapely.ops import nearest_points

from ewarn.places.topojson import Topology

NEAR_KM = 25.0
EARTH_RADIUS_KM = 6371.0088  # mean radius, IUGG


class Shapes:
    """The polygons of a topology, by their position in it.

    Coordinates are in degrees, distances in kilometres.
    """

    def __init__(self, topology: Topology) -> None:
        self._topology = topology

    def holding(self, latitude: float, longitude: float) -> list[int]:
        """Return the polygons that contain or touch a point, in ascending order."""
        found = self._tree.query(Point(longitude, latitude), predicate="intersects")
        return sorted(int(index) for index in found)

    def nearest(
        self, latitude: float, longitude: float, among: Collection[int] | None = None
    ) -> int | None:
        """Return the nearest polygon within 25 km (only of `among`, if given), or None."""
        within = [
            (distance, index)
            for index in self._around(latitude, longitude)
            if among is None or index in among
            if (distance := self.distance_km(index, latitude, longitude)) <= NEAR_KM
        ]
        return min(within)[1] if within else None

    def distance_km(self, index: int, latitude: float, longitude: float) -> float:
        """Return the great-circle distance between a point and a polygon in kilometres.

        It is exact to some metres within 100 km. The nearest point is found on a plane on which a
        degree of longitude has its true length at that latitude. The distance to it is then
        computed on the sphere.
        """
        shrink = _shrink(latitude)
        shape = self.polygons[index]
        shift = 360.0 * round((longitude - shape.centroid.x) / 360.0)
        flat = scale(shape, xfact=shrink, yfact=1.0, origin=(0, 0))
        there, _ = nearest_points(flat, Point((longitude - shift) * shrink, latitude))
        return _great_circle_km(latitude, longitude, there.y, there.x / shrink)

    def outline(self, indices: Iterable[int]) -> BaseGeometry:
        """Return the union of polygons."""
        return shapely.union_all([self.polygons[index] for index in indices])

    @cached_property
    def polygons(self) -> list[BaseGeometry]:
        """All polygons, in the order of the topology."""
        return [self._topology.shape(index) for index in range(len(self._topology))]

    @cached_property
    def borders(self) -> dict[int, set[int]]:
        """The neighbours of each polygon, which are those that share an arc with it.

        A polygon without neighbours has an empty set or is left out.
        """
        owners: dict[int, set[int]] = defaultdict(set)
        for index in range(len(self._topology)):
            for arc in self._topology.arcs_of(index):
                owners[arc].add(index)
        neighbours: dict[int, set[int]] = defaultdict(set)
        for sharing in owners.values():
            for index in sharing:
                neighbours[index] |= sharing - {index}
        return neighbours

    @cached_property
    def _tree(self) -> STRtree:
        return STRtree(self.polygons)

    def _around(self, latitude: float, longitude: float) -> set[int]:
        """Return the polygons whose bounding boxes come within 25 km, also across the date line."""
        high = math.degrees(NEAR_KM / EARTH_RADIUS_KM)
        wide = min(high / _shrink(latitude), 180.0)
        found: set[int] = set()
        for shift in (-360.0, 0.0, 360.0):
            x = longitude + shift
            area = box(x - wide, latitude - high, x + wide, latitude + high)
            found |= {int(index) for index in self._tree.query(area)}
        return found


def _shrink(latitude: float) -> float:
    """Return the length of a degree of longitude divided by that of latitude.

    It is at least 0.01, so that it is not zero at the poles.
    """
    return max(math.cos(math.radians(latitude)), 0.01)


def _great_circle_km(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """Return the haversine distance between two points in kilometres."""
    phi1, phi2 = math.radians(lat1), math.radians(lat2)
    half = (
        math.sin((phi2 - phi1) / 2) ** 2
        + math.cos(phi1) * math.cos(phi2) * math.sin(math.radians(lon2 - lon1) / 2) ** 2
    )
    return 2 * EARTH_RADIUS_KM * math.asin(min(1.0, math.sqrt(half)))
