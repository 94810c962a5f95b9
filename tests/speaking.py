"""Providers as the fault tests need them: each speaks its format, first a little, then more.

All that they serve is invented.
"""

import hashlib
import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from ewarn.ports import Source
from ingest.acled import AcledSource
from ingest.gdelt import GdeltSource
from ingest.hapi import HapiSource
from ingest.hapi_rows import months_before
from ingest.web import Web
from tests.ingest.acled_server import PASSWORD, USERNAME, InventedAcled, invented, stamp
from tests.ingest.hapi_server import InventedHapi, count
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


def _acled(provider: Provider, *, more: bool) -> None:
    server = InventedAcled(provider)
    server.events = [invented(number) for number in range(4)]
    if more:
        later = str(stamp("2025-11-19"))
        server.events = [
            invented(0, timestamp=later, fatalities="2"),
            invented(1),
            *(invented(number, timestamp=later) for number in range(4, 9)),
        ]
        server.deletions = [{"event_id_cnty": "TGO2", "deleted_timestamp": later}]


def _hapi(provider: Provider, *, more: bool) -> None:
    server = InventedHapi(provider)
    october, september = date(2025, 10, 1), date(2025, 9, 1)
    events = {september: 3, october: 2} if more else {september: 4}
    # A month without any row would be no answer, so the others are counted as none.
    server.counts = [
        count(month, events=events.get(month, 0))
        for month in (months_before(october, back) for back in range(30))
    ]
    server.counted_at = f"2025-1{int(more)}-13T10:29:54"
    server.taken_in_at = f"2025-1{int(more)}-14T01:33:17.123"


SPEAKING: dict[str, Speaking] = {
    "acled": Speaking(
        serve_first=lambda provider: _acled(provider, more=False),
        serve_more=lambda provider: _acled(provider, more=True),
        make=lambda web, url: AcledSource(web, url=url, username=USERNAME, password=PASSWORD),
        first_at=datetime(2025, 11, 18, 12, tzinfo=UTC),
        then_at=datetime(2025, 11, 20, 12, tzinfo=UTC),
    ),
    "gdelt": Speaking(
        serve_first=lambda provider: _gdelt(provider, 1),
        serve_more=lambda provider: _gdelt(provider, 4),
        make=lambda web, url: GdeltSource(web, url=url),
        first_at=_NOON + _SLOT / 2,
        then_at=_NOON + 3.5 * _SLOT,
    ),
    "hapi": Speaking(
        serve_first=lambda provider: _hapi(provider, more=False),
        serve_more=lambda provider: _hapi(provider, more=True),
        make=lambda web, url: HapiSource(web, url=url, email="office@example.org"),
        first_at=datetime(2025, 10, 20, tzinfo=UTC),
        then_at=datetime(2025, 11, 20, tzinfo=UTC),
    ),
}
