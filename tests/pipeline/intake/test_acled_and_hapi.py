"""Tests of ACLED and HAPI through the pipeline: no row lost or doubled, deletions, health, terms.

All rows are invented.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ewarn.domain.source import Health, Terms
from ewarn.pipeline.intake import health
from ewarn.pipeline.intake.ingest import ingest
from ewarn.pipeline.scoring.score import score
from ewarn.pipeline.service import Service
from ewarn.store.database.cuts import Cut
from ewarn.store.events import counts
from ewarn.store.events.event_queries import EventFilter, current
from ewarn.store.events.events import timelines
from ewarn.store.intake import runs
from ewarn.store.scores import scores
from ingest.acled import pages as acled_pages
from ingest.acled.source import AcledSource
from ingest.hapi.source import HapiSource
from ingest.shared.web import Web
from tests.ingest.acled.provider import PASSWORD, USERNAME, InventedAcled, invented, stamp
from tests.ingest.hapi.provider import InventedHapi, count
from tests.pipeline.invented import InventedSource
from tests.pipeline.test_verbs import lethal, put
from tests.provider import Provider, Reply, Request
from tests.scores import moment

NOW = datetime(2025, 11, 20, 6, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def acled(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> InventedAcled:
    monkeypatch.setattr(acled_pages, "LIMIT", 2)
    return InventedAcled(provider, [invented(number) for number in range(7)])


@pytest.fixture
def acled_source(acled: InventedAcled, web: Web) -> AcledSource:
    return AcledSource(web, url=acled.provider.url, username=USERNAME, password=PASSWORD)


def stored(service: Service, at: datetime = NOW) -> dict[str, Any]:
    with service.store.read() as connection:
        return {
            event.source_event_id: event for event in current(connection, Cut.at(at), EventFilter())
        }


def counted(service: Service) -> int:
    with service.store.read() as connection:
        return int(counts.counts(connection, Cut())["delta"].sum())


def test_a_reading_that_breaks_off_loses_and_doubles_nothing(
    service: Service, acled: InventedAcled, acled_source: AcledSource
) -> None:
    pages = 0

    def breaks(request: Request) -> Reply | None:
        nonlocal pages
        pages += "acled/read" in request.path
        return Reply(b"", 503) if pages >= 3 and "acled/read" in request.path else None

    acled.meddle = breaks
    report = ingest(service, acled_source, NOW)
    assert (report.health, report.appended.accepted) == (Health.LATE, 2)
    acled.meddle = lambda _: None
    report = ingest(service, acled_source, NOW + DAY)
    assert (report.health, report.appended.accepted, report.appended.unchanged) == (
        Health.OK,
        5,
        2,
    )
    assert set(stored(service, NOW + DAY)) == {f"TGO{number}" for number in range(7)}
    assert counted(service) == 7
    again = ingest(service, acled_source, NOW + 2 * DAY)
    assert (again.appended.accepted, again.appended.versions) == (0, 0)
    assert counted(service) == 7
    with service.store.read() as connection:
        assert runs.missed(connection, "acled", NOW + 2 * DAY) == []


def test_revisions_are_versions_and_deletions_are_tombstones(
    service: Service, acled: InventedAcled, acled_source: AcledSource
) -> None:
    ingest(service, acled_source, NOW)
    later = NOW + 7 * DAY
    changed = {"fatalities": "4", "timestamp": stamp("2025-11-25")}
    acled.events[0] |= changed
    del acled.events[1]
    acled.deletions = [{"event_id_cnty": "TGO1", "deleted_timestamp": stamp("2025-11-25")}]
    report = ingest(service, acled_source, later)
    assert (report.health, report.appended.versions, report.appended.tombstones) == (
        Health.OK,
        1,
        1,
    )
    found = stored(service, later)
    assert "TGO1" not in found
    assert (found["TGO0"].fatalities_low, found["TGO0"].version) == (4, 2)
    assert "TGO1" in stored(service, NOW), "as it was known then"
    assert counted(service) == 6


def test_a_day_without_news_is_no_news_and_a_fortnight_is_late(
    service: Service, acled: InventedAcled, acled_source: AcledSource
) -> None:
    ingest(service, acled_source, NOW)
    expected = {1: Health.OK, 13: Health.LATE, 30: Health.SILENT}
    for days, state in expected.items():
        report = ingest(service, acled_source, NOW + days * DAY)
        assert report.health is Health.OK
        with service.store.read() as connection:
            status = health.status(connection, "acled", acled_source, NOW + days * DAY)
        assert status.health is state
    acled.events.clear()
    assert ingest(service, acled_source, NOW + 31 * DAY).payloads == 0


def test_health_tells_of_embargoes_and_refused_accounts(
    service: Service, acled: InventedAcled, acled_source: AcledSource
) -> None:
    acled.restrictions = {"date_recency": {"date": "2024-11-20"}}
    assert ingest(service, acled_source, NOW).health is Health.EMBARGOED
    assert len(stored(service)) == 7, "what may be read is kept"
    acled.good.clear()
    acled.takes_refresh = acled.takes_password = False
    assert ingest(service, acled_source, NOW + DAY).health is Health.DENIED
    with service.store.read() as connection:
        status = health.status(connection, "acled", acled_source, NOW + DAY)
    assert status.health is Health.DENIED
    assert PASSWORD not in status.reason
    assert ingest(service, AcledSource(), NOW).health is Health.DISABLED


def test_fields_that_change_are_told(
    service: Service, acled: InventedAcled, acled_source: AcledSource
) -> None:
    ingest(service, acled_source, NOW)
    renamed = invented(9, timestamp=stamp("2025-11-20"))
    renamed["deaths"] = renamed.pop("fatalities")
    acled.events = [renamed]
    report = ingest(service, acled_source, NOW + DAY)
    assert report.health is Health.CHANGED
    assert "lacks fatalities and has the new fields deaths" in report.reason


def test_deletions_are_no_change_of_fields(
    service: Service, acled: InventedAcled, acled_source: AcledSource
) -> None:
    first = ingest(service, acled_source, NOW)
    acled.deletions = [{"event_id_cnty": "TGO1", "deleted_timestamp": stamp("2025-11-20")}]
    second = ingest(service, acled_source, NOW + DAY)
    with service.store.read() as connection:
        well = runs.payload_runs(connection, "acled", 100)
    assert len(well) == first.payloads + second.payloads


# --- HAPI ------------------------------------------------------------------------------------


def months(hapi: InventedHapi, *numbers: tuple[str, int]) -> None:
    hapi.counts = [
        count(datetime.fromisoformat(f"{month}-01").date(), events=number)
        for month, number in numbers
    ]


def test_counts_are_revised_and_events_that_were_counted_out_are_deleted(
    service: Service, provider: Provider, web: Web
) -> None:
    hapi = InventedHapi(provider)
    source = HapiSource(web, url=provider.url, email="office@example.org")
    first = [(f"{year}-{month:02d}", 5) for year in (2023, 2024, 2025) for month in range(1, 13)]
    months(hapi, *first)
    assert ingest(service, source, NOW).appended.accepted == 24 * 5
    assert ingest(service, source, NOW + 7 * DAY).payloads == 0, "no new month, no new reading"
    later = NOW + 31 * DAY
    hapi.counted_at, hapi.taken_in_at = "2025-12-12T00:00:00", "2025-12-13T00:00:00"
    months(hapi, ("2025-09", 5), ("2025-10", 3), ("2025-11", 4))
    report = ingest(service, source, later)
    assert report.health is Health.OK
    assert (report.appended.accepted, report.appended.tombstones) == (4, 2)
    assert counted(service) == 24 * 5 + 4 - 2
    assert len(stored(service, later)) == 24 * 5 + 4 - 2
    assert len(stored(service, NOW)) == 24 * 5
    with service.store.read() as connection:
        most = max(len(line.versions) for line in timelines(connection, later))
    assert most == 2, "a count that stands is said again with each new month, not each week"


# --- terms -----------------------------------------------------------------------------------

CLOSED = Terms("nobody", "closed", redistribute=False, train=False, url="")


@pytest.mark.parametrize(
    ("terms", "is_scored"),
    [
        (CLOSED, False),  # ACLED, HAPI, POLECAT
        (replace(CLOSED, redistribute=True), True),  # an illustration
        (replace(CLOSED, train=True), True),  # an office's own reports
        (replace(CLOSED, train=True, redistribute=True), True),
    ],
)
def test_what_terms_keep_to_an_account_is_never_scored(
    service: Service, source: InventedSource, terms: Terms, is_scored: bool
) -> None:
    source.terms = terms
    put(source, "one", *(lethal(number) for number in range(3)))
    ingest(service, source, moment(0))
    report = score(service, "invented", moment(0))
    assert (report.run is not None) is is_scored
    with service.store.read() as connection:
        assert bool(scores.latest_runs(connection, Cut())) is is_scored
    if not is_scored:
        assert report.reason == "its terms allow no score that others see, and none is made"
        off = replace(service, sources={}, terms={"invented": terms})
        assert score(off, "invented", moment(0)).run is None, "nor once it is switched off"


def test_acled_and_hapi_are_of_that_kind() -> None:
    assert AcledSource.terms.stays_in_account
    assert HapiSource.terms.stays_in_account
