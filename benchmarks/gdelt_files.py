"""Invented files in GDELT's format, with as many rows, cells, kinds and places as real ones.

Of the 2,111 rows of a real file 16% are of a tracked kind, and one in ten of those repeats a story.
Nothing in these files is news.
"""

import random
import zipfile
from datetime import datetime, timedelta
from functools import lru_cache
from io import BytesIO

from ewarn.places.gazetteer import load_gazetteer

ROWS = 2_111
CELLS = 61
TRACKED = 0.16
RETOLD = 0.1
PLACES = 420  # in one file
_TRACKED = ("141", "1411", "143", "145", "172", "173", "175", "180", "190", "193", "201")
_OTHERS = ("010", "020", "036", "040", "042", "043", "051", "057", "111", "112", "120", "130")
_WORDS = (
    *("police", "fire", "on", "protesters", "march", "opposition", "activists", "arrested"),
    *("government", "minister", "talks", "market", "film", "football", "match", "wins", "crime"),
    *("drug", "trial", "town", "region", "after", "new", "school", "storm", "health", "rebels"),
)
_ACTORS = ("", "", "GOV", "COP", "OPP", "TGO", "TGOGOV", "USA", "USAMED", "MIL", "CVL", "JUD")


def file_of(number: int, moment: datetime, rows: int = ROWS) -> str:
    """Return the text of file `number`, with rows added at `moment`. It is the same every time."""
    chance = random.Random(number)
    # News at one time is about few places, and often about the same ones.
    spoken_of = chance.choices(_places(), k=PLACES)
    lines: list[str] = []
    for row in range(rows):
        place = spoken_of[min(int(chance.expovariate(5 / PLACES)), PLACES - 1)]
        age = 0 if chance.random() < 0.97 else chance.choice((1, 7, 30, 365))
        told = _row(chance, moment, age, place)
        if lines and chance.random() < RETOLD:
            told = chance.choice(lines).partition("\t")[2]
        lines.append(f"{7 * 10**8 + number * rows + row}\t{told}")
    return "\n".join(lines) + "\n"


def zipped(text: str, name: str) -> bytes:
    """Return a file as it is served, in a zip archive."""
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        entry = zipfile.ZipInfo(name.removesuffix(".zip"))
        archive.writestr(entry, text, zipfile.ZIP_DEFLATED, compresslevel=1)
    return packed.getvalue()


def _row(chance: random.Random, moment: datetime, age: int, place: tuple[str, ...]) -> str:
    """Return all cells of a row except the first, which is the id."""
    day = moment - timedelta(days=age)
    code = chance.choice(_TRACKED if chance.random() < TRACKED else _OTHERS)
    actors = [chance.choice(_ACTORS) for _ in "12"]
    cells = [f"{day:%Y%m%d}", f"{day:%Y%m}", f"{day:%Y}", f"{day:%Y}.8"]
    for actor in actors:
        cells += [actor, "AN INVENTED ACTOR" if actor else "", actor[:3], *[""] * 7]
    mentions = str(chance.choice((1, 2, 4, 6, 10, 20)))
    cells += ["1", code, code[:3], code[:2], "3", f"{chance.uniform(-10, 10):.1f}"]
    cells += [mentions, "1", mentions, f"{chance.uniform(-10, 10):.14f}"]
    for _ in range(3):
        cells += place
    host = f"news{chance.randrange(2_000)}.example"
    words = "-".join(chance.choices(_WORDS, k=8))
    cells += [f"{moment:%Y%m%d%H%M%S}", f"https://{host}/{moment:%Y/%m}/{words}"]
    assert len(cells) == CELLS - 1
    return "\t".join(cells)


@lru_cache(maxsize=1)
def _places() -> list[tuple[str, ...]]:
    """Return the cells of invented towns, three in each subdivision with a FIPS code, shuffled."""
    chance = random.Random(1)
    gazetteer = load_gazetteer()
    found: list[tuple[str, ...]] = []
    for region in gazetteer.regions():
        fips = dict(region.codes).get("fips")
        if region.parent is None or not fips or region.latitude is None or region.longitude is None:
            continue
        for town in range(3):
            number = len(found)
            name = f"Town {town}, {region.name}"
            found.append(
                (
                    "4", name, fips[:2], fips, str(number),
                    f"{region.latitude:.4f}", f"{region.longitude:.4f}", str(-number),
                )
            )  # fmt: skip
    chance.shuffle(found)
    return found
