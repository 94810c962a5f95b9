"""Tests of POLECAT on a store: a network error, a broken file, and its health."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ewarn.domain.source import Health
from ewarn.pipeline.intake import health
from ewarn.pipeline.intake.ingest import ingest
from ewarn.pipeline.intake.intake import IngestReport
from ewarn.pipeline.service import Service
from ewarn.store.database.cuts import Cut
from ewarn.store.events.event_queries import EventFilter, current
from ewarn.store.intake import runs
from ingest.polecat.source import PolecatSource
from ingest.shared.web import Web
from tests.ingest.polecat.provider import publish, story, tab_of
from tests.provider import Provider, Reply

NOW = datetime(2018, 1, 10, tzinfo=UTC)
FILES = {
    "one.txt": ("2018-01-01", tab_of(story(1))),
    "two.txt": ("2018-01-08", tab_of(story(2, Country="BEN", Province="None"))),
    "three.txt": ("2018-01-08", tab_of(story(3, **{"Event Mode": "riot"}), story(4))),
}


def dataverse(provider: Provider) -> None:
    publish(provider, *((name, day, body) for name, (day, body) in FILES.items()))


@pytest.fixture
def live(service: Service, provider: Provider, web: Web) -> Service:
    dataverse(provider)
    source = PolecatSource(web, key="an invented key", url=provider.url)
    return replace(service, sources={"polecat": source}, reserved=frozenset({"polecat"}))


def read(live: Service, now: datetime) -> IngestReport:
    return ingest(live, live.sources["polecat"], now)


def stored(live: Service) -> list[tuple[str, str]]:
    with live.store.read() as connection:
        found = current(connection, Cut(), EventFilter(sources=("polecat",)))
    return sorted((event.country, event.kind.value) for event in found)


def judged(live: Service, now: datetime) -> Health:
    with live.store.read() as connection:
        return health.status(connection, "polecat", live.sources["polecat"], now).health


EVERYTHING = [("BEN", "protest"), ("TGO", "protest"), ("TGO", "riot")]


def test_an_error_between_two_files_of_a_day_loses_neither(
    live: Service, provider: Provider
) -> None:
    provider.answers["/api/access/datafile/2"] = [Reply(b"", 503)]
    failed = read(live, NOW)  # `three.txt` comes before `two.txt`
    assert failed.health is Health.LATE
    assert stored(live) == [("TGO", "protest"), ("TGO", "riot")]
    assert judged(live, NOW) is Health.LATE
    dataverse(provider)
    again = read(live, NOW + timedelta(hours=1))
    assert (again.health, again.appended.accepted, again.appended.unchanged) == (Health.OK, 1, 2)
    assert stored(live) == EVERYTHING
    assert read(live, NOW + timedelta(hours=2)).payloads == 0
    assert judged(live, NOW + timedelta(hours=2)) is Health.OK


def test_a_file_that_is_broken_stands_in_nobody_s_way_and_is_asked_for_again(
    live: Service, provider: Provider
) -> None:
    provider.answers["/api/access/datafile/1"] = [Reply(b"not the file")]
    report = read(live, NOW)
    assert report.appended.accepted == 3  # all rows are in the other files
    with live.store.read() as connection:
        assert [item.name for item in runs.missed(connection, "polecat", NOW)] == ["one.txt"]
    dataverse(provider)
    later = NOW + timedelta(hours=1)
    again = read(live, later)
    assert (again.payloads, again.appended.unchanged) == (1, 1)
    with live.store.read() as connection:
        assert runs.missed(connection, "polecat", later) == []


def test_without_a_key_it_is_disabled_and_asks_nobody(live: Service, provider: Provider) -> None:
    source = PolecatSource(url=provider.url)
    assert ingest(live, source, NOW).health is Health.DISABLED
    assert provider.asked == []
