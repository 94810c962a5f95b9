"""Tests of every source under faults of the network and of its provider.

No row is lost or doubled, and a source whose health is ok has everything.
"""

import functools
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest

from ewarn.domain.source import Health
from ewarn.pipeline.intake import health
from ewarn.pipeline.intake.ingest import ingest
from ewarn.pipeline.service import Service
from ewarn.places.gazetteer import load_gazetteer
from ewarn.rulebook.rules import Rulebook
from ewarn.store.database.cuts import Cut
from ewarn.store.database.engine import Store
from ewarn.store.database.schema import migrate
from ewarn.store.events.counts import counts, disagreements
from ewarn.store.events.event_queries import EventFilter, current
from ewarn.store.events.events import Appended
from ewarn.store.intake import runs
from ingest.registry import SOURCES
from ingest.shared.web import Web
from tests import faults
from tests.contracts.samples import brought, speaking_of
from tests.faults import Fault, FaultProxy, altered, answering, between
from tests.ingest.kobo.provider import CONDITIONS
from tests.provider import Provider, serving

PAGE = b"<!DOCTYPE html><html><body>We will be back soon</body></html>"
HOUR = timedelta(hours=1)
QUICK = httpx.Timeout(0.1)
TRUST = httpx.create_ssl_context()  # created once, because it reads a file of certificates

# Each fault with how often it occurs. Faults of the network occur three times, so that retries do
# not hide them. Answers that are not retried occur once, so that the reading after them works.
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


SPEAKING = {way: how for name in SOURCES for way, how in speaking_of(name).items()}
CASES = [
    (name, fault, position)
    for name, speaking in SPEAKING.items()
    for fault in FAULTS
    for position in sorted({0, speaking.requests // 2, speaking.requests - 1})
]
Held = tuple[object, object]
LATER = max(speaking.then_at for speaking in SPEAKING.values()) + timedelta(days=999)


@dataclass(frozen=True)
class Well:
    """A store after the first reading of a provider that works, and what it holds before and after
    the second.
    """

    store: Path
    before: Held
    complete: Held


@pytest.fixture
def provider() -> Iterator[Provider]:
    with serving(Provider()) as opened:
        yield opened


@pytest.fixture
def proxy(provider: Provider) -> Iterator[FaultProxy]:
    with between(provider.url) as opened:
        yield opened


@contextmanager
def asking(**quick: httpx.Timeout) -> Iterator[Web]:
    """A `Web` that never sleeps, and keeps no connection."""
    limits = httpx.Limits(max_keepalive_connections=0)
    with httpx.Client(trust_env=False, limits=limits, verify=TRUST) as client:
        yield Web(client, monotonic=lambda: 0.0, sleep=lambda _: None, **quick)


def held(service: Service) -> Held:
    """Everything that stands in a store, and its counts, which must agree."""
    with service.store.read() as connection:
        assert disagreements(connection, as_of=LATER, recorded_by=LATER) == {}
        found = current(connection, Cut(), EventFilter())
        table = counts(connection, Cut())
    events = sorted(
        (event.source_event_id, event.known_at, event.region, event.kind.value) for event in found
    )
    return events, table.to_dict("records")


@contextmanager
def opened(path: Path) -> Iterator[Service]:
    """A service on a store, which is made if it is not there."""
    is_new = not path.exists()
    store = Store(f"sqlite:///{path}")
    if is_new:
        migrate(store)
    yield Service(
        store=store,
        places=load_gazetteer(),
        sources={},
        models=lambda *_: (),
        rulebook=Rulebook((), {}, (), {}),
        notifiers={},
        base_url="",
        sealer=CONDITIONS.sealer,
    )
    store.dispose()


@pytest.fixture(scope="module")
def well(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Well]:
    """Says what a source is when nothing goes wrong."""

    @functools.cache
    def read(name: str) -> Well:
        first, second = (tmp_path_factory.mktemp("well") / "store.db" for _ in range(2))
        speaking = SPEAKING[name]
        with serving(Provider()) as provider, asking() as web:
            with opened(first) as service:
                source = speaking.make(web, provider.url)
                _begin(service, source.name, speaking.begun_at)
                speaking.serve_first(provider)
                assert ingest(service, source, speaking.first_at).health is Health.OK
                before = held(service)
            shutil.copy(first, second)
            provider.answers.clear()
            provider.requests.clear()
            speaking.serve_more(provider)
            with opened(second) as service:
                source = speaking.make(web, provider.url)
                assert ingest(service, source, speaking.then_at).health is Health.OK
                assert len(provider.requests) == speaking.requests
                complete = held(service)
        assert complete != before
        return Well(first, before, complete)

    return read


def _begin(service: Service, name: str, begun_at: datetime | None) -> None:
    """An earlier reading of a source, which found nothing."""
    if begun_at is not None:
        run = runs.Run(name, begun_at, Health.OK, "read", Appended(), 0, {}, None, begun_at)
        with service.store.write() as connection:
            runs.record_run(connection, runs.Reading(run))


@pytest.mark.parametrize("name", sorted(SOURCES))
def test_every_source_is_tried_or_says_why_it_asks_nobody(name: str) -> None:
    tried = {how.make(Web(httpx.Client()), "").name for how in speaking_of(name).values()}
    assert tried == (set() if hasattr(brought(name), "NOT_ASKED") else {name})


@pytest.mark.parametrize(("name", "fault", "position"), CASES)
def test_a_source_under_a_fault(
    provider: Provider,
    proxy: FaultProxy,
    well: Callable[[str], Well],
    tmp_path: Path,
    name: str,
    fault: str,
    position: int,
) -> None:
    speaking, expected = SPEAKING[name], well(name)
    path = tmp_path / "store.db"
    shutil.copy(expected.store, path)
    speaking.serve_more(provider)
    what, times = FAULTS[fault]
    proxy.faults.extend([faults.well] * position + [what] * times)
    with opened(path) as service:
        with asking(timeout=QUICK) as web:
            source = speaking.make(web, proxy.url)
            report = ingest(service, source, speaking.then_at)
        with service.store.read() as connection:
            said = health.status(connection, source.name, source, speaking.then_at)
        waits = fault == "404" and speaking.waits
        if report.health is Health.OK and not said.unread and not waits:
            assert held(service) == expected.complete, "it says that it is well"
        proxy.faults.clear()
        with asking() as web:  # later than the wait that a host asked for
            source = speaking.make(web, proxy.url)
            for hours in (1, 2):
                report = ingest(service, source, speaking.then_at + hours * HOUR)
        assert report.health is Health.OK
        assert held(service) == expected.complete
