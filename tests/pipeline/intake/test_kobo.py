"""Tests of field reports through the pipeline, against a server with invented reports.

The contents of a report must not leave it: texts are planted in each field and found nowhere.
"""

import json
import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from ewarn.domain.source import Health
from ewarn.errors import SealBroken, UsageError
from ewarn.pipeline.intake import health
from ewarn.pipeline.intake.ingest import accept, ingest
from ewarn.pipeline.intake.intake import IngestReport
from ewarn.pipeline.service import Service
from ewarn.protect.sealing import AesSealer
from ewarn.run.schedule import jobs_of
from ewarn.store.database.cuts import Cut
from ewarn.store.database.engine import Store
from ewarn.store.events.counts import disagreements
from ewarn.store.events.event_queries import EventFilter, current
from ewarn.store.intake import newest_runs, payloads, runs
from ewarn.store.tables.base import metadata
from ewarn.store.tables.intake import raw_payload
from ingest.kobo.form import FIELDS
from ingest.kobo.source import KoboSource
from ingest.shared.web import Web
from tests.ingest.kobo.provider import CONDITIONS, KoboServer, source_at, status, submission
from tests.provider import Provider, Reply

NOW = datetime(2024, 2, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def server(provider: Provider) -> KoboServer:
    made = KoboServer()
    provider.otherwise = made
    return made


@pytest.fixture
def kobo(provider: Provider, web: Web, server: KoboServer) -> KoboSource:
    return source_at(provider, web)


@pytest.fixture
def protected(service: Service, kobo: KoboSource) -> Service:
    return replace(service, sources={"kobo": kobo}, sealer=CONDITIONS.sealer)


def look(service: Service, number: int = 0) -> IngestReport:
    return ingest(service, service.sources["kobo"], NOW + number * HOUR)


def living(service: Service) -> dict[str, str]:
    with service.store.read() as connection:
        found = current(connection, Cut(), EventFilter(sources=("kobo",)))
    return {event.source_event_id: event.kind.value for event in found}


def proven(service: Service) -> None:
    """Check that the ledger agrees with a recount of all versions."""
    late = NOW + timedelta(days=365)
    with service.store.read() as connection:
        assert disagreements(connection, as_of=late, recorded_by=late) == {}


def test_a_form_that_stays_changes_nothing_and_is_kept_once(
    protected: Service, server: KoboServer
) -> None:
    server.submissions = [submission(1), submission(2)]
    assert look(protected).appended.accepted == 2
    again = look(protected, 1)
    assert (again.appended.unchanged, again.appended.versions) == (2, 0)
    with protected.store.read() as connection:
        assert len(connection.execute(select(raw_payload.c.id)).all()) == 1
    proven(protected)


def test_edits_are_versions_and_deletions_withdraw(protected: Service, server: KoboServer) -> None:
    server.submissions = [submission(1), submission(2), submission(3)]
    look(protected)
    server.submissions = [submission(1, kind="force"), submission(3)]
    report = look(protected, 1)
    assert (report.appended.versions, report.appended.tombstones) == (1, 1)
    assert living(protected) == {"1": "force", "3": "arrest"}
    with protected.store.read() as connection:
        before = current(connection, Cut(recorded_by=NOW), EventFilter(sources=("kobo",)))
    assert {event.source_event_id for event in before} == {"1", "2", "3"}
    proven(protected)


def test_a_report_enters_when_it_is_approved_leaves_when_it_is_not_and_may_come_again(
    protected: Service, server: KoboServer
) -> None:
    server.submissions = [submission(1, _validation_status={}), submission(2)]
    assert dict(look(protected).skipped) == {"not verified yet": 1}
    assert set(living(protected)) == {"2"}
    server.submissions[0] = submission(
        1, _validation_status=status("approved", NOW + HOUR / 2), _submission_time="2024-02-01"
    )
    look(protected, 1)
    assert set(living(protected)) == {"1", "2"}
    server.submissions[0] = submission(1, _validation_status=status("not_approved", NOW + HOUR))
    look(protected, 2)
    assert set(living(protected)) == {"2"}
    server.submissions[0] = submission(1, _validation_status=status("approved", NOW + 2.5 * HOUR))
    look(protected, 3)
    assert set(living(protected)) == {"1", "2"}
    proven(protected)


def test_a_report_that_can_no_longer_be_read_is_not_taken_for_deleted_and_hides_no_deletion(
    protected: Service, server: KoboServer
) -> None:
    server.submissions = [submission(1), submission(2)]
    look(protected)
    server.submissions = [submission(1, kind="")]
    report = look(protected, 1)
    assert (len(report.rejected), report.appended.tombstones) == (1, 1)
    assert living(protected) == {"1": "arrest"}


def test_a_server_that_fails_midway_loses_nothing_and_says_so(
    protected: Service, server: KoboServer, provider: Provider
) -> None:
    server.submissions = [submission(number) for number in range(1, 5)]
    server.most = 2
    look(protected)
    provider.otherwise = lambda request: (
        server(request) if '"$gt": 0' in request.query["query"] else Reply(b"", 500)
    )
    report = look(protected, 1)
    assert report.health is Health.LATE
    assert set(living(protected)) == {"1", "2", "3", "4"}
    provider.otherwise = server
    assert look(protected, 2).health is Health.OK


def emptied(protected: Service, server: KoboServer) -> None:
    """Let a form hold reports at five readings, and nothing after."""
    for number in range(5):
        server.submissions = [submission(n) for n in range(1, number + 2)]
        look(protected, number)
    server.submissions = []
    assert look(protected, 5).health is Health.SUSPECT
    assert len(living(protected)) == 5


def test_a_form_that_is_suddenly_empty_waits_for_a_look_and_is_opened_with_the_key(
    protected: Service, server: KoboServer, kobo: KoboSource
) -> None:
    emptied(protected, server)
    report = accept(protected, kobo, NOW + 6 * HOUR, "operator")
    assert (report.health, report.appended.tombstones) == (Health.OK, 5)
    assert living(protected) == {}
    proven(protected)


def test_without_its_key_what_waits_is_not_opened(
    protected: Service, server: KoboServer, kobo: KoboSource
) -> None:
    emptied(protected, server)
    for sealer in (None, AesSealer(b"x" * 32)):
        with pytest.raises(SealBroken, match="set the key it was sealed with"):
            accept(replace(protected, sealer=sealer), kobo, NOW + 6 * HOUR, "operator")
    assert len(living(protected)) == 5


def test_nothing_is_stored_where_there_is_no_key_to_seal_with(
    protected: Service, server: KoboServer
) -> None:
    server.submissions = [submission(1)]
    with pytest.raises(SealBroken, match="EWARN_PROTECTION_KEY"):
        look(replace(protected, sealer=None))
    with protected.store.read() as connection:
        assert connection.execute(select(raw_payload.c.id)).first() is None
        assert newest_runs.latest_runs(connection, NOW) == {}


def test_until_everything_is_set_it_is_disabled_and_asks_nobody(
    protected: Service, provider: Provider, web: Web
) -> None:
    source = source_at(provider, web, protection=replace(CONDITIONS, controller=""))
    report = look(replace(protected, sources={"kobo": source}))
    assert report.health is Health.DISABLED
    assert report.reason.endswith("EWARN_DATA_CONTROLLER")
    assert provider.requests == []


def test_raw_reports_go_when_their_days_are_over(protected: Service, server: KoboServer) -> None:
    server.submissions = [submission(1)]
    look(protected)

    def forget(now: datetime) -> None:
        jobs_of(protected)["forget"].run(protected, now, now)

    forget(NOW + timedelta(days=30))
    with protected.store.read() as connection:
        assert payloads.read(connection, 1, sealer=protected.sealer) is not None
    forget(NOW + timedelta(days=30, seconds=1))
    with protected.store.read() as connection:
        assert payloads.read(connection, 1, sealer=protected.sealer) is None
    assert set(living(protected)) == {"1"}
    with pytest.raises(UsageError):
        accept(protected, protected.sources["kobo"], NOW + timedelta(days=31), "operator")


def test_its_silence_is_no_news(protected: Service, server: KoboServer) -> None:
    server.submissions = [submission(1)]
    look(protected)
    with protected.store.read() as connection:
        later = health.status(
            connection, "kobo", protected.sources["kobo"], NOW + timedelta(days=400)
        )
        assert (later.health, later.cadence) == (Health.OK, None)
        assert runs.coverage(connection, Cut()) == ()


# Invented: a name, a telephone number, a position and a sentence, with the parts to search for.
PLANTED = {
    "Zyxwina Quorblatt": ("Zyxwina", "Quorblatt"),
    "+228 90 11 22 33": ("90 11 22", "+228"),
    "90112233": ("90112233",),
    "6.1319 1.2228 12.5 4": ("6.1319", "1.2228"),
    "6.1319": ("6.1319",),
    "they came at night to the quorblatt house": ("came at night", "quorblatt"),
}
NAME = "Zyxwina Quorblatt"
METADATA = ("_uuid", "_submitted_by", "_geolocation", "_attachments", "_notes", "meta/instanceID")
TIMES = ("_submission_time", "_validation_status")


def planted_form(draw_field: str, value: str, many: bool) -> dict[str, Any]:
    """Return a report with a planted value in one field, or in all but those of the approval."""
    fields = (*FIELDS, *METADATA, "story", "group/story") if many else (draw_field,)
    made = submission(2) | dict.fromkeys(fields, value)
    if "_validation_status" in fields:
        made["_validation_status"] = status("approved") | {"by_whom": value, "timestamp": value}
    return made


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # its stores are copies of one
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    field=st.sampled_from((*FIELDS, *METADATA, *TIMES, "story")),
    value=st.sampled_from(sorted(PLANTED)),
    many=st.booleans(),
    obeys_fields=st.booleans(),
)
def test_what_a_report_says_is_found_in_nothing_that_is_stored_or_said(
    sqlite_template: Path,
    tmp_path_factory: pytest.TempPathFactory,
    service: Service,
    provider: Provider,
    web: Web,
    caplog: pytest.LogCaptureFixture,
    field: str,
    value: str,
    many: bool,
    obeys_fields: bool,
) -> None:
    path = tmp_path_factory.mktemp("planted") / "planted.db"
    path.write_bytes(sqlite_template.read_bytes())
    store = Store(f"sqlite:///{path}")
    provider.otherwise = KoboServer(
        [submission(1), planted_form(field, value, many)], obeys_fields=obeys_fields
    )
    source = source_at(provider, web)
    protected = replace(service, store=store, sources={"kobo": source}, sealer=CONDITIONS.sealer)
    caplog.clear()
    with caplog.at_level(logging.DEBUG), structlog.testing.capture_logs() as logs:
        for now in (NOW, NOW + HOUR):
            jobs_of(protected)["ingest:kobo"].run(protected, now, now)
    with store.read() as connection:
        told = health.status(connection, "kobo", source, NOW + HOUR)
        rows = [
            repr(tuple(row))
            for table in metadata.sorted_tables
            for row in connection.execute(select(table))
        ]
    store.dispose()
    assert "1" in {item for row in rows for item in row.split("'")}  # the valid report was stored
    said = "\n".join([*rows, repr(logs), caplog.text, repr(told)])
    on_disk = b"".join(file.read_bytes() for file in path.parent.iterdir())
    for part in PLANTED[value]:
        assert part not in said
        assert part.encode() not in on_disk


def test_what_is_kept_sealed_is_only_what_an_event_needs(
    protected: Service, server: KoboServer
) -> None:
    server.submissions = [submission(1, story=NAME, admin1=NAME)]
    look(protected)
    with protected.store.read() as connection:
        kept = payloads.read(connection, 1, sealer=protected.sealer)
    assert kept is not None
    assert json.loads(kept.body)["results"][0]["admin1"] == NAME
    assert b"story" not in kept.body
