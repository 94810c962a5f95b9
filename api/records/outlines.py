"""Outlines of regions for maps and messages, simplified to about a kilometre."""

from shapely import set_precision
from shapely.geometry.base import BaseGeometry

from ewarn.ports import WholeGazetteer

_TOLERANCE = 0.01  # degrees, about a kilometre, which is finer than a page can show
_GRID = 0.001


def simple_outline(places: WholeGazetteer, id_: str) -> BaseGeometry:
    """Return the simplified outline of a region in degrees, longitude first; empty if it has none.

    Raises:
        UnknownName: The id is unknown.
    """
    simple: BaseGeometry = set_precision(places.outline(id_).simplify(_TOLERANCE), _GRID)
    return simple
