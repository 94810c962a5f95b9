"""Tests of positions, borders and outlines."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Point, Polygon

from ewarn.domain.region import Region
from ewarn.places.gazetteer import Gazetteer, load_gazetteer
from ewarn.places.shapes import Shapes
from ewarn.places.topojson import Topology

# Two squares side by side that share an arc, the left one with a hole; grid of 0.5 degrees.
SQUARES = {
    "type": "Topology",
    "transform": {"scale": [0.5, 0.5], "translate": [10.0, 50.0]},
    "arcs": [
        [[8, 0], [0, 8]],
        [[8, 8], [-8, 0], [0, -8], [8, 0]],
        [[8, 0], [8, 0], [0, 8], [-8, 0]],
        [[2, 2], [2, 0], [0, 2], [-2, 0], [0, -2]],
    ],
    "objects": {
        "squares": {
            "type": "GeometryCollection",
            "geometries": [
                {"type": "Polygon", "arcs": [[0, 1], [3]], "properties": {"name": "left"}},
                {"type": "MultiPolygon", "arcs": [[[2, -1]]], "properties": {"name": "right"}},
            ],
        }
    },
}


@pytest.fixture(scope="module")
def places() -> Gazetteer:
    return load_gazetteer()


def id_of(region: Region | None) -> str | None:
    return None if region is None else region.id


def test_arcs_become_polygons() -> None:
    topology = Topology(SQUARES)
    left, right = topology.shape(0), topology.shape(1)
    assert left.bounds == (10.0, 50.0, 14.0, 54.0)
    assert right.bounds == (14.0, 50.0, 18.0, 54.0)
    assert (left.area, right.area) == (15.0, 16.0)
    assert [properties["name"] for properties in topology.properties] == ["left", "right"]


def test_sharing_an_arc_is_being_neighbours() -> None:
    shapes = Shapes(Topology(SQUARES))
    assert shapes.borders == {0: {1}, 1: {0}}
    assert shapes.holding(53.0, 12.0) == [0]
    assert shapes.holding(51.5, 11.5) == []  # in the hole
    assert shapes.holding(51.0, 14.0) == [0, 1]  # on the border


def test_distances_are_kilometres() -> None:
    shapes = Shapes(Topology(SQUARES))
    # A degree of longitude is cos(52°) = 0.6157 of one of latitude (111.195 km).
    assert shapes.distance_km(1, 52.0, 18.3) == pytest.approx(0.3 * 111.195 * 0.61566, rel=1e-4)
    assert shapes.distance_km(1, 54.2, 16.0) == pytest.approx(0.2 * 111.195, rel=1e-4)
    assert shapes.nearest(52.0, 18.3) == 1
    assert shapes.nearest(52.0, 18.3, among={0}) is None
    assert shapes.nearest(54.3, 16.0) is None  # 33 km


def test_the_nearest_point_of_a_slanting_border_is_sought_in_true_lengths() -> None:
    shapes = Shapes(Topology(SQUARES))
    shapes.polygons = [Polygon([(0, 60), (10, 60), (0, 70)])]
    # At 65.2° N a degree of longitude is 0.42 of one of latitude: 17.2 km, not the 24 km that
    # the nearest point on a square grid of degrees would give.
    assert shapes.distance_km(0, 65.2, 5.2) == pytest.approx(17.2, abs=0.2)


@pytest.mark.parametrize(
    ("latitude", "longitude", "country", "id_"),
    [
        (6.13, 1.22, None, "TG-M"),  # Lomé
        (6.10, 1.22, None, "TG-M"),  # on its roadstead
        (5.0, 1.22, None, None),  # 125 km out
        (0.0, -25.0, None, None),  # mid-ocean
        (6.13, 1.22, "GHA", None),  # five kilometres over the border
        (6.08, 1.22, "GHA", "GH-TV"),  # at sea off both
        (6.13, 1.22, "BEN", None),
        (6.13, 1.22, "DDR", None),
        (-16.8, -179.98, None, "FJ-N"),  # over the date line
        (90.0, 0.0, None, None),
        (-90.0, 180.0, None, "AQ~00"),
    ],
)
def test_located(
    places: Gazetteer, latitude: float, longitude: float, country: str | None, id_: str | None
) -> None:
    assert id_of(places.located(latitude, longitude, country)) == id_


@settings(max_examples=50, deadline=None)
@given(st.floats(-90, 90), st.floats(-180, 180))
def test_a_point_found_lies_in_or_near_its_region(latitude: float, longitude: float) -> None:
    places = load_gazetteer()
    region = places.located(latitude, longitude)
    if region is not None and abs(longitude) < 179 and abs(latitude) < 80:
        assert places.outline(region.id).distance(Point(longitude, latitude)) < 2.0


def test_neighbours(places: Gazetteer) -> None:
    assert [region.id for region in places.neighbours("TGO")] == ["BEN", "BFA", "GHA"]
    beside = [region.id for region in places.neighbours("TG-C")]
    assert beside == ["BJ-CO", "BJ-DO", "GH-NP", "GH-TV", "TG-K", "TG-P"]
    assert places.neighbours("SUN") == []


def test_outlines(places: Gazetteer) -> None:
    togo = places.outline("TGO")
    assert togo.geom_type == "Polygon"
    assert togo.contains(places.outline("TG-K").representative_point())
    assert togo.bounds == pytest.approx((-0.17, 6.09, 1.80, 11.14), abs=0.05)
    assert places.outline("SUN").is_empty


def test_every_shape_is_sound(places: Gazetteer) -> None:
    for region in places.countries():
        assert places.outline(region.id).is_valid
