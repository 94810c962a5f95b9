"""Providers as the fault tests need them: each speaks its format, first a little, then more.

All that they serve is invented.
"""

import hashlib
import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ewarn.ports import Source
from ingest.gdelt import GdeltSource
from ingest.web import Web
from tests.provider import Provider, Reply


@dataclass(frozen=True)
class Speaking:
    """How to try a source: what its provider serves at first, what it serves later, how the
    source is made, and the hours of the two readings.
    """

    serve_first: Callable[[Provider], None]
    serve_more: Callable[[Provider], None]
    make: Callable[[Web, str], Source]
    first_at: datetime
    then_at: datetime


def gdelt_row(number: int, moment: datetime, *, place: str = "Lome") -> str:
    """A row of GDELT 2.0 of an invented protest in Togo."""
    cells = [""] * 61
    cells[0], cells[1], cells[26], cells[28] = str(number), f"{moment:%Y%m%d}", "141", "14"
    cells[31] = "3"
    cells[51:59] = ["4", f"{place}, Togo", "TO", "TO24", "", "6.13", "1.22", f"{number}"]
    cells[59] = f"{moment:%Y%m%d%H%M%S}"
    return "\t".join(cells) + "\n"


def zipped(name: str, text: str) -> bytes:
    """A zip archive of one file."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(name), text)
    return packed.getvalue()


_SLOT = timedelta(minutes=15)
_NOON = datetime(2020, 1, 8, 12, tzinfo=UTC)


def _gdelt(provider: Provider, slots: int) -> None:
    for slot in range(slots):
        moment = _NOON + slot * _SLOT
        name = f"{moment:%Y%m%d%H%M%S}.export.CSV"
        rows = "".join(gdelt_row(10 * slot + row, moment) for row in range(4))
        body = zipped(name, rows)
        provider.answers[f"/{name}.zip"] = [Reply(body)]
        listing = f"{len(body)} {hashlib.md5(body).hexdigest()} http://invented/{name}.zip\n"
        provider.answers["/lastupdate.txt"] = [Reply(listing.encode())]


SPEAKING: dict[str, Speaking] = {
    "gdelt": Speaking(
        serve_first=lambda provider: _gdelt(provider, 1),
        serve_more=lambda provider: _gdelt(provider, 4),
        make=lambda web, url: GdeltSource(web, url=url),
        first_at=_NOON + _SLOT / 2,
        then_at=_NOON + 3.5 * _SLOT,
    ),
}
