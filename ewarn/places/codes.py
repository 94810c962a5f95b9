"""Lookup of region ids by the codes of many schemes, and the table of aliases."""

import copy
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ewarn.domain.region import Region
from ewarn.places.corrections import inner_codes
from ewarn.places.countries import Supplement
from ewarn.places.tables import rows

_ISO_3166_2 = re.compile(r"[A-Z]{2}-[0-9A-Z]{1,3}")


@dataclass(frozen=True, slots=True)
class Alias:
    """A row of `data/aliases.csv`: `name` means `region` in `country` (alpha-3).

    The table holds four things:

    - names that the data does not have;
    - coarser divisions of a country whose polygons are finer, with a row for each polygon that is
      wholly or mostly in them;
    - newer and finer divisions inside a polygon (the counties of Kenya, the districts of Nepal);
    - ISO codes that the data gives to several polygons although only one is meant.

    If the region of a row is its country, the name means the country or a part of it like Scotland.
    """

    country: str
    name: str
    region: str


def aliases() -> Iterator[Alias]:
    """Yield the rows of the packaged table."""
    for row in rows("aliases.csv"):
        yield Alias(row["country"], row["alias"], row["region"])


class CodeIndex:
    """An index of region ids by code; a code that several regions share finds none of them."""

    def __init__(
        self,
        regions: Iterable[Region],
        supplements: Iterable[Supplement],
        aliases: Sequence[Alias],
        names: Mapping[str, str],
    ) -> None:
        """Build the index; `names` are the names of the codes of ISO 3166-2."""
        owners: dict[str, set[str]] = defaultdict(set)
        self._exact: dict[str, str] = {}
        for region in regions:
            self._exact[region.id.upper()] = region.id
            for scheme, code in region.codes:
                # Country codes of FIPS mean other countries in ISO, so they have their own lookup.
                if scheme != "fips" or region.parent is not None:
                    owners[code.upper()].add(region.id)
        self._codes = {code: min(ids) for code, ids in owners.items() if len(ids) == 1}
        self._codes |= {a.name: a.region for a in aliases if _ISO_3166_2.fullmatch(a.name)}
        parts = ((a.region[:2], a.name, a.region) for a in aliases if a.region != a.country)
        inner = inner_codes(names, parts)
        self._codes = inner | self._codes
        self._fips = {code: row.region for row in supplements for code in row.fips}

    def with_codes(self, codes: Mapping[str, str]) -> "CodeIndex":
        """Return an index that also has these codes (region id by code)."""
        other = copy.copy(self)
        other._codes = self._codes | {code.upper(): id_ for code, id_ in codes.items()}
        return other

    def find(self, code: str) -> str | None:
        """Return the region id of any code except a FIPS country code, or None."""
        wanted = code.strip().upper()
        return self._exact.get(wanted) or self._codes.get(wanted)

    def find_fips(self, code: str) -> str | None:
        """Return the region id of a FIPS 10-4 country code, or None."""
        return self._fips.get(code.strip().upper())
