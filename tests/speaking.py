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
from ingest.acled.source import AcledSource
from ingest.gdelt.source import GdeltSource
from ingest.hapi.rows import months_before
from ingest.hapi.source import HapiSource
from ingest.polecat.source import PolecatSource
from ingest.shared.web import Web
from ingest.ucdp.source import UcdpSource
from tests.ingest.acled_server import PASSWORD, USERNAME, InventedAcled, invented, stamp
from tests.ingest.hapi_server import InventedHapi, count
from tests.kobo import KoboServer, source_at, submission
from tests.polecat import publish, story, tab_of
from tests.provider import Provider, Reply
from tests.ucdp import TOKEN as UCDP_TOKEN
from tests.ucdp import InventedUcdp, ged


@dataclass(frozen=True)
class Speaking:
    """How to try a source: what its provider serves at first, what it serves later, how the
    source is made, the hours of the two readings, and how many requests the second one takes.

    `begun_at` is how far the source was read before the first of them: where a source begins with
    much, it makes do with less. `waits` says that a file which is not there (404) counts as not
    published yet, and is waited for.
    """

    serve_first: Callable[[Provider], None]
    serve_more: Callable[[Provider], None]
    make: Callable[[Web, str], Source]
    first_at: datetime
    then_at: datetime
    requests: int
    begun_at: datetime | None = None
    waits: bool = False


def gdelt_row(number: int, moment: datetime, *, place: str = "Lome") -> str:
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


def _ucdp(provider: Provider, *, more: bool) -> None:
    server = InventedUcdp(provider)
    server.publish("26.0.6", *(ged(number, "2026-06-14") for number in range(61, 64)))
    if more:
        server.publish("26.0.7", *(ged(number, "2026-07-14") for number in range(71, 74)))
        server.publish("26.0.8", *(ged(number, "2026-08-14") for number in range(81, 84)))


def _polecat(provider: Provider, *, more: bool) -> None:
    files = [("one.txt", "2018-01-01", tab_of(story(1)))]
    if more:
        others = (story(number, Country="BEN", Province="None") for number in range(2, 5))
        files += [
            ("two.txt", "2018-01-08", tab_of(*others)),
            ("three.txt", "2018-01-08", tab_of(story(5, **{"Event Mode": "riot"}))),
            ("four.txt", "2018-01-09", tab_of(story(6, **{"Event Mode": "strike"}))),
        ]
    publish(provider, *files)


def _kobo(provider: Provider, *, more: bool) -> None:
    server = KoboServer(most=2)
    server.submissions = [submission(number) for number in range(1, 5)]
    if more:  # one is withdrawn, one corrected, three are new
        server.submissions = [submission(number) for number in (1, 3, 4, 5, 6, 7)]
        server.submissions[1]["kind"] = "force"
    provider.otherwise = server


SPEAKING: dict[str, Speaking] = {
    "acled": Speaking(
        serve_first=lambda provider: _acled(provider, more=False),
        serve_more=lambda provider: _acled(provider, more=True),
        make=lambda web, url: AcledSource(web, url=url, username=USERNAME, password=PASSWORD),
        first_at=datetime(2025, 11, 18, 12, tzinfo=UTC),
        then_at=datetime(2025, 11, 20, 12, tzinfo=UTC),
        requests=4,
    ),
    "gdelt": Speaking(
        serve_first=lambda provider: _gdelt(provider, 1),
        serve_more=lambda provider: _gdelt(provider, 4),
        make=lambda web, url: GdeltSource(web, url=url),
        first_at=_NOON + _SLOT / 2,
        then_at=_NOON + 3.5 * _SLOT,
        requests=4,
    ),
    "hapi": Speaking(
        serve_first=lambda provider: _hapi(provider, more=False),
        serve_more=lambda provider: _hapi(provider, more=True),
        make=lambda web, url: HapiSource(web, url=url, email="office@example.org"),
        first_at=datetime(2025, 10, 20, tzinfo=UTC),
        then_at=datetime(2025, 11, 20, tzinfo=UTC),
        requests=8,
        begun_at=datetime(2025, 9, 20, tzinfo=UTC),
    ),
    "kobo": Speaking(
        serve_first=lambda provider: _kobo(provider, more=False),
        serve_more=lambda provider: _kobo(provider, more=True),
        make=lambda web, url: source_at(Provider(url), web),
        first_at=datetime(2024, 2, 8, tzinfo=UTC),
        then_at=datetime(2024, 2, 9, tzinfo=UTC),
        requests=3,
    ),
    "polecat": Speaking(
        serve_first=lambda provider: _polecat(provider, more=False),
        serve_more=lambda provider: _polecat(provider, more=True),
        make=lambda web, url: PolecatSource(web, key="an invented key", url=url),
        first_at=datetime(2018, 1, 3, tzinfo=UTC),
        then_at=datetime(2018, 1, 11, tzinfo=UTC),
        requests=4,
    ),
    "ucdp": Speaking(
        serve_first=lambda provider: _ucdp(provider, more=False),
        serve_more=lambda provider: _ucdp(provider, more=True),
        make=lambda web, url: UcdpSource(web, token=UCDP_TOKEN, url=f"{url}/api"),
        first_at=datetime(2026, 7, 21, tzinfo=UTC),
        then_at=datetime(2026, 9, 21, tzinfo=UTC),
        requests=4,
        begun_at=datetime(2026, 7, 2, tzinfo=UTC),
        waits=True,
    ),
    "ucdp by files": Speaking(
        serve_first=lambda provider: _ucdp(provider, more=False),
        serve_more=lambda provider: _ucdp(provider, more=True),
        make=lambda web, url: UcdpSource(web, files_url=f"{url}/files"),
        first_at=datetime(2026, 7, 21, tzinfo=UTC),
        then_at=datetime(2026, 9, 21, tzinfo=UTC),
        requests=2,
        begun_at=datetime(2026, 7, 2, tzinfo=UTC),
        waits=True,
    ),
}
