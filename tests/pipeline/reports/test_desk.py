"""Tests of the desk of field reports before any report came."""

from dataclasses import replace

from ewarn.domain.source import Health
from ewarn.pipeline.intake import health
from ewarn.pipeline.service import Service
from ewarn.run.schedule import jobs_of
from ewarn.store.database.cuts import Cut
from ewarn.store.intake import runs
from ingest.reports.source import ReportsSource
from tests.ingest.kobo.provider import CONDITIONS
from tests.scores import moment


def test_a_desk_without_reports_is_well_and_has_observed_nothing(service: Service) -> None:
    source = ReportsSource(office="geneva", protection=CONDITIONS)
    desk = replace(service, sources={"reports": source}, sealer=CONDITIONS.sealer)
    jobs_of(desk)["ingest:reports"].run(desk, moment(0), moment(0))
    with desk.store.read() as connection:
        found = health.status(connection, "reports", source, moment(60))
        assert (found.health, found.cadence) == (Health.OK, None)
        assert runs.coverage(connection, Cut()) == ()
