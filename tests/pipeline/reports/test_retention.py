"""Tests that reports are erased by the worker when their retention is over."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ewarn.domain.kinds import EventKind
from ewarn.domain.reports.field_report import ReportFacts, ReportState, ReportWords
from ewarn.pipeline.reports.submit import state_of_receipt, submit
from ewarn.pipeline.service import Service
from ewarn.run.schedule import jobs_of
from ewarn.store.access import audit
from ingest.reports.source import ReportsSource
from tests.ingest.kobo.provider import CONDITIONS
from tests.scores import moment, origin

NOW = moment(0) + timedelta(hours=15)
FACTS = ReportFacts(EventKind.ARREST, origin(-1), "TGO", "TG-M")


@pytest.mark.parametrize("is_on", [True, False], ids=["switched on", "switched off"])
def test_texts_are_erased_when_their_days_are_over(service: Service, is_on: bool) -> None:
    source = ReportsSource(office="geneva", protection=CONDITIONS)
    on = replace(service, sources={"reports": source}, sealer=CONDITIONS.sealer)
    code = submit(on, FACTS, ReportWords("x", "y"), NOW, sender="ew0", attempt="an attempt")
    worker = on if is_on else replace(on, sources={})

    def forget(days: int) -> ReportState:
        later = NOW + timedelta(days=days)
        jobs_of(worker)["forget"].run(worker, later, later)
        return state_of_receipt(on, code)

    assert forget(30) is ReportState.RECEIVED
    assert forget(31) is ReportState.ERASED
    assert forget(32) is ReportState.ERASED
    with on.store.read() as connection:
        assert audit.broken_link(connection) is None
    # A phone that sends it again much later gets the same code, and nothing is stored.
    again = submit(on, FACTS, ReportWords("x", "y"), NOW, sender="ew0", attempt="an attempt")
    assert (again, state_of_receipt(on, again)) == (code, ReportState.ERASED)
