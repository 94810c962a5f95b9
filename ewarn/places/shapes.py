"""Where regions lie: which polygon holds a point, which is near, which share a border.

Everything here is decoded at first use; codes and names never wait for it.
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
    """Polygons of a topology by their position in it; degrees in, kilometres for distances."""

    def __init__(self, topology: Topology) -> None:
        self._topology = topology

    def holding(self, latitude: float, longitude: float) -> list[int]:
        """Polygons that hold or touch a point, ascending."""
        found = self._tree.query(Point(longitude, latitude), predicate="intersects")
        return sorted(int(index) for index in found)

    def nearest(
        self, latitude: float, longitude: float, among: Collection[int] | None = None
    ) -> int | None:
        """The nearest polygon within 25 km (of those `among`, if given), None where none is."""
        within = [
            (distance, index)
            for index in self._around(latitude, longitude)
            if among is None or index in among
            if (distance := self.distance_km(index, latitude, longitude)) <= NEAR_KM
        ]
        return min(within)[1] if within else None

    def distance_km(self, index: int, latitude: float, longitude: float) -> float:
        """Great-circle distance of a point from a polygon, exact to some metres within 100 km.

        The nearest point is sought on a plane where a degree of longitude has its true length
        at that latitude; the distance to it is then taken on the sphere.
        """
        shrink = _shrink(latitude)
        shape = self.polygons[index]
        shift = 360.0 * round((longitude - shape.centroid.x) / 360.0)
        flat = scale(shape, xfact=shrink, yfact=1.0, origin=(0, 0))
        there, _ = nearest_points(flat, Point((longitude - shift) * shrink, latitude))
        return _great_circle_km(latitude, longitude, there.y, there.x / shrink)

    def outline(self, indices: Iterable[int]) -> BaseGeometry:
        """Union of polygons."""
        return shapely.union_all([self.polygons[index] for index in indices])

    @cached_property
    def polygons(self) -> list[BaseGeometry]:
        """All polygons, in the order of the topology."""
        return [self._topology.shape(index) for index in range(len(self._topology))]

    @cached_property
    def borders(self) -> dict[int, set[int]]:
        """Polygons that share an arc with each polygon that has such a neighbour."""
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
        """Polygons whose bounds come within 25 km, over the date line too."""
        high = math.degrees(NEAR_KM / EARTH_RADIUS_KM)
        wide = min(high / _shrink(latitude), 180.0)
        found: set[int] = set()
        for shift in (-360.0, 0.0, 360.0):
            x = longitude + shift
            area = box(x - wide, latitude - high, x + wide, latitude + high)
            found |= {int(index) for index in self._tree.query(area)}
        return found


def _shrink(latitude: float) -> float:
    """Length of a degree of longitude over one of latitude, kept off zero at the poles."""
    return max(math.cos(math.radians(latitude)), 0.01)


def _great_circle_km(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """Haversine distance."""
    phi1, phi2 = math.radians(lat1), math.radians(lat2)
    half = (
        math.sin((phi2 - phi1) / 2) ** 2
        + math.cos(phi1) * math.cos(phi2) * math.sin(math.radians(lon2 - lon1) / 2) ** 2
    )
    return 2 * EARTH_RADIUS_KM * math.asin(min(1.0, math.sqrt(half)))
