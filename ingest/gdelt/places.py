"""Placement of the rows of GDELT; each place is looked up once per process.

A row is placed by position, else by ADM1 code, else in the country. GDELT's codes are FIPS 10-4
(TO is Togo), and Natural Earth gives some of their numbers to the wrong division. So a code alone
is used only if nothing contradicts it.
"""

from functools import lru_cache
from typing import NamedTuple

from ewarn.domain.event import LocationPrecision
from ewarn.domain.region import Level, Region
from ewarn.ports import Places

# The columns by which a place is looked up, joined with tabs.
KEY = ("geo_type", "geo_country", "geo_adm1", "latitude", "longitude")
MOST_REMEMBERED = 300_000  # places; GDELT names some 100,000 in a year

_PRECISION = {
    "1": LocationPrecision.COUNTRY,
    "2": LocationPrecision.ADMIN1,  # state of the USA
    "3": LocationPrecision.PLACE,  # city of the USA
    "4": LocationPrecision.PLACE,  # city elsewhere
    "5": LocationPrecision.ADMIN1,  # first-level division elsewhere
}


class Spot(NamedTuple):
    """The place of a row, in the terms of the event frame."""

    country: str
    region: str
    latitude: float | None
    longitude: float | None
    precision: str
    is_contradicted: bool = False  # its code is that of another subdivision than its position


class Spots:
    """A cache of spots by their keys."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._known: dict[bytes, Spot | None] = {}

    def of(self, keys: list[bytes]) -> list[Spot | None]:
        """Return the spot of each key, or None if GDELT names no known place."""
        if len(self._known) > MOST_REMEMBERED:
            self._known.clear()
        known = self._known
        for key in keys:
            if key not in known:
                known[key] = _looked_up(key, self._places)
        return [known[key] for key in keys]


@lru_cache(maxsize=2)
def spots_of(places: Places) -> Spots:
    """Return the cache of spots of a gazetteer, which is the same at each call."""
    return Spots(places)


def _looked_up(key: bytes, places: Places) -> Spot | None:
    kind, country, adm1, latitude, longitude = key.decode("utf-8", "replace").split("\t")
    precision = _PRECISION.get(kind)
    area = places.find_fips(country)
    if precision is None or area is None:
        return None
    if precision is LocationPrecision.COUNTRY:
        return _spot(area, None, precision)
    position = _position(latitude, longitude)
    coded = _coded(adm1, area, places)
    if position is None:
        return _spot(coded or area, position, precision)
    held = places.located(*position, area.country)
    if held is None:
        is_near = coded is not None and coded == places.located_town(*position, area.country)
        is_at_sea = places.located(*position) is None
        return _spot(((is_near or is_at_sea) and coded) or area, position, precision)
    spot = _spot(held, position, precision)
    return spot._replace(is_contradicted=coded is not None and coded.id != held.id)


def _spot(region: Region, position: tuple[float, float] | None, stated: LocationPrecision) -> Spot:
    """Build a spot, with GDELT's precision adapted to the level of the region that was found."""
    if region.level is Level.COUNTRY:
        stated = LocationPrecision.COUNTRY
    elif stated is LocationPrecision.COUNTRY:
        stated = LocationPrecision.ADMIN1
    latitude, longitude = position or (None, None)
    return Spot(region.country, region.id, latitude, longitude, stated.value)


def _coded(code: str, area: Region, places: Places) -> Region | None:
    found = places.find(code) if len(code) > 2 else None
    is_in_it = found is not None and found.level is Level.ADMIN1 and found.country == area.country
    return found if is_in_it else None


def _position(latitude: str, longitude: str) -> tuple[float, float] | None:
    try:
        found = float(latitude), float(longitude)
    except ValueError:
        return None
    sound = -90 <= found[0] <= 90 and -180 <= found[1] <= 180
    return found if sound else None
