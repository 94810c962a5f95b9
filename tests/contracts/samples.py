"""A payload of each source with the number of its records: a new source adds its own.

All that they hold is invented, but for the chronicle, which is ours.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from zipfile import ZipFile

from ewarn.domain.source import Payload
from ingest.registry import SOURCES

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


PAYLOADS: dict[str, Callable[[], tuple[Payload, int]]] = {
    "chronicle": chronicle_payload,
    "gdelt": gdelt_payload,
}
