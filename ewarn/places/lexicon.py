"""The meaning of place names in one country: a subdivision, or the subdivision of a town."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from shapely import Point
from shapely.geometry.base import BaseGeometry

from ewarn.domain.region import Ground, Level
from ewarn.places.localities import localities_of
from ewarn.places.names import MangledNames, MisspeltNames, Names, fold, squeeze
from ewarn.places.towns import Town, Towns
from ewarn.ports import WholeGazetteer

CITY = 100_000  # people; a name that a city shares with a subdivision means the city
CLEARLY_LARGER = 2  # times the weight of every other town that a name may mean
KNOWN_BY_DEFAULT = 3  # factor on the size of a town whose main name, not another one, is used
COARSE = 3  # subdivisions that a name may mean, for it to be the name of a coarser division
CROWDED = 20_000  # people per square kilometre; a denser town extends into the neighbours
BORDER_DEGREES = 0.1  # the possible error of the simplified borders
BESIDE_KM = 10.0  # the distance that "near" and "outskirts" mean
KM_OF_A_DEGREE = 111.195
# Countries whose parliament, government or courts are, or were after 1990, in several towns.
_SEATS = "BDI BEN BOL CHL CIV DEU GEO KAZ LKA MMR MYS NLD SWZ TZA ZAF"
SEVERAL_SEATS = frozenset(_SEATS.split())


@dataclass(frozen=True, slots=True)
class Meaning:
    """The meaning of a name.

    `region` is the id of the subdivision, or None if that is open, and `possible` are all that the
    name may mean. `town` is the town that is meant, or the one with the subdivision's name.
    """

    region: str | None
    possible: frozenset[str]
    ground: Ground
    town: Town | None = None


class Lexicon:
    """The place names of one country (alpha-3)."""

    def __init__(
        self, country: str, known: WholeGazetteer, names: Names, towns: Towns, capital: str | None
    ) -> None:
        """Use `names` for the subdivisions; `capital` is the name of the capital."""
        self._country = country
        self._capital = capital
        self._known = known
        self._names = names
        self._towns = towns
        self._regions: dict[str, str | None] = {}

    def is_country(self, name: str) -> bool:
        """Return whether a name is that of the country itself."""
        found = self._known.country_named(name)
        return found is not None and found.id == self._country

    def capital(self) -> Meaning | None:
        """Return the capital, or None if it is unknown or the state has seats in other towns."""
        if self._country in SEVERAL_SEATS:
            return None
        return (
            self._as_town(self._capital, self._towns.named(self._capital))
            if self._capital
            else None
        )

    def meaning(self, name: str, *, area: bool = False, town: bool = False) -> Meaning | None:
        """Return the meaning of a name, or None if it is unknown.

        `area` or `town` is true if the text says that the name is that of an area or a town.
        """
        as_area, as_town = self._as_area(name, area), self._as_town(name, self._towns.named(name))
        if as_area is None and as_town is not None and self._is_abroad(name):
            return replace(as_town, region=None, ground=Ground.UNSURE)
        if as_area is None and as_town is None:
            locality = localities_of(self._country).get(fold(name))
            return None if locality is None else _certain(locality, Ground.TOWN)
        if as_area is None or as_town is None:
            return as_area or as_town
        if area:
            return as_area
        possible = as_area.possible | as_town.possible
        chosen = as_town if town or self._outranks(as_town, as_area) else as_area
        return replace(chosen, possible=possible, town=as_town.town)

    def guess(self, name: str) -> Meaning | None:
        """Return the meaning of a misspelt or incomplete name, or None if it is unknown.

        Accepted are names with one wrong letter, the beginning of a town's name, and well-known
        names with two wrong letters.
        """
        if self._is_abroad(name):
            return None
        areas = self._misspelt_areas.find(squeeze(name))
        if len(areas) == 1:
            return _certain(next(iter(areas)), Ground.SUBDIVISION)
        towns = self._towns.begun(name) or self._towns.misspelt(name)
        if towns:
            return self._as_town(name, towns)
        large = self._misspelt_twice.find(_joined(name))
        return _certain(next(iter(large)), Ground.TOWN) if len(large) == 1 else None

    def mended(self, text: str) -> str:
        """Return a text in which names that lost their non-ASCII letters are restored."""
        return self._mangled.mended(text) if text.isascii() else text

    def beside(self, meaning: Meaning, *, is_far: bool) -> Meaning:
        """Return the meaning of a place that is near a town but not in it.

        Its region is open if most of the town's surroundings are in other subdivisions, or if the
        place may be far from the town (`is_far`).
        """
        if is_far:
            return replace(meaning, region=None, ground=Ground.UNSURE)
        if meaning.town is None or meaning.region is None:
            return meaning
        around = [self._located(*place) for place in _ring(meaning.town)]
        if around.count(meaning.region) > len(around) / 2:
            return meaning
        return replace(meaning, region=None, ground=Ground.UNSURE)

    def _outranks(self, as_town: Meaning, as_area: Meaning) -> bool:
        """Return whether people mean the town by a name that a subdivision has too."""
        if as_area.region is None:
            return as_town.region in as_area.possible
        if as_town.town is None or as_town.town.population < CITY:
            return False
        # A subdivision with exactly the name of the city may be meant (a part of Skopje), but not
        # one with a longer name (the City of London).
        bearer = self._known.get(as_area.region)
        return as_town.region is not None or fold(bearer.name) != fold(as_town.town.name)

    def _is_abroad(self, name: str) -> bool:
        """Return whether a name is that of another country."""
        # A shorter name such as Bo is not a country code.
        found = self._known.country_named(name) if len(name) > 3 else None
        return found is not None and found.id != self._country

    def _as_area(self, name: str, is_said: bool) -> Meaning | None:
        """Return the meaning of a name as that of a subdivision, or None.

        If the text says that it is an area ("Labé Region"), the coarser division of that name is
        meant, if there is one, and not the subdivision of the same name in it.
        """
        possible = frozenset(self._names.meanings(name))
        bearer = self._known.named(name, self._country)
        if bearer is not None and not (is_said and len(possible) >= COARSE):
            return Meaning(bearer.id, possible | {bearer.id}, Ground.SUBDIVISION)
        return Meaning(None, possible, Ground.SEVERAL) if possible else None

    def _as_town(self, name: str, towns: Sequence[Town]) -> Meaning | None:
        """Return the meaning of a name as that of the largest of `towns`, or None without towns.

        Its region is open if a town of similar size is in another subdivision, or if the town is
        larger than its subdivision.
        """
        if not towns:
            return None
        weights = {
            town.id: (town.population + 1)
            * (KNOWN_BY_DEFAULT if fold(town.name) == fold(name) else 1)
            for town in towns
        }
        first = max(towns, key=lambda town: weights[town.id])
        regions = {town.id: self._region_of(town) for town in towns}
        region = regions[first.id]
        possible = frozenset(region for region in regions.values() if region)
        if region is None or any(
            regions[id_] != region and weights[first.id] < CLEARLY_LARGER * weight
            for id_, weight in weights.items()
        ):
            return Meaning(None, possible, Ground.UNSURE, first)
        if self._spills(first, region):
            return Meaning(None, possible, Ground.SEVERAL, first)
        return Meaning(region, possible, Ground.TOWN, first)

    def _region_of(self, town: Town) -> str | None:
        """Return the subdivision of a town by its position, or near a border by GeoNames' code."""
        if town.id not in self._regions:
            located = self._located(town.latitude, town.longitude)
            coded = self._known.find(town.code)
            if coded is not None and coded.parent == self._country and coded.id != located:
                place = Point(town.longitude, town.latitude)
                if self._known.outline(coded.id).distance(place) < BORDER_DEGREES:
                    located = coded.id
            self._regions[town.id] = located
        return self._regions[town.id]

    def _located(self, latitude: float, longitude: float) -> str | None:
        region = self._known.located_town(latitude, longitude, self._country)
        return None if region is None else region.id

    def _spills(self, town: Town, region: str) -> bool:
        """Return whether a town is larger than its subdivision, as London is than Westminster."""
        bearer = self._known.named(town.name, self._country)
        if town.population < CITY or (bearer is not None and bearer.id == region):
            return False
        return town.population > CROWDED * _square_km(self._known.outline(region))

    @cached_property
    def _misspelt_areas(self) -> MisspeltNames:
        return MisspeltNames((squeeze(name), id_) for name, id_ in self._area_names)

    @cached_property
    def _misspelt_twice(self) -> MisspeltNames:
        cities = (
            (town.name, region)
            for town in self._towns.cities(CITY)
            if (region := self._region_of(town)) and not self._spills(town, region)
        )
        names = (*self._area_names, *cities, *localities_of(self._country).items())
        return MisspeltNames(((_joined(name), id_) for name, id_ in names), slips=2)

    @cached_property
    def _mangled(self) -> MangledNames:
        return MangledNames([*(name for name, _ in self._area_names), *self._towns.spellings()])

    @cached_property
    def _area_names(self) -> list[tuple[str, str]]:
        """The names of subdivisions in Latin letters, with the id of each."""
        return [
            (name, region.id)
            for region in self._known.regions(Level.ADMIN1, [self._country])
            for name in sorted({region.name, *(name for _, name in region.names)})
            if fold(name).isascii()
        ]


def _joined(name: str) -> str:
    return fold(name).replace(" ", "")


def _certain(region: str, ground: Ground) -> Meaning:
    return Meaning(region, frozenset({region}), ground)


def _ring(town: Town) -> list[tuple[float, float]]:
    """Return eight places around a town, latitude first."""
    high = BESIDE_KM / KM_OF_A_DEGREE
    wide = high / max(math.cos(math.radians(town.latitude)), 0.01)
    turns = [turn * math.pi / 4 for turn in range(8)]
    return [
        (town.latitude + high * math.sin(turn), town.longitude + wide * math.cos(turn))
        for turn in turns
    ]


def _square_km(outline: BaseGeometry) -> float:
    shrink = math.cos(math.radians(outline.centroid.y))
    return float(outline.area) * KM_OF_A_DEGREE**2 * shrink
