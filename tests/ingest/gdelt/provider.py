"""Invented rows, files and lists in GDELT's format."""

import hashlib
import io
import zipfile
from datetime import datetime

from ingest.gdelt.editions import VERSION_2, Edition
from tests.provider import Provider, Reply

GOOD = {
    "id": "900000001",
    "day": "20171018",
    "actor_1": "TGOCOP",
    "actor_2": "TGOOPP",
    "code": "175",
    "mentions": "10",
    "tone": "-4.5",
    "geo_type": "4",
    "geo_name": "Lome, Maritime, Togo",
    "geo_country": "TO",
    "geo_adm1": "TO24",
    "latitude": "6.13194",
    "longitude": "1.22278",
    "feature": "-1234",
    "added": "20171018141500",
    "url": "https://news.example/police-kill-and-arrest-protesters-at-banned-march-of-"
    "name-of-a-person",
}
ACTOR_NAME = 6


def line(edition: Edition = VERSION_2, /, **changes: str) -> str:
    """A good row with some columns changed, by their names in `gdelt_editions`. Unless its address
    is given, each id and feature is of an article of its own."""
    cells = [""] * edition.cells
    cells[ACTOR_NAME] = "NAME OF AN ACTOR"
    url = f"{GOOD['url']}/{changes.get('id', GOOD['id'])}-{changes.get('feature', '')}"
    for name, value in (GOOD | {"url": url} | changes).items():
        if name in edition.positions:
            cells[edition.positions[name]] = value
    return "\t".join(cells)


def zip_of(text: str = "row\n", *, files: int = 1) -> bytes:
    """A zip archive as GDELT sends it."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for number in range(files):
            name = zipfile.ZipInfo(f"{number}.export.CSV")  # of no hour: the same bytes each time
            archive.writestr(name, text, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def md5(body: bytes) -> str:
    """The checksum as lists have it."""
    return hashlib.md5(body).hexdigest()


def listing(*files: tuple[str, bytes, str]) -> bytes:
    """Lines of a list: size, checksum, address; and of each file one that is no export."""
    base = "http://data.gdeltproject.org/gdeltv2"
    return "".join(
        f"9 {'0' * 32} {base}/x.mentions.CSV.zip\n{len(body)} {digest} {base}/{name}\n"
        for name, body, digest in files
    ).encode()


def publish(
    provider: Provider, name: str, body: bytes, *, digest: str | None = None, feed: str = ""
) -> None:
    """Serve a file, and list it as the newest of its feed (`-translation`)."""
    listed = listing((name, body, digest or md5(body)))
    provider.answers[f"/lastupdate{feed}.txt"] = [Reply(listed)]
    provider.answers[f"/{name}"] = [Reply(body)]


def row_of(number: int, moment: datetime, *, place: str = "Lome") -> str:
    """A row of GDELT 2.0 of an invented protest in Togo."""
    cells = [""] * 61
    cells[0], cells[1], cells[26], cells[28] = str(number), f"{moment:%Y%m%d}", "141", "14"
    cells[31] = "3"
    cells[51:59] = ["4", f"{place}, Togo", "TO", "TO24", "", "6.13", "1.22", f"{number}"]
    cells[59] = f"{moment:%Y%m%d%H%M%S}"
    cells[60] = "https://news.example/africa/thousands-march-in-protest"
    return "\t".join(cells) + "\n"


def zipped(name: str, text: str) -> bytes:
    """A zip archive of one file."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(name), text)
    return packed.getvalue()
