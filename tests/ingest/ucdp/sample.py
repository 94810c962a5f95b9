"""An invented payload of UCDP, and how the fault tests read its provider."""

from dataclasses import replace
from datetime import UTC, date, datetime

from ewarn.domain.source import Payload
from ingest.ucdp.source import UcdpSource
from tests.ingest.ucdp.provider import TOKEN, InventedUcdp, csv_of, ged
from tests.provider import Provider
from tests.speaking import Speaking

NOW = datetime(2018, 1, 1, tzinfo=UTC)


def sample() -> tuple[Payload, int]:
    """An invented candidate file: an attack near Kara, and a row of no known type."""
    body = csv_of(ged(1, type_of_violence=3), ged(2, type_of_violence=9))
    sample = Payload("ucdp", "sample", body, NOW, published_at=NOW)
    return replace(sample, first_day=date(2026, 8, 1), last_day=date(2026, 8, 31)), 2


def serve(provider: Provider, *, more: bool) -> None:
    server = InventedUcdp(provider)
    server.publish("26.0.6", *(ged(number, "2026-06-14") for number in range(61, 64)))
    if more:
        server.publish("26.0.7", *(ged(number, "2026-07-14") for number in range(71, 74)))
        server.publish("26.0.8", *(ged(number, "2026-08-14") for number in range(81, 84)))


SPEAKING = {
    "ucdp": Speaking(
        serve_first=lambda provider: serve(provider, more=False),
        serve_more=lambda provider: serve(provider, more=True),
        make=lambda web, url: UcdpSource(web, token=TOKEN, url=f"{url}/api"),
        first_at=datetime(2026, 7, 21, tzinfo=UTC),
        then_at=datetime(2026, 9, 21, tzinfo=UTC),
        requests=4,
        begun_at=datetime(2026, 7, 2, tzinfo=UTC),
        waits=True,
    ),
    "ucdp by files": Speaking(
        serve_first=lambda provider: serve(provider, more=False),
        serve_more=lambda provider: serve(provider, more=True),
        make=lambda web, url: UcdpSource(web, files_url=f"{url}/files"),
        first_at=datetime(2026, 7, 21, tzinfo=UTC),
        then_at=datetime(2026, 9, 21, tzinfo=UTC),
        requests=2,
        begun_at=datetime(2026, 7, 2, tzinfo=UTC),
        waits=True,
    ),
}
