"""A payload of each source with the number of its records: a new source adds its own.

All that they hold is invented, but for the chronicle, which is ours.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from zipfile import ZipFile

from ewarn.domain.source import Payload, Span
from ingest.registry import SOURCES
from tests.ingest.acled_server import invented, listed
from tests.ingest.hapi_server import count

NOW = datetime(2018, 1, 1, tzinfo=UTC)


def gdelt_payload() -> tuple[Payload, int]:
    """An invented file of one protest in Lomé and one broken row."""
    cells = [""] * 61
    cells[0], cells[1], cells[26], cells[28], cells[31] = "7", "20171231", "141", "14", "3"
    cells[51:60] = ["4", "Lome", "TO", "TO24", "", "6.13", "1.22", "f", "20171231234500"]
    packed = BytesIO()
    with ZipFile(packed, "w") as archive:
        archive.writestr("20171231234500.export.CSV", "\t".join(cells) + "\nbroken\n")
    return Payload("gdelt", "sample", packed.getvalue(), NOW), 2


def chronicle_payload() -> tuple[Payload, int]:
    (payload,) = SOURCES["chronicle"]().fetch(NOW - timedelta(days=28), NOW)
    assert isinstance(payload, Payload)
    return payload, payload.body.count(b"\nchronicle,")


def acled_payload() -> tuple[Payload, int]:
    """An invented page of a protest, a row that is not tracked, and a broken one."""
    rows = [invented(1), invented(2, sub_event_type="Other"), {"event_id_cnty": "TGO3"}]
    return Payload("acled", "sample", listed(rows), datetime(2025, 11, 20, tzinfo=UTC)), 3


def hapi_payload() -> tuple[Payload, int]:
    """Invented counts of a month: three demonstrations, none of another kind, a broken row."""
    month = date(2017, 11, 1)
    rows = [count(month, events=3), count(month, "civilian_targeting", events=0), {}]
    whole = (Span("*", month, date(2017, 11, 30), NOW),)
    return Payload("hapi", "sample", listed(rows), NOW, whole=whole), 5


PAYLOADS: dict[str, Callable[[], tuple[Payload, int]]] = {
    "acled": acled_payload,
    "chronicle": chronicle_payload,
    "gdelt": gdelt_payload,
    "hapi": hapi_payload,
}
