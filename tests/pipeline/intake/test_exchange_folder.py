"""Tests of the folder of exchange files: no row lost or doubled, and its health is right."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ewarn.domain.source import Health, SourceStatus
from ewarn.pipeline.intake import health
from ewarn.pipeline.intake.ingest import ingest
from ewarn.pipeline.intake.intake import IngestReport
from ewarn.pipeline.service import Service
from ewarn.store.database.cuts import Cut
from ewarn.store.events import events
from ewarn.store.events.event_queries import EventFilter, current
from ewarn.store.intake import runs
from ingest.exchange.source import ExchangeFolder

# Times of files come from the real clock, so the readings of the tests must be later.
LATER = datetime(2100, 1, 1, tzinfo=UTC)
HEADER = "source,source_event_id,kind,occurred_on,country,known_on\n"
ONE = HEADER + "office,1,force,2017-10-18,TGO,2017-10-19\n"


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    made = tmp_path / "inbox"
    made.mkdir()
    return made


def look(service: Service, inbox: Path | None, number: int = 0) -> IngestReport:
    return ingest(service, ExchangeFolder(folder=inbox), LATER + number * timedelta(hours=1))


def status(
    service: Service, inbox: Path | None, name: str = "exchange", number: int = 0
) -> SourceStatus:
    polled = ExchangeFolder(folder=inbox) if name == "exchange" else None
    with service.store.read() as connection:
        return health.status(connection, name, polled, LATER + number * timedelta(hours=1))


def ids(service: Service) -> set[str]:
    with service.store.read() as connection:
        return {e.source_event_id for e in current(connection, Cut(), EventFilter())}


def rewrite(path: Path, text: str) -> None:
    """Write a file until the clock of the file system has advanced."""
    before = path.stat().st_ctime_ns if path.exists() else 0
    while not path.exists() or path.stat().st_ctime_ns == before:
        path.write_text(text, encoding="utf-8")


def test_without_a_folder_it_is_disabled_and_says_what_to_set(service: Service) -> None:
    report = look(service, None)
    assert report.health is Health.DISABLED
    assert "EWARN_EXCHANGE_FOLDER" in report.reason
    assert status(service, None).health is Health.DISABLED


def test_a_file_is_read_once_and_an_edited_one_adds_versions(service: Service, inbox: Path) -> None:
    rewrite(inbox / "one.csv", ONE)
    first = look(service, inbox)
    assert (first.health, first.payloads, first.appended.accepted) == (Health.OK, 1, 1)
    assert look(service, inbox, 1).payloads == 0
    rewrite(inbox / "one.csv", ONE)  # the same bytes, written again
    again = look(service, inbox, 2)
    assert (again.payloads, again.appended.unchanged, again.appended.versions) == (1, 1, 0)
    rewrite(inbox / "one.csv", ONE.replace("force", "arrest").replace("10-19", "10-20"))
    edited = look(service, inbox, 3)
    assert (edited.appended.accepted, edited.appended.versions) == (0, 1)
    with service.store.read() as connection:
        counted = events.timelines(connection, LATER + timedelta(days=1))
        assert [len(timeline.versions) for timeline in counted] == [2]


def test_the_sources_in_a_file_are_archives_and_the_silence_of_the_folder_is_no_news(
    service: Service, inbox: Path
) -> None:
    rewrite(inbox / "two.csv", ONE + "partner,1,arrest,2017-10-20,BEN,2017-10-21\n")
    look(service, inbox)
    with service.store.read() as connection:
        covered = {item.source for item in runs.coverage(connection, Cut())}
    assert covered == {"office", "partner"}
    archive = status(service, inbox, "office")
    assert archive.health is Health.SILENT
    assert archive.reason == "an imported file whose weeks have passed"
    years_later = status(service, inbox, number=100_000)
    assert (years_later.health, years_later.reason) == (Health.OK, "read")
    assert years_later.cadence is None


def test_a_folder_that_nobody_fills_is_well(service: Service, inbox: Path) -> None:
    assert status(service, inbox).health is Health.SILENT
    look(service, inbox)
    assert (status(service, inbox).health, status(service, inbox).reason) == (
        Health.OK,
        "answers, nothing there yet",
    )


def test_a_broken_file_does_not_stand_in_the_way_and_comes_again_once_it_is_mended(
    service: Service, inbox: Path
) -> None:
    rewrite(inbox / "broken.csv", "not,this,format\n1,2,3\n")
    rewrite(inbox / "good.csv", ONE)
    while (inbox / "good.csv").stat().st_ctime_ns <= (inbox / "broken.csv").stat().st_ctime_ns:
        rewrite(inbox / "good.csv", ONE)
    look(service, inbox)
    assert ids(service) == {"1"}
    assert status(service, inbox).unread == 1
    rewrite(inbox / "broken.csv", ONE.replace("office,1", "office,2"))
    look(service, inbox, 1)
    assert ids(service) == {"1", "2"}
    assert status(service, inbox, number=1).unread == 0
    assert look(service, inbox, 2).payloads == 0


def test_a_folder_that_cannot_be_listed_makes_the_source_broken(
    service: Service, inbox: Path
) -> None:
    inbox.rmdir()
    report = look(service, inbox)
    assert report.health is Health.BROKEN
    assert "create it" in report.reason
    inbox.mkdir()
    assert look(service, inbox, 1).health is Health.OK
    assert status(service, inbox, number=1).health is Health.OK


def test_a_source_of_the_service_gets_no_coverage_from_a_file(
    service: Service, inbox: Path
) -> None:
    rewrite(inbox / "other.csv", ONE.replace("office", "gdelt"))
    look(replace(service, reserved=frozenset({"gdelt"})), inbox)
    with service.store.read() as connection:
        assert runs.coverage(connection, Cut()) == ()
