"""Countries: codes of ISO 3166-1 from pycountry, names in the UN languages from CLDR, FIPS codes.

`data/countries.csv` adds what these sources do not have: FIPS 10-4 country codes (as GDELT writes
them; some countries have several), positions of countries without a polygon, Kosovo (`XKX`, which
ISO 3166-1 leaves to users), countries that no longer exist, with the day on which they ended, and
the first day of each country that began after the archives do (1990). The FIPS code of an overseas
department that Natural Earth draws as a subdivision (`FG`) means that subdivision.

The first day of a country is its day of independence or union in the CIA's World Factbook (public
domain). For Timor-Leste it is the end of the United Nations' administration, for Kosovo the day of
its declaration. Serbia, Serbia and Montenegro, and Russia begin on the day after the end of the
state that they continue. The other successors of the Soviet Union and Yugoslavia begin before the
end of these, and Germany keeps the code that it had.
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
    """Read `data/countries.csv`, by region id."""
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
    """Return the FIPS country codes with which the FIPS codes of subdivisions begin, by alpha-2."""
    found: dict[str, set[str]] = defaultdict(set)
    alpha_2 = {alpha_3: alpha_2 for alpha_2, alpha_3 in alpha_3_codes().items()}
    for row in table.values():
        found[alpha_2.get(row.region, row.region[:2])] |= set(row.fips)
    return {country: frozenset(letters) for country, letters in found.items()}


def alpha_3_codes() -> dict[str, str]:
    """Return the alpha-3 code by alpha-2 code, including Kosovo."""
    return {c.alpha_2: c.alpha_3 for c in pycountry.countries} | {KOSOVO[0]: KOSOVO[1]}


def build_countries(
    children: Mapping[str, Sequence[Region]], table: Mapping[str, Supplement]
) -> list[Region]:
    """Return all countries: the current ones ordered by alpha-3, then the historical ones.

    Args:
        children: The subdivisions of each country, by alpha-3.
        table: The rows of `data/countries.csv`.
    """
    locales = {language: Locale.parse(language).territories for language in LANGUAGES}
    today = [
        _country(alpha_2, alpha_3, children.get(alpha_3, ()), table.get(alpha_3), locales)
        for alpha_2, alpha_3 in sorted(alpha_3_codes().items(), key=lambda item: item[1])
    ]
    return today + [_historical(row) for row in table.values() if row.ended_on]


def spellings(region: Region) -> list[str]:
    """Return every name of a country, first its default; "Congo, Republic of" in both orders."""
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
    """Return the label point of the subdivision that is nearest to the mean of all of them.

    The mean is taken on the sphere. It is not returned itself, because it may be in the sea or in
    another country.
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
    """Return a name that ISO writes for sorting in the order in which it is spoken.

    >>> spoken("Congo, The Democratic Republic of the")
    'Democratic Republic of the Congo'
    """
    head, _, tail = name.partition(", ")
    if not tail or " and " in tail:  # a list of islands is already in its spoken order
        return name
    return f"{tail.removeprefix('The ')} {head}"
