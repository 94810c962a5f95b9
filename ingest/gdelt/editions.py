"""The kinds of GDELT files: their columns, and what their dates mean.

Positions are those of the codebooks (Event Codebook 2.0; Data Format Codebook 1.03), from 0.
"""

from dataclasses import dataclass

_GEO = ("geo_type", "geo_name", "geo_country", "geo_adm1", "latitude", "longitude", "feature")
_HEAD = {"id": 0, "day": 1, "actor_1": 5, "actor_2": 15, "code": 26, "mentions": 31, "tone": 34}


@dataclass(frozen=True, slots=True)
class Edition:
    """A kind of file: its name, how many cells a row has, where those that are read stand (what
    has no name here is never read), and whether DATEADDED is a day or a moment.

    `is_live` says that rows were added when the news came. Files of the years before April 2013
    were compiled later: their DATEADDED says when that was, and nothing of when it was known.
    """

    title: str
    cells: int
    positions: dict[str, int]
    is_daily: bool = True
    is_live: bool = True


def _positions(geo: int, *, adm2: int, url: bool) -> dict[str, int]:
    """Where the columns stand: the action's place begins at `geo`; an ADM2 code takes one more."""
    places = {name: geo + at + (adm2 if at > 3 else 0) for at, name in enumerate(_GEO)}
    added = geo + len(_GEO) + adm2
    return _HEAD | places | {"added": added} | ({"url": added + 1} if url else {})


VERSION_2 = Edition("GDELT 2.0", 61, _positions(51, adm2=1, url=True), is_daily=False)
VERSION_1 = Edition("GDELT 1.0 daily", 58, _positions(49, adm2=0, url=True))
HISTORY = Edition("GDELT 1.0 historical", 57, _positions(49, adm2=0, url=False), is_live=False)
