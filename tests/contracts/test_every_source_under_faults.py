"""Whatever happens on the line or at the provider: nothing is lost, nothing is doubled, and a
source that says it is well has everything.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from ewarn.domain.source import Health
from ewarn.pipeline import health
from ewarn.pipeline.ingest import ingest
from ewarn.pipeline.service import Service
from ewarn.places.gazetteer import load_gazetteer
from ewarn.rulebook.rules import Rulebook
from ewarn.store.counts import counts, disagreements
from ewarn.store.cuts import Cut
from ewarn.store.engine import Store
from ewarn.store.event_queries import EventFilter, current
from ewarn.store.schema import migrate
from ingest.web import Web
from tests import faults
from tests.faults import Fault, FaultProxy, altered, answering, between
from tests.provider import Provider, serving
from tests.speaking import SPEAKING, Speaking

PAGE = b"<!DOCTYPE html><html><body>We will be back soon</body></html>"
HOUR = timedelta(hours=1)
QUICK = httpx.Timeout(0.15)

# Each fault with how often it comes: faults of the line three times, so that no retry gets over
# them; answers that are not tried again once, so that what comes after them goes on.
FAULTS: dict[str, tuple[Fault, int]] = {
    "down": (faults.down, 3),
    "reset": (faults.reset, 3),
    "truncated": (faults.truncated, 3),
    "silent": (faults.silent, 3),
    "slow close": (faults.slow_close, 3),
    "sliced": (faults.sliced, 1),
    "500 storm": (answering(500), 3),
    "429": (answering(429, b"", "Retry-After: 600"), 1),
    "401": (answering(401), 1),
    "404": (answering(404), 1),
    "page with 200": (answering(200, PAGE, "Content-Type: text/html"), 1),
    "nothing with 200": (answering(200), 1),
    "half a body": (altered(lambda body: body[: len(body) // 2]), 3),
    "flipped bytes": (altered(lambda body: body[:40] + bytes(b ^ 0x55 for b in body[40:])), 3),
    "NUL bytes": (altered(lambda body: body[:30] + b"\x00\x00" + body[32:]), 3),
    "Latin-1": (altered(lambda body: body[:30] + b"\xe9\xe8" + body[32:]), 3),
}


@pytest.fixture
def provider() -> Iterator[Provider]:
    with serving(Provider()) as opened:
        yield opened


@pytest.fixture
def proxy(provider: Provider) -> Iterator[FaultProxy]:
    with between(provider.url) as opened:
        yield opened


@pytest.fixture
def web() -> Iterator[Web]:
    limits = httpx.Limits(max_keepalive_connections=0)
    with httpx.Client(trust_env=False, limits=limits) as client:
        yield Web(client, timeout=QUICK, monotonic=lambda: 0.0, sleep=lambda _: None)


Held = tuple[object, object]
LATER = max(speaking.then_at for speaking in SPEAKING.values()) + timedelta(days=999)


def held(service: Service) -> Held:
    """Everything that stands in a store, and its counts, which must agree."""
    with service.store.read() as connection:
        assert disagreements(connection, as_of=LATER, recorded_by=LATER) == {}
        found = current(connection, Cut(), EventFilter())
        table = counts(connection, Cut())
    events = sorted((event.source_event_id, event.known_at, event.region) for event in found)
    return events, table.to_dict("records")


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    """The line under the fault."""
    with _service(tmp_path / "tried.db") as opened:
        yield opened


@contextmanager
def _service(path: Path) -> Iterator[Service]:
    store = Store(f"sqlite:///{path}")
    migrate(store)
    yield Service(
        store=store,
        places=load_gazetteer(),
        sources={},
        models=lambda _: (),
        rulebook=Rulebook((), {}, (), {}),
        notifiers={},
        base_url="",
    )
    store.dispose()


def _without_faults(speaking: Speaking, provider: Provider, web: Web, path: Path) -> Held:
    """What a store holds after the same readings of a provider that works."""
    with _service(path) as service:
        source = speaking.make(web, provider.url)
        speaking.serve_first(provider)
        assert ingest(service, source, speaking.first_at).health is Health.OK
        first = held(service)
        speaking.serve_more(provider)
        assert ingest(service, source, speaking.then_at).health is Health.OK
        assert held(service) != first
        return held(service)


@pytest.mark.parametrize("position", range(4))
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("name", SPEAKING)
def test_a_source_under_a_fault(
    service: Service,
    provider: Provider,
    proxy: FaultProxy,
    web: Web,
    tmp_path: Path,
    name: str,
    fault: str,
    position: int,
) -> None:
    speaking = SPEAKING[name]
    complete = _without_faults(speaking, provider, web, tmp_path / "well.db")
    provider.answers.clear()
    source = speaking.make(web, proxy.url)
    speaking.serve_first(provider)
    assert ingest(service, source, speaking.first_at).health is Health.OK
    speaking.serve_more(provider)
    what, times = FAULTS[fault]
    proxy.faults.extend([faults.well] * position + [what] * times)
    report = ingest(service, source, speaking.then_at)
    with service.store.read() as connection:
        said = health.status(connection, source.name, source, speaking.then_at)
    if report.health is Health.OK and not said.unread:
        assert held(service) == complete, "it says that it is well"
    proxy.faults.clear()
    again = speaking.make(Web(web._client), proxy.url)  # the wait that a host asked for is over
    for hours in range(1, 4):
        report = ingest(service, again, speaking.then_at + hours * HOUR)
    assert report.health is Health.OK
    assert held(service) == complete
