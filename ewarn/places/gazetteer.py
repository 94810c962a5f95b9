"""The gazetteer, which finds every region by any of its codes, by any name, or by a position."""

import copy
import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, lru_cache
from importlib.resources import files
from itertools import chain
from operator import attrgetter
from typing import Any

from shapely.geometry.base import BaseGeometry

from ewarn.domain.region import Ground, Level, Placement, Region
from ewarn.errors import UnknownName
from ewarn.files.spelling import nearest
from ewarn.places import countries as nations
from ewarn.places import subdivisions
from ewarn.places.codes import Alias, CodeIndex, aliases
from ewarn.places.corrections import corrections, names_by_code
from ewarn.places.lexicon import Lexicon
from ewarn.places.names import Names
from ewarn.places.placing import place_by_words
from ewarn.places.shapes import Shapes
from ewarn.places.topojson import Topology
from ewarn.places.towns import TownsOfTheWorld, capitals

MAX_NAME = 300  # characters; a longer text is not a name, and is neither looked up nor cached
REMEMBERED = 65_536  # cached texts and their placements


class Gazetteer:
    """Countries and first-level subdivisions. Implements `ewarn.ports.Places`.

    `aliases` are names that the data does not have. Geometry is decoded when it is first used.
    """

    def __init__(self, topology: Topology, aliases: Sequence[Alias]) -> None:
        self._iso_names = names_by_code()
        self._polygons = subdivisions.corrected(topology.properties, corrections(), self._iso_names)
        self._ids = subdivisions.region_ids(self._polygons)
        self._shapes = Shapes(topology)
        self._aliases = aliases
        self._names: dict[str, Names] = {}
        self._towns = TownsOfTheWorld()
        self._lexicons: dict[str, Lexicon] = {}
        self._placed = lru_cache(maxsize=REMEMBERED)(self._place)
        table = nations.supplements()
        began = {id_: row.began_on for id_, row in table.items() if row.began_on}
        self._children = subdivisions.build_subdivisions(
            self._ids, self._polygons, nations.alpha_3_codes(), began, nations.fips_prefixes(table)
        )
        countries = nations.build_countries(self._children, table)
        admin1 = sorted(chain.from_iterable(self._children.values()), key=attrgetter("id"))
        self._regions = {region.id: region for region in [*countries, *admin1]}
        self._codes = CodeIndex(self._regions.values(), table.values(), aliases, self._iso_names)

    # --- all of them ---------------------------------------------------------------------

    def regions(
        self, level: Level | None = None, countries: Iterable[str] | None = None
    ) -> list[Region]:
        """Return regions by id, countries first, limited to a level or countries if given."""
        wanted = None if countries is None else frozenset(countries)
        return [
            region
            for region in self._regions.values()
            if level in (None, region.level) and (wanted is None or region.country in wanted)
        ]

    def countries(self) -> list[Region]:
        """Return all countries, the historical ones last."""
        return self.regions(Level.COUNTRY)

    def children(self, country: str) -> list[Region]:
        """Return the subdivisions of a country (alpha-3), ordered by id.

        Raises:
            UnknownName: If the country is unknown.
        """
        self.get(country)
        return list(self._children.get(country, ()))

    @cached_property
    def parents(self) -> dict[str, str]:
        """The country of every subdivision."""
        return {id_: region.parent for id_, region in self._regions.items() if region.parent}

    # --- by code -------------------------------------------------------------------------

    def get(self, id_: str) -> Region:
        """Return the region of an id.

        Raises:
            UnknownName: If there is none; the message suggests the nearest id or name.
        """
        region = self._regions.get(id_)
        if region is None:
            raise UnknownName(f"There is no region {id_[:60]!r}; {self._advice(id_[:60])}")
        return region

    def find(self, code: str) -> Region | None:
        """Return the region of an id or code, or None if it is unknown or several regions share it.

        Codes are ISO alpha-2, alpha-3 and 3166-2, FIPS ADM1 (`TO26`), GeoNames (`TG.26`), Wikidata
        and Natural Earth.
        """
        id_ = self._codes.find(code)
        return None if id_ is None else self._regions[id_]

    def find_fips(self, code: str) -> Region | None:
        """Return the country of a FIPS 10-4 code, or None: TO is Togo in FIPS, but Tonga in ISO."""
        id_ = self._codes.find_fips(code)
        return None if id_ is None else self._regions[id_]

    def with_codes(self, scheme: str, codes: Mapping[str, str]) -> "Gazetteer":
        """Return a gazetteer that also finds regions by `codes` (region id by code).

        A region shows its code if it has only one of them. Codes that already mean another region
        are left out.
        """
        new = {
            code: id_
            for code, id_ in codes.items()
            if (known := self._codes.find(code)) is None or known == id_
        }
        owners = Counter(new.values())
        shown = {id_: (scheme, code) for code, id_ in new.items() if owners[id_] == 1}
        other = copy.copy(self)
        other._regions = {
            id_: replace(region, codes=(*region.codes, shown[id_])) if id_ in shown else region
            for id_, region in self._regions.items()
        }
        other._children = {
            country: [other._regions[child.id] for child in children]
            for country, children in self._children.items()
        }
        other._codes = self._codes.with_codes(new)
        return other

    # --- by name -------------------------------------------------------------------------

    def named(
        self, name: str, country: str, near: tuple[float, float] | None = None
    ) -> Region | None:
        """Return the subdivision of `country` (alpha-3) with this name or code, or None.

        `near` (latitude, longitude) decides if a name means several subdivisions: two of the same
        name, or all in a coarser division (the region of Kindia has five prefectures, one of them
        Kindia). Without `near` such a name means the only subdivision that has it, if there is one.
        """
        if len(name) > MAX_NAME:
            return None
        by_code = self.find(name)
        if by_code is not None and by_code.parent == country:
            return by_code
        names = self._names_in(country)
        if near is not None:
            meant = {index for id_ in names.meanings(name) for index in self._indices[id_]}
            region = self._located(*near, meant)
            if region is not None:
                return region
        id_ = names.bearer(name)
        return None if id_ is None else self._regions[id_]

    def country_named(self, name: str) -> Region | None:
        """Return the country with this name (in a UN language) or ISO 3166-1 code, or None."""
        if len(name) > MAX_NAME:
            return None
        by_code = self.find(name)
        if by_code is not None and by_code.level is Level.COUNTRY:
            return by_code
        id_ = self._country_names.bearer(name)
        return None if id_ is None else self._regions[id_]

    def meanings(self, name: str, country: str) -> frozenset[str]:
        """Return the ids of all subdivisions of `country` (alpha-3) that a name may mean.

        These are the ones that have the name, and the ones in a coarser division that has it.
        """
        return frozenset(self._names_in(country).meanings(name) if len(name) <= MAX_NAME else ())

    def placed(self, place: str, country: str) -> Placement:
        """Return where the words of a report place an event in `country` (alpha-3).

        This is a subdivision, or the country if the words do not say more or are ambiguous. The
        towns of a country are read at its first use, which takes seconds for the largest countries.

        Raises:
            UnknownName: If the country is unknown.
        """
        own = self.get(country)
        if len(place) > MAX_NAME or not self._children.get(country):
            return Placement(own, Ground.UNKNOWN)
        id_, ground = self._placed(place, country)
        return Placement(own if id_ is None else self._regions[id_], ground)

    def _place(self, place: str, country: str) -> tuple[str | None, Ground]:
        if country not in self._lexicons:
            alpha_2 = dict(self.get(country).codes)["iso_3166_1"]
            towns, capital = self._towns.of(alpha_2), capitals().get(alpha_2)
            self._lexicons[country] = Lexicon(
                country, self, self._names_in(country), towns, capital
            )
        return place_by_words(place, self._lexicons[country])

    # --- by position ---------------------------------------------------------------------

    def located(
        self, latitude: float, longitude: float, country: str | None = None
    ) -> Region | None:
        """Return the subdivision that contains a point, or the nearest one within 25 km, or None.

        The nearest one serves points on a quay or at sea.

        Args:
            latitude: In degrees.
            longitude: In degrees.
            country: If given (alpha-3), only its subdivisions are considered, and the result is
                None for a point that is in another country.
        """
        among = None if country is None else self._indices.get(country, set())
        return self._located(latitude, longitude, among)

    def located_town(self, latitude: float, longitude: float, country: str) -> Region | None:
        """Return the subdivision of a town that is known to be in `country` (alpha-3), or None.

        It is the nearest within 25 km, even if the simplified border puts the town in another
        country.
        """
        among = self._indices.get(country, set())
        return self._located(latitude, longitude, among, may_lie_abroad=True) if among else None

    def _located(
        self,
        latitude: float,
        longitude: float,
        among: Collection[int] | None,
        *,
        may_lie_abroad: bool = False,
    ) -> Region | None:
        if among is not None and not among:
            return None
        holding = self._shapes.holding(latitude, longitude)
        inside = [index for index in holding if among is None or index in among]
        if inside:
            return self._regions[self._ids[inside[0]]]
        if among is not None and holding and not may_lie_abroad:
            own = {self._country_of(index) for index in among}
            if not any(self._country_of(index) in own for index in holding):
                return None
        index = self._shapes.nearest(latitude, longitude, among)
        return None if index is None else self._regions[self._ids[index]]

    def _country_of(self, index: int) -> str:
        return self.parents[self._ids[index]]

    def neighbours(self, id_: str) -> list[Region]:
        """Return the regions of the same level that share a border, ordered by id.

        Raises:
            UnknownName: If the id is unknown.
        """
        region = self.get(id_)
        mine = self._polygons_of(id_)
        ids = {self._ids[other] for index in mine for other in self._shapes.borders.get(index, ())}
        if region.level is Level.COUNTRY:
            ids = {self.parents[other] for other in ids}
        return [self._regions[other] for other in sorted(ids - {id_})]

    def outline(self, id_: str) -> BaseGeometry:
        """Return the geometry of a region in degrees, longitude first.

        That of a country is the union of its subdivisions; it is empty if there are none.

        Raises:
            UnknownName: If the id is unknown.
        """
        self.get(id_)
        return self._shapes.outline(self._polygons_of(id_))

    # --- what is built when first asked for ------------------------------------------------

    def _polygons_of(self, id_: str) -> set[int]:
        return self._indices.get(id_, set())

    @cached_property
    def _indices(self) -> dict[str, set[int]]:
        """The polygons of every region; a country has those of its subdivisions."""
        found: dict[str, set[int]] = defaultdict(set)
        for index, id_ in enumerate(self._ids):
            found[id_].add(index)
            found[self.parents[id_]].add(index)
        return found

    def _names_in(self, country: str) -> Names:
        """Return the names of a country's subdivisions."""
        if country not in self._names:
            ids = [
                (self._ids[index], self._polygons[index]) for index in self._polygons_of(country)
            ]
            self._names[country] = Names(
                {id_: self._spellings(id_, polygon) for id_, polygon in ids},
                [(a.name, a.region) for a in self._aliases if a.country == country != a.region],
                [(polygon["region_name"], id_) for id_, polygon in ids],
            )
        return self._names[country]

    def _spellings(self, id_: str, polygon: Mapping[str, Any]) -> list[str]:
        iso_name = self._iso_names.get(polygon["iso_3166_2"], "")
        return subdivisions.spellings(self._regions[id_], polygon, iso_name)

    @cached_property
    def _country_names(self) -> Names:
        return Names(
            {region.id: nations.spellings(region) for region in self.countries()},
            [
                (alias.name, alias.region)
                for alias in self._aliases
                if alias.country == alias.region
            ],
        )

    def _advice(self, id_: str) -> str:
        """Return a hint which known id an unknown id may mean, to end an error message."""
        region = self.find(id_) or self.country_named(id_)
        if region is None:
            names = {region.name: region.id for region in self.countries()}
            ids = {region.id: region.id for region in self.countries()}
            known = {**ids, **names} if id_.isalpha() else dict.fromkeys(self.parents)
            near = nearest(id_, known)
            if near is None:
                return "ids are ISO 3166 codes such as TGO and TG-M."
            region = self._regions[known[near] or near]
        return f"did you mean {region.id} ({region.name})?"


@lru_cache(maxsize=1)
def load_gazetteer() -> Gazetteer:
    """Return the gazetteer of the packaged data, which is loaded once per process."""
    path = files("ewarn.places").joinpath("data", "admin1_world.topojson")
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return Gazetteer(Topology(document), list(aliases()))
