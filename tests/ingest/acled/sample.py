"""An invented payload of ACLED, and how the fault tests read its provider."""

from dataclasses import replace
from datetime import UTC, date, datetime

from ewarn.domain.source import Payload
from ingest.acled.source import AcledSource
from tests.ingest.acled.provider import PASSWORD, USERNAME, InventedAcled, invented, listed, stamp
from tests.provider import Provider
from tests.speaking import Speaking


def sample() -> tuple[Payload, int]:
    """An invented page of a protest, a row that is not tracked, and a broken one."""
    rows = [invented(1), invented(2, sub_event_type="Other"), {"event_id_cnty": "TGO3"}]
    sample = Payload("acled", "sample", listed(rows), datetime(2025, 11, 20, tzinfo=UTC))
    return replace(sample, first_day=date(2025, 10, 1), last_day=date(2025, 11, 16)), 3


def serve(provider: Provider, *, more: bool) -> None:
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


SPEAKING = {
    "acled": Speaking(
        serve_first=lambda provider: serve(provider, more=False),
        serve_more=lambda provider: serve(provider, more=True),
        make=lambda web, url: AcledSource(web, url=url, username=USERNAME, password=PASSWORD),
        first_at=datetime(2025, 11, 18, 12, tzinfo=UTC),
        then_at=datetime(2025, 11, 20, 12, tzinfo=UTC),
        requests=4,
    ),
}
