"""Countries: ISO 3166-1 from pycountry, their names in the UN languages from CLDR, FIPS codes.

`data/countries.csv` adds what those lack: FIPS 10-4 country codes (as GDELT writes them, several
for some), positions of countries without a polygon, Kosovo (`XKX`, which ISO 3166-1 leaves to
users), countries that no longer exist, with the day they ended, and the days on which those began
that are younger than the archives (1990). A FIPS code of an overseas
department that Natural Earth draws as a subdivision (`FG`) names that subdivision.

A beginning is the day of independence or union as the CIA's World Factbook (public domain) gives
it; for Timor-Leste that of the end of the United Nations' administration, for Kosovo of its
declaration. Serbia, Serbia and Montenegro, and Russia begin on the day after the state they
continue ended. The others of the Soviet Union and Yugoslavia begin before those end, and Germany
keeps the code it had.
"""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pycountry
from babel import Locale

from ewarn.domain.region import Level, Region
from ewarn.languages.catalogues import LANGUAGES
from ewarn.places.tables import rows

KOSOVO = ("XK", "XKX")


@dataclass(frozen=True, slots=True)
class Supplement:
    """A row of `data/countries.csv`."""

    region: str
    fips: tuple[str, ...]
    name: str
    position: tuple[float, float] | None
    began_on: date | None
    ended_on: date | None


def supplements() -> dict[str, Supplement]:
    """`data/countries.csv` by region id."""
    return {
        row["region"]: Supplement(
            region=row["region"],
            fips=tuple(row["fips"].split()),
            name=row["name"],
            position=(float(row["latitude"]), float(row["longitude"])) if row["latitude"] else None,
            began_on=_day(row["began_on"]),
            ended_on=_day(row["ended_on"]),
        )
        for row in rows("countries.csv")
    }


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def fips_prefixes(table: Mapping[str, Supplement]) -> dict[str, frozenset[str]]:
    """The letters that FIPS codes of a country's subdivisions begin with, by alpha-2 code."""
    found: dict[str, set[str]] = defaultdict(set)
    alpha_2 = {alpha_3: alpha_2 for alpha_2, alpha_3 in alpha_3_codes().items()}
    for row in table.values():
        found[alpha_2.get(row.region, row.region[:2])] |= set(row.fips)
    return {country: frozenset(letters) for country, letters in found.items()}


def alpha_3_codes() -> dict[str, str]:
    """Alpha-3 by alpha-2, Kosovo included."""
    return {c.alpha_2: c.alpha_3 for c in pycountry.countries} | {KOSOVO[0]: KOSOVO[1]}


def build_countries(
    children: Mapping[str, Sequence[Region]], table: Mapping[str, Supplement]
) -> list[Region]:
    """All countries by alpha-3, today's first, then the historical ones."""
    locales = {language: Locale.parse(language).territories for language in LANGUAGES}
    today = [
        _country(alpha_2, alpha_3, children.get(alpha_3, ()), table.get(alpha_3), locales)
        for alpha_2, alpha_3 in sorted(alpha_3_codes().items(), key=lambda item: item[1])
    ]
    return today + [_historical(row) for row in table.values() if row.ended_on]


def spellings(region: Region) -> list[str]:
    """Every name of a country, the default one first; "Congo, Republic of" in both orders."""
    record = pycountry.countries.get(alpha_3=region.id)
    names = [region.name, *(name for _, name in region.names)]
    for field in ("name", "official_name"):
        name = getattr(record, field, None)
        if name:
            names += [name, " ".join(reversed(name.split(", ")))]
    return names


def _country(
    alpha_2: str,
    alpha_3: str,
    children: Sequence[Region],
    row: Supplement | None,
    locales: Mapping[str, Mapping[str, str]],
) -> Region:
    record: Any = pycountry.countries.get(alpha_3=alpha_3)
    name = (row and row.name) or getattr(record, "common_name", None) or spoken(record.name)
    latitude, longitude = (row and row.position) or _middle(children)
    return Region(
        id=alpha_3,
        level=Level.COUNTRY,
        name=name,
        parent=None,
        latitude=latitude,
        longitude=longitude,
        names=tuple((language, locales[language].get(alpha_2, name)) for language in LANGUAGES),
        codes=(("iso_3166_1", alpha_2), *(("fips", code) for code in (row.fips if row else ()))),
        began_on=row.began_on if row else None,
    )


def _historical(row: Supplement) -> Region:
    latitude, longitude = row.position or (0.0, 0.0)
    return Region(
        id=row.region,
        level=Level.COUNTRY,
        name=row.name,
        parent=None,
        latitude=latitude,
        longitude=longitude,
        codes=tuple(("fips", code) for code in row.fips),
        began_on=row.began_on,
        ended_on=row.ended_on,
    )


def _middle(children: Sequence[Region]) -> tuple[float, float]:
    """Label point of the subdivision nearest to the mean of all of them on the sphere.

    A mean alone may lie in the sea, or in another country.
    """
    points = [_on_sphere(child.latitude, child.longitude) for child in children]
    mean = [sum(axis) for axis in zip(*points, strict=True)]
    nearest = max(
        range(len(points)),
        key=lambda index: sum(a * b for a, b in zip(points[index], mean, strict=True)),
    )
    return children[nearest].latitude, children[nearest].longitude


def _on_sphere(latitude: float, longitude: float) -> tuple[float, float, float]:
    phi, lam = math.radians(latitude), math.radians(longitude)
    return math.cos(phi) * math.cos(lam), math.cos(phi) * math.sin(lam), math.sin(phi)


def spoken(name: str) -> str:
    """A name as ISO sorts it, in the order it is spoken.

    >>> spoken("Congo, The Democratic Republic of the")
    'Democratic Republic of the Congo'
    """
    head, _, tail = name.partition(", ")
    if not tail or " and " in tail:  # an enumeration of islands is in its order already
        return name
    return f"{tail.removeprefix('The ')} {head}"
