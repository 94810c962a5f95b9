"""An invented payload of GDELT, and how the fault tests read its provider."""

from datetime import UTC, datetime, timedelta
from io import BytesIO
from zipfile import ZipFile

from ewarn.domain.source import Payload
from ingest.gdelt.source import GdeltSource
from tests.ingest.gdelt.provider import md5, row_of, zipped
from tests.provider import Provider, Reply
from tests.speaking import Speaking

NOW = datetime(2018, 1, 1, tzinfo=UTC)
_SLOT = timedelta(minutes=15)
_NOON = datetime(2020, 1, 8, 12, tzinfo=UTC)


def sample() -> tuple[Payload, int]:
    """An invented file of one protest in Lomé and one broken row."""
    cells = [""] * 61
    cells[0], cells[1], cells[26], cells[28], cells[31] = "7", "20171231", "141", "14", "3"
    cells[51:60] = ["4", "Lome", "TO", "TO24", "", "6.13", "1.22", "f", "20171231234500"]
    cells[60] = "https://news.example/africa/thousands-march-in-protest"
    packed = BytesIO()
    with ZipFile(packed, "w") as archive:
        archive.writestr("20171231234500.export.CSV", "\t".join(cells) + "\nbroken\n")
    return Payload("gdelt", "sample", packed.getvalue(), NOW), 2


def serve(provider: Provider, slots: int) -> None:
    for slot in range(slots):
        moment = _NOON + slot * _SLOT
        name = f"{moment:%Y%m%d%H%M%S}.export.CSV"
        rows = "".join(row_of(10 * slot + row, moment) for row in range(4))
        body = zipped(name, rows)
        provider.answers[f"/{name}.zip"] = [Reply(body)]
        listing = f"{len(body)} {md5(body)} http://invented/{name}.zip\n"
        provider.answers["/lastupdate.txt"] = [Reply(listing.encode())]


SPEAKING = {
    "gdelt": Speaking(
        serve_first=lambda provider: serve(provider, 1),
        serve_more=lambda provider: serve(provider, 4),
        make=lambda web, url: GdeltSource(web, url=url),
        first_at=_NOON + _SLOT / 2,
        then_at=_NOON + 3.5 * _SLOT,
        requests=4,
    ),
}
