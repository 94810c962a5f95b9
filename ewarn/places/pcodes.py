"""Reader of OCHA's P-codes from the Global P-Code List of the Humanitarian Data Exchange.

A CSV with the columns `Location` (alpha-3), `Admin Level`, `P-Code`, `Name`, `Parent P-Code` and
`Valid from date`; a second line may hold HXL tags. Codes have no geometry, so those of the first
level are matched to the gazetteer's subdivisions by name within their country. The match is not
one to one:

- several P-codes may be in one older polygon (Tshopo in Orientale); each of them finds it;
- a P-code of a division that is coarser than the polygons (a region of Guinea) finds no region;
- a P-code that is already another region's code in another scheme (FIPS has an `ML01` too) keeps
  that meaning, because sources depend on it.
"""

import csv
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from ewarn.errors import InputError
from ewarn.places.gazetteer import Gazetteer

FILE = "pcodes.csv"
SCHEME = "pcode"
COLUMNS = ("Location", "Admin Level", "P-Code", "Name")


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A P-code of the first level that was matched to no subdivision, and the reason."""

    code: str
    name: str
    country: str
    reason: str


@dataclass(frozen=True, slots=True)
class Pcodes:
    """Region ids by P-code, and the P-codes of the first level that were not matched."""

    regions: dict[str, str]
    unmatched: tuple[Unmatched, ...]

    def added_to(self, gazetteer: Gazetteer) -> Gazetteer:
        """Return a gazetteer that also finds regions by these codes.

        It shows the P-code of a region that has only one.
        """
        return gazetteer.with_codes(SCHEME, self.regions)


def read_pcodes(body: bytes, gazetteer: Gazetteer) -> Pcodes:
    """Read the P-codes of the first level and match them to regions.

    Raises:
        InputError: If the file is not UTF-8 or lacks a column.
    """
    regions: dict[str, str] = {}
    unmatched = []
    for country, code, name in _first_level(body):
        found = _region(gazetteer, country, code, name)
        if isinstance(found, Unmatched):
            unmatched.append(found)
        else:
            regions[code] = found
    return Pcodes(regions, tuple(unmatched))


def _region(gazetteer: Gazetteer, country: str, code: str, name: str) -> str | Unmatched:
    meanings = gazetteer.meanings(name, country)
    region = gazetteer.named(name, country)
    if region is None:
        reason = "several subdivisions are of it" if meanings else "no subdivision is called so"
        return Unmatched(code, name, country, reason)
    if len(meanings | {region.id}) > 1:
        return Unmatched(code, name, country, "it holds several subdivisions")
    known = gazetteer.find(code)
    if known is not None and known.id != region.id:
        return Unmatched(code, name, country, f"it is a code of {known.id} in another scheme")
    return region.id


def _first_level(body: bytes) -> Iterator[tuple[str, str, str]]:
    """Yield the country, code and name of each P-code of the first level."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(
            "The P-code list is not UTF-8 text: fetch the CSV of the Global P-Code List again."
        ) from None
    reader = csv.DictReader(io.StringIO(text, newline=""))
    missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
    if missing:
        raise InputError(
            f"The P-code list lacks the columns {', '.join(missing)}: its first line must be the "
            f"header of the Global P-Code List, with {', '.join(COLUMNS)}."
        )
    for row in reader:
        if (row["Admin Level"] or "").strip() == "1":  # this also skips the line of HXL tags
            country, code, name = (
                (row[key] or "").strip() for key in ("Location", "P-Code", "Name")
            )
            if country and code and name:
                yield country, code, name


def summary(pcodes: Pcodes) -> str:
    """Return one sentence on what was matched, and the countries with most unmatched codes."""
    misses = Counter(item.country for item in pcodes.unmatched)
    said = f"{len(pcodes.regions)} P-codes lead to a subdivision, {len(pcodes.unmatched)} do not"
    if not misses:
        return f"{said}."
    worst = ", ".join(f"{country} {number}" for country, number in misses.most_common(5))
    return f"{said} (most in {worst})."
