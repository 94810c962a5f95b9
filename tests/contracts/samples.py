"""A payload of each source with the number of its records: a new source adds its own.

All that they hold is invented, but for the chronicle, which is ours.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from zipfile import ZipFile

from ewarn.domain.source import Payload, Span
from ingest.registry import SOURCES
from tests.ingest.acled_server import invented, listed
from tests.ingest.hapi_server import count
from tests.kobo import submission
from tests.mass_mobilization import file_of, original, quiet_year
from tests.polecat import story, tab_of
from tests.ucdp import csv_of, ged

NOW = datetime(2018, 1, 1, tzinfo=UTC)


def gdelt_payload() -> tuple[Payload, int]:
    """An invented file of one protest in Lomé and one broken row."""
    cells = [""] * 61
    cells[0], cells[1], cells[26], cells[28], cells[31] = "7", "20171231", "141", "14", "3"
    cells[51:60] = ["4", "Lome", "TO", "TO24", "", "6.13", "1.22", "f", "20171231234500"]
    cells[60] = "https://news.example/africa/thousands-march-in-protest"
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
    sample = Payload("acled", "sample", listed(rows), datetime(2025, 11, 20, tzinfo=UTC))
    return replace(sample, first_day=date(2025, 10, 1), last_day=date(2025, 11, 16)), 3


def hapi_payload() -> tuple[Payload, int]:
    """Invented counts of a month: three demonstrations, none of another kind, a broken row."""
    month = date(2017, 11, 1)
    rows = [count(month, events=3), count(month, "civilian_targeting", events=0), {}]
    whole = (Span("*", month, date(2017, 11, 30), NOW),)
    return Payload("hapi", "sample", listed(rows), NOW, whole=whole), 5


def calendar_payload() -> tuple[Payload, int]:
    """Invented entries: a vote, the same again, and one in no country."""
    line = "1,TGO,2017-12-20,vote,election"
    lines = ["source_event_id,country,date,what,topic", line, line, "2,XX,2018-02-01,vote,election"]
    return Payload("calendar", "sample.csv", "\n".join(lines).encode(), NOW), 3


def exchange_payload() -> tuple[Payload, int]:
    """An invented file of one event, said twice, and of a row without its day."""
    row = "exchange,1,force,2017-10-18,TGO"
    lines = ["source,source_event_id,kind,occurred_on,country", row, row, "exchange,2,force,,TGO"]
    return Payload("exchange", "sample.csv", "\n".join(lines).encode(), NOW), 3


def kobo_payload() -> tuple[Payload, int]:
    """Invented reports: one approved, one not yet, one of an unknown kind, and no report."""
    unread = submission(2, _validation_status={})
    content = {"results": [submission(1), unread, submission(3, kind="picnic"), "none"]}
    at = datetime(2024, 2, 8, tzinfo=UTC)
    return Payload("kobo", "kobo-form.json", json.dumps(content).encode(), at, protected=True), 4


def mass_mobilization_payload() -> tuple[Payload, int]:
    """An invented file: a protest, a year without one, and a row of no country."""
    body = file_of(original(1), quiet_year(2004), original(2, country="Atlantis"))
    return Payload("mass-mobilization", "sample", body, NOW), 3


def ucdp_payload() -> tuple[Payload, int]:
    """An invented candidate file: an attack near Kara, and a row of no known type."""
    body = csv_of(ged(1, type_of_violence=3), ged(2, type_of_violence=9))
    sample = Payload("ucdp", "sample", body, NOW, published_at=NOW)
    return replace(sample, first_day=date(2026, 8, 1), last_day=date(2026, 8, 31)), 2


def polecat_payload() -> tuple[Payload, int]:
    """An invented file: a protest in Lomé told twice, and a row of no day."""
    later = story(3, **{"Event Date": "None", "Publication Date": "2018-01-07"})
    body = tab_of(story(1), story(2), later)
    return Payload("polecat", "sample", body, NOW), 3


PAYLOADS: dict[str, Callable[[], tuple[Payload, int]]] = {
    "acled": acled_payload,
    "calendar": calendar_payload,
    "chronicle": chronicle_payload,
    "exchange": exchange_payload,
    "gdelt": gdelt_payload,
    "hapi": hapi_payload,
    "kobo": kobo_payload,
    "mass-mobilization": mass_mobilization_payload,
    "polecat": polecat_payload,
    "ucdp": ucdp_payload,
}
