"""The kinds of GDELT files: their columns and the meaning of their dates.

Positions of columns are those of the codebooks (Event Codebook 2.0; Data Format Codebook 1.03),
counted from 0.
"""

from dataclasses import dataclass

_GEO = ("geo_type", "geo_name", "geo_country", "geo_adm1", "latitude", "longitude", "feature")
_HEAD = {"id": 0, "day": 1, "actor_1": 5, "actor_2": 15, "code": 26, "mentions": 31, "tone": 34}


@dataclass(frozen=True, slots=True)
class Edition:
    """A kind of file.

    `cells` is the number of cells of a row, and `positions` are those of the cells that are read;
    other cells are never read. `is_daily` says whether DATEADDED is a day or a moment. `is_live`
    says that rows were added when the news came. Files of the years before April 2013 were
    compiled later: their DATEADDED is the time of compilation, and not when the event was known.
    """

    title: str
    cells: int
    positions: dict[str, int]
    is_daily: bool = True
    is_live: bool = True


def _positions(geo: int, *, adm2: int, url: bool) -> dict[str, int]:
    """Return the positions of the columns.

    Args:
        geo: The first column of the action's place.
        adm2: The number of columns for an ADM2 code, 0 or 1.
        url: Whether there is a column for the web address.
    """
    places = {name: geo + at + (adm2 if at > 3 else 0) for at, name in enumerate(_GEO)}
    added = geo + len(_GEO) + adm2
    return _HEAD | places | {"added": added} | ({"url": added + 1} if url else {})


VERSION_2 = Edition("GDELT 2.0", 61, _positions(51, adm2=1, url=True), is_daily=False)
VERSION_1 = Edition("GDELT 1.0 daily", 58, _positions(49, adm2=0, url=True))
HISTORY = Edition("GDELT 1.0 historical", 57, _positions(49, adm2=0, url=False), is_live=False)
