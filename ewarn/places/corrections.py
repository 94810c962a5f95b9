"""Corrections of Natural Earth's properties, and the current codes of ISO 3166-2.

`data/corrections.csv` holds a row for each property of a polygon (by its `adm1_code`) that is wrong
or out of date: its ISO 3166-2 code, its FIPS 10-4 and GeoNames codes, or its name. An empty value
means that the polygon has none: the provinces of Morocco's regions before 2015 are not those of
today's regions. `source` says where the value comes from: pycountry's edition of ISO 3166-2, with
the day of ISO's own notice if it is known, or GeoNames.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import pycountry

from ewarn.places.names import fold
from ewarn.places.tables import rows

FORMER = "iso_3166_2_former"

_BRACKETED = re.compile(r"[\[(].*?[\])]")


@dataclass(frozen=True, slots=True)
class Correction:
    """The right value of one property of one polygon.

    `scheme` names the property: `iso_3166_2`, `fips`, `geonames` or `name`.
    """

    polygon: str
    scheme: str
    value: str
    source: str


def corrections() -> Iterator[Correction]:
    """Yield the rows of the packaged table."""
    for row in rows("corrections.csv"):
        yield Correction(row["polygon"], row["scheme"], row["value"], row["source"])


def names_by_code() -> dict[str, str]:
    """Return the name of every current ISO 3166-2 code, without additions in brackets."""
    return {
        subdivision.code: _BRACKETED.sub("", subdivision.name).strip()
        for subdivision in pycountry.subdivisions
    }


def inner_codes(
    names: Mapping[str, str], aliases: Iterable[tuple[str, str, str]]
) -> dict[str, str]:
    """Return the region ids of ISO codes whose name is an alias of exactly one region.

    These are codes of divisions that are newer and finer than the polygons, and of coarser ones
    that have only one polygon.

    Args:
        names: The name of each ISO code.
        aliases: Rows of (alpha-2 code, name, region id).
    """
    meant: dict[tuple[str, str], set[str]] = defaultdict(set)
    for country, name, region in aliases:
        meant[country, fold(name)].add(region)
    found = {code: meant.get((code[:2], fold(name)), set()) for code, name in names.items()}
    return {code: next(iter(ids)) for code, ids in found.items() if len(ids) == 1}
