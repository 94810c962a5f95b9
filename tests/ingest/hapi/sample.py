"""An invented payload of HDX HAPI, and how the fault tests read its provider."""

from datetime import UTC, date, datetime

from ewarn.domain.source import Payload, Span
from ingest.hapi.rows import months_before
from ingest.hapi.source import HapiSource
from tests.ingest.acled.provider import listed
from tests.ingest.hapi.provider import InventedHapi, count
from tests.provider import Provider
from tests.speaking import Speaking

NOW = datetime(2018, 1, 1, tzinfo=UTC)


def sample() -> tuple[Payload, int]:
    """Invented counts of a month: three demonstrations, none of another kind, a broken row."""
    month = date(2017, 11, 1)
    rows = [count(month, events=3), count(month, "civilian_targeting", events=0), {}]
    whole = (Span("*", month, date(2017, 11, 30), NOW),)
    return Payload("hapi", "sample", listed(rows), NOW, whole=whole), 5


def serve(provider: Provider, *, more: bool) -> None:
    server = InventedHapi(provider)
    october, september = date(2025, 10, 1), date(2025, 9, 1)
    events = {september: 3, october: 2} if more else {september: 4}
    # An answer without any row in a month is not accepted, so other rows are counts of zero.
    server.counts = [
        count(month, events=events.get(month, 0))
        for month in (months_before(october, back) for back in range(30))
    ]
    server.counted_at = f"2025-1{int(more)}-13T10:29:54"
    server.taken_in_at = f"2025-1{int(more)}-14T01:33:17.123"


SPEAKING = {
    "hapi": Speaking(
        serve_first=lambda provider: serve(provider, more=False),
        serve_more=lambda provider: serve(provider, more=True),
        make=lambda web, url: HapiSource(web, url=url, email="office@example.org"),
        first_at=datetime(2025, 10, 20, tzinfo=UTC),
        then_at=datetime(2025, 11, 20, tzinfo=UTC),
        requests=8,
        begun_at=datetime(2025, 9, 20, tzinfo=UTC),
    ),
}
