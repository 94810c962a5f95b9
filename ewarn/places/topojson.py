"""Decoder of TopoJSON, which stores the shared borders of polygons as arcs of integer steps.

Format: The TopoJSON Format Specification 1.0 (M. Bostock, C. Metcalf). Each arc is a list of
[x, y] steps on an integer grid, the first one from the origin. A ring is a list of arc numbers, in
which ~n (a negative number) is arc n in reverse. Polygons are decoded one at a time.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
from shapely import MultiPolygon, Polygon, make_valid
from shapely.geometry.base import BaseGeometry

Ring = Sequence[int]


class Topology:
    """The only geometry collection of a quantized topology, in degrees, longitude first."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        (collection,) = document["objects"].values()
        self._geometries: list[dict[str, Any]] = collection["geometries"]
        self._arcs: list[list[list[int]]] = document["arcs"]
        self._scale = np.array(document["transform"]["scale"])
        self._translate = np.array(document["transform"]["translate"])

    def __len__(self) -> int:
        return len(self._geometries)

    @property
    def properties(self) -> list[dict[str, Any]]:
        """The properties of every geometry, in order."""
        return [geometry["properties"] for geometry in self._geometries]

    def shape(self, index: int) -> BaseGeometry:
        """Return geometry `index`, repaired if simplification made its rings cross."""
        polygons = [
            Polygon(self._ring(rings[0]), [self._ring(hole) for hole in rings[1:]])
            for rings in self._polygons(index)
        ]
        shape = polygons[0] if len(polygons) == 1 else MultiPolygon(polygons)
        return shape if shape.is_valid else make_valid(shape)

    def arcs_of(self, index: int) -> Iterator[int]:
        """Yield the numbers of the arcs of geometry `index`, without their direction."""
        for rings in self._polygons(index):
            for ring in rings:
                for arc in ring:
                    yield arc if arc >= 0 else ~arc

    def _polygons(self, index: int) -> list[list[Ring]]:
        geometry = self._geometries[index]
        arcs: list[Any] = geometry["arcs"]
        return [arcs] if geometry["type"] == "Polygon" else arcs

    def _ring(self, ring: Ring) -> npt.NDArray[np.float64]:
        """Return the coordinates of a ring, with each point that two arcs share only once."""
        parts = [self._lines[arc] if arc >= 0 else self._lines[~arc][::-1] for arc in ring]
        return np.concatenate([parts[0], *(part[1:] for part in parts[1:])])

    @cached_property
    def _lines(self) -> list[npt.NDArray[np.float64]]:
        return [np.cumsum(arc, axis=0) * self._scale + self._translate for arc in self._arcs]
