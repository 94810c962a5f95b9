"""Tests of vintages of UCDP on a store: merged, corrected, deleted, and none lost by a failure."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from ewarn.domain.event import Event
from ewarn.domain.source import Health
from ewarn.pipeline.intake import health
from ewarn.pipeline.intake.ingest import ingest
from ewarn.pipeline.intake.intake import IngestReport
from ewarn.pipeline.service import Service
from ewarn.store.database.cuts import Cut
from ewarn.store.events.event_queries import EventFilter, current
from ewarn.store.intake import runs
from ingest.shared.web import Web
from ingest.ucdp.source import UcdpSource
from tests.ingest.ucdp.provider import ged, page_of
from tests.provider import Provider, Reply, Request

TOKEN = "an invented token"


def moment(month: int, day: int) -> datetime:
    return datetime(2026, month, day, tzinfo=UTC)


class Uppsala:
    """Server of UCDP's API, with the vintages that a test publishes."""

    def __init__(self, provider: Provider) -> None:
        self.versions: dict[str, list[dict[str, Any]]] = {}
        self.failing: tuple[str, str] | None = None
        provider.otherwise = self.answer

    def answer(self, request: Request) -> Reply:
        version, page = request.path.rsplit("/", 1)[1], request.query["page"]
        if (version, page) == self.failing:
            return Reply(b"", 503)
        return Reply(page_of(self.versions.get(version, []), int(page), 2))


@pytest.fixture
def uppsala(provider: Provider) -> Uppsala:
    return Uppsala(provider)


@pytest.fixture
def source(provider: Provider, web: Web) -> UcdpSource:
    return UcdpSource(web, token=TOKEN, url=provider.url)


@pytest.fixture
def live(service: Service, source: UcdpSource) -> Service:
    return replace(service, sources={"ucdp": source}, reserved=frozenset({"ucdp"}))


def read(live: Service, now: datetime) -> IngestReport:
    return ingest(live, live.sources["ucdp"], now)


def events(live: Service, cut: Cut | None = None) -> dict[str, Event]:
    with live.store.read() as connection:
        found = current(connection, cut or Cut(), EventFilter(sources=("ucdp",)))
    return {event.source_event_id: event for event in found}


def judged(live: Service, now: datetime) -> Health:
    with live.store.read() as connection:
        return health.status(connection, "ucdp", live.sources["ucdp"], now).health


def test_a_release_is_merged_over_what_was_known_and_past_days_stay_as_they_were(
    live: Service, uppsala: Uppsala
) -> None:
    uppsala.versions["25.1"] = [ged(1, "2024-06-01"), ged(2, "2024-06-02")]
    for month in range(1, 13):
        uppsala.versions[f"25.0.{month}"] = [
            ged(100 * month + n, f"2025-{month:02}-10", best=3) for n in range(3)
        ]
    uppsala.versions["26.0.1"] = [ged(9001, "2026-01-05")]
    assert read(live, moment(2, 20)).health is Health.OK
    assert len(events(live)) == 2 + 36 + 1
    corrected = [
        ged(100 * month + n, f"2025-{month:02}-10", best=3 if month > 1 else 4, high=9)
        for month in range(1, 13)
        for n in range(3 if month > 1 else 2)
    ]
    for month in range(2, 6):
        uppsala.versions[f"26.0.{month}"] = [ged(9000 + month, f"2026-{month:02}-05")]
    uppsala.versions["26.1"] = [ged(1, "2024-06-01"), ged(2, "2024-06-02"), *corrected]
    report = read(live, moment(7, 2))
    assert (report.health, report.appended.tombstones) == (Health.OK, 1)
    now_known = events(live)
    assert "102" not in now_known
    assert now_known["9001"].occurred_on == date(2026, 1, 5)  # a candidate, not replaced
    assert now_known["100"].fatalities_high == 9
    before = events(live, Cut(as_of=moment(6, 30)))
    assert before["102"].fatalities_high == 5
    assert before["100"].fatalities_high == 5
    assert judged(live, moment(7, 2)) is Health.OK


def test_an_error_on_the_way_loses_nothing_and_doubles_nothing(
    live: Service, uppsala: Uppsala, provider: Provider
) -> None:
    uppsala.versions["26.0.6"] = [ged(60 + n, f"2026-06-{n + 1:02}") for n in range(3)]
    uppsala.versions["26.0.7"] = [ged(70 + n, f"2026-07-{n + 1:02}") for n in range(5)]
    uppsala.versions["26.0.8"] = [ged(80, "2026-08-01")]
    started(live, uppsala)
    uppsala.failing = ("26.0.7", "2")
    failed = read(live, moment(9, 21))
    assert failed.health is Health.LATE
    assert "did not answer" in failed.reason
    assert judged(live, moment(9, 21)) is Health.LATE
    assert sorted(events(live)) == ["1", "60", "61", "62"]
    uppsala.failing = None
    asked_before = len(provider.requests)
    again = read(live, moment(9, 22))
    assert (again.health, again.appended.accepted) == (Health.OK, 6)
    assert (again.appended.versions, again.appended.unchanged) == (0, 0)
    assert len(provider.requests) - asked_before == 3 + 1  # no release twice
    assert len(events(live)) == 10
    assert judged(live, moment(9, 22)) is Health.OK
    assert read(live, moment(9, 23)).payloads == 0


def started(live: Service, uppsala: Uppsala) -> None:
    """Read up to the yearly release of 2026."""
    for month in range(1, 6):
        uppsala.versions[f"26.0.{month}"] = [ged(1, "2025-12-31")]
    uppsala.versions["26.1"] = [ged(1, "2025-12-31")]
    june = uppsala.versions.pop("26.0.6", [])
    assert read(live, moment(8, 16)).health is Health.OK
    uppsala.versions["26.0.6"] = june


def test_an_event_that_the_next_month_s_release_drops_is_not_deleted_by_it(
    live: Service, uppsala: Uppsala
) -> None:
    started(live, uppsala)
    uppsala.versions["26.0.6"] = [ged(60, "2026-06-30", end="2026-07-02")]
    uppsala.versions["26.0.7"] = [ged(70, "2026-07-03")]
    read(live, moment(8, 21))
    assert {"60", "70"} <= set(events(live))


def test_other_fields_than_before_are_noticed(live: Service, uppsala: Uppsala) -> None:
    started(live, uppsala)
    uppsala.versions["26.0.6"] = [ged(60, "2026-06-30") | {"new_field": 1}]
    report = read(live, moment(8, 17))
    assert report.health is Health.CHANGED
    assert "has the new fields new_field" in report.reason
    assert "60" in events(live)


def test_weeks_are_observed_up_to_the_newest_release(live: Service, uppsala: Uppsala) -> None:
    started(live, uppsala)
    with live.store.read() as connection:
        covered = runs.coverage(connection, Cut(), sources=["ucdp"])
    assert max(item.last_week for item in covered) == date(2026, 5, 25)
    weeks = {
        item.first_week.toordinal() + 7 * n
        for item in covered
        for n in range((item.last_week - item.first_week).days // 7 + 1)
    }
    first, last = date(2015, 1, 5).toordinal(), date(2026, 5, 25).toordinal()
    assert weeks == set(range(first, last + 1, 7))
