"""Admin-1 regions from the properties of Natural Earth's polygons, and the rules for their ids.

Source: Natural Earth 1:10m admin-1 states and provinces (public domain), simplified. A region's
id is the current ISO 3166-2 code of its polygon (`corrections`), unless it has no code of its own:

- a placeholder (`XK-X01~`, `-99-X16~`, `AI-X00`) is not a code;
- a code that several polygons share (`MG-M`, `IE-CO`) identifies none of them, so none gets it.

Such regions get ids like `IE~78`: the alpha-2 code of the country, `~`, and the number in Natural
Earth's `adm1_code` (`IRL-78`), which a polygon keeps over releases. If two polygons of a country
have the same number (`AUS+00?`, `CSI+00?`), the letters are used too: `AU~AUS00`, `AU~CSI00`.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from operator import itemgetter
from typing import Any

from ewarn.domain.region import Level, Region
from ewarn.languages.catalogues import LANGUAGES
from ewarn.places.corrections import FORMER, Correction

_PLACEHOLDER = re.compile(r"^-99|-X\d+~?$|~$")
_FIPS = re.compile(r"[A-Z]{2}[0-9A-Z]{2}")
_GEONAMES = re.compile(r"[A-Z]{2}\.[0-9A-Z]+")

# Natural Earth draws areas by who governs them. ISO 3166-2 lists both codes under Ukraine (UA), as
# does General Assembly resolution 68/262, so the parent follows the id.
_PARENT_BY_ISO = {"UA-43": "UA", "UA-40": "UA"}


# The property of a polygon that each scheme of a correction changes.
_PROPERTIES = {"iso_3166_2": "iso_3166_2", "fips": "fips", "geonames": "gn_a1_code", "name": "name"}
_OF_THE_NAME = {*(f"name_{language}" for language in LANGUAGES), "name_alt", "wikidataid"}


def corrected(
    polygons: Iterable[Mapping[str, Any]], corrections: Iterable[Correction], valid: Iterable[str]
) -> list[dict[str, Any]]:
    """Return the properties of the polygons with the current codes and the right names.

    If a name is wrong, the properties that belong to it (its translations, its Wikidata item) are
    removed with it. A code that was changed is stored as the former one, unless it is one of the
    `valid` codes: then it means another place today.
    """
    changes: dict[str, dict[str, str]] = defaultdict(dict)
    for correction in corrections:
        changes[correction.polygon][_PROPERTIES[correction.scheme]] = correction.value
    taken = set(valid)
    return [_changed(polygon, changes[polygon["adm1_code"]], taken) for polygon in polygons]


def _changed(
    polygon: Mapping[str, Any], changes: Mapping[str, str], taken: set[str]
) -> dict[str, Any]:
    wrong = _OF_THE_NAME if "name" in changes else ()
    kept = {key: value for key, value in polygon.items() if key not in wrong}
    former: str = polygon["iso_3166_2"]
    if "iso_3166_2" in changes and former not in taken and not _PLACEHOLDER.search(former):
        kept[FORMER] = former
    return {**kept, **changes}


def country_of(properties: Mapping[str, Any]) -> str:
    """Return the alpha-2 code of the country to which a polygon belongs.

    Natural Earth's `adm0_a3` treats disputed and leased areas as separate (`CYN`, `KAB`). Its
    `iso_a2` assigns them to a country of ISO 3166-1, which is what ids need.
    """
    iso: str = properties["iso_a2"]
    return _PARENT_BY_ISO.get(properties["iso_3166_2"], iso)


def region_ids(polygons: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the region id of each polygon, in the same order."""
    shared = Counter(polygon["iso_3166_2"] for polygon in polygons)
    numbers = Counter(_own_id(polygon) for polygon in polygons)
    ids = []
    for polygon in polygons:
        code: str = polygon["iso_3166_2"]
        own = _own_id(polygon)
        if shared[code] == 1 and _is_code(code):
            ids.append(code)
        else:
            ids.append(own if numbers[own] == 1 else _own_id(polygon, letters=True))
    return ids


def build_subdivisions(
    ids: Sequence[str],
    polygons: Sequence[Mapping[str, Any]],
    alpha_3: Mapping[str, str],
    began: Mapping[str, date],
    fips: Mapping[str, frozenset[str]],
) -> dict[str, list[Region]]:
    """Build the subdivisions of each country (alpha-3), ordered by id.

    Args:
        alpha_3: The alpha-3 code by alpha-2 code.
        began: The days on which some countries began, by alpha-3 code.
        fips: The FIPS country codes with which codes of subdivisions begin, by alpha-2 code.
    """
    children: dict[str, list[Region]] = defaultdict(list)
    for id_, polygon in sorted(zip(ids, polygons, strict=True), key=itemgetter(0)):
        parent = alpha_3[country_of(polygon)]
        letters = fips.get(country_of(polygon), frozenset())
        children[parent].append(_subdivision(id_, parent, polygon, began.get(parent), letters))
    return dict(children)


def _subdivision(
    id_: str,
    parent: str,
    polygon: Mapping[str, Any],
    began_on: date | None,
    fips: frozenset[str],
) -> Region:
    """Build the region of one polygon; unnamed islets are named after the country."""
    names = [(language, polygon.get(f"name_{language}")) for language in LANGUAGES]
    return Region(
        id=id_,
        level=Level.ADMIN1,
        name=polygon.get("name") or f"{polygon['region_name']} (other)",
        parent=parent,
        latitude=polygon["latitude"],
        longitude=polygon["longitude"],
        names=tuple((language, name) for language, name in names if name),
        codes=_codes(polygon, fips),
        began_on=began_on,
    )


def spellings(region: Region, polygon: Mapping[str, Any], iso_name: str = "") -> list[str]:
    """Return every name of a region, the default one first; `iso_name` is that of ISO 3166-2."""
    others = re.split(r"[,|;/]", polygon.get("name_alt") or "")
    return [region.name, *(name for _, name in region.names), *others, iso_name]


def _is_code(code: str) -> bool:
    return bool(code) and not _PLACEHOLDER.search(code)


def _own_id(polygon: Mapping[str, Any], *, letters: bool = False) -> str:
    code = re.sub(r"[^0-9A-Z]", "", polygon["adm1_code"])
    return f"{country_of(polygon)}~{code if letters else code.lstrip('ABCDEFGHIJKLMNOPQRSTUVWXYZ')}"


def _codes(polygon: Mapping[str, Any], letters: frozenset[str]) -> tuple[tuple[str, str], ...]:
    """Return the well-formed codes of a polygon as pairs (scheme, code).

    Others are left out: Natural Earth has gaps and placeholders, and FIPS codes that belong to a
    neighbouring country.
    """
    iso, fips = polygon["iso_3166_2"], polygon.get("fips") or ""
    geonames = polygon.get("gn_a1_code") or ""
    candidates = (
        ("iso_3166_2", iso if _is_code(iso) else ""),
        (FORMER, polygon.get(FORMER, "")),
        ("fips", fips if _FIPS.fullmatch(fips) and fips[:2] in letters else ""),
        # GDELT writes states of the USA with their postal codes instead of FIPS numbers.
        ("gdelt", iso.replace("-", "") if polygon["iso_a2"] == "US" and fips else ""),
        ("geonames", geonames if _GEONAMES.fullmatch(geonames) else ""),
        ("wikidata", polygon.get("wikidataid") or ""),
        ("natural_earth", polygon["adm1_code"]),
    )
    return tuple((scheme, code) for scheme, code in candidates if code)
