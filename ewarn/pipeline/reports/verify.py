"""Verification of field reports: an officer reads, counts, refuses or erases them.

Each reading of a text and each decision is in the audit trail, with a reason from a list and
without anything that the report says.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from ewarn.domain.reports.field_report import (
    CountingReason,
    ErasureReason,
    RefusalReason,
    ReportFacts,
    ReportState,
    ReportWords,
)
from ewarn.domain.source import Health, Payload
from ewarn.errors import SealBroken, UnknownName, UsageError
from ewarn.pipeline.intake.intake import ended_weeks
from ewarn.pipeline.reports.desk import SOURCE, Desk, Officer, desk_of
from ewarn.pipeline.reports.sealed import facts_of, words_of
from ewarn.pipeline.service import Service
from ewarn.store.access import audit
from ewarn.store.access.audit import FIELD_REPORT, Act
from ewarn.store.events import events
from ewarn.store.intake import runs
from ewarn.store.reports import reports, traces
from ewarn.store.reports.reports import Position, SealedReport

Reason = CountingReason | RefusalReason | ErasureReason


@dataclass(frozen=True, slots=True)
class OpenedReport:
    """A report as an officer sees it.

    `facts` is None if it is erased or cannot be opened; `words` also where the text was not asked
    for.
    """

    report: SealedReport
    facts: ReportFacts | None
    words: ReportWords | None = None


def listed(
    service: Service,
    officer: Officer,
    states: Sequence[ReportState],
    *,
    after: Position | None = None,
    limit: int,
) -> list[OpenedReport]:
    """Return reports with their facts, the oldest first. No text is read.

    Raises:
        ReportsDisabled: Field reports are not accepted.
    """
    desk = desk_of(service)
    if desk.licence not in officer.licences:
        return []
    with service.store.read() as connection:
        found = reports.listed(connection, officer.countries, states, after=after, limit=limit)
    return [OpenedReport(each, _facts_if_opened(desk, each)) for each in found]


def read(service: Service, officer: Officer, id_: str, now: datetime) -> OpenedReport:
    """Return a report with its text, and record that the officer read it.

    Raises:
        ReportsDisabled: Field reports are not accepted.
        UnknownName: There is no such report for this officer.
        SealBroken: The report cannot be opened.
    """
    desk = desk_of(service)
    with service.store.write() as connection:
        report = _found(connection, desk, officer, id_)
        words = words_of(desk.sealer, report)
        if words is not None:
            _audit(connection, report, "read", officer.name, "to verify it", now)
    return OpenedReport(report, facts_of(desk.sealer, report), words)


def decide(
    service: Service,
    officer: Officer,
    id_: str,
    state: ReportState,
    reason: Reason,
    now: datetime,
) -> OpenedReport:
    """Count, refuse or erase a report.

    To count it stores an event of its facts. To refuse one that counts withdraws this event. To
    erase it destroys its data key; if it counts, its event stays.

    Raises:
        ReportsDisabled: Field reports are not accepted.
        UnknownName: There is no such report for this officer.
        UsageError: It has this state already, or is erased.
        SealBroken: The report cannot be opened.
    """
    desk = desk_of(service)
    with service.store.write() as connection:
        report = _found(connection, desk, officer, id_)
        if report.state in (state, ReportState.ERASED):
            raise UsageError(f"the report is {report.state.value} already")
        if state is ReportState.ERASED:
            reports.erase(connection, [id_])
        else:
            _store_event(connection, service, desk, report, state, now)
            reports.set_state(connection, id_, state)
        _audit(connection, report, state.value, officer.name, reason.value, now)
    if state is ReportState.ERASED:
        traces.clear_traces(service.store)
        return OpenedReport(replace(report, state=state), None)
    return OpenedReport(replace(report, state=state), facts_of(desk.sealer, report))


def record_erasure(connection: Connection, report: SealedReport, now: datetime) -> None:
    """Record that a report was erased because its retention is over."""
    reason = ErasureReason.RETENTION.value
    _audit(connection, report, ReportState.ERASED.value, "ewarn", reason, now)


def _found(connection: Connection, desk: Desk, officer: Officer, id_: str) -> SealedReport:
    report = None
    if desk.licence in officer.licences:
        report = reports.find(connection, id_, officer.countries)
    if report is None:
        raise UnknownName("there is no such report for this key")
    return report


def _facts_if_opened(desk: Desk, report: SealedReport) -> ReportFacts | None:
    try:
        return facts_of(desk.sealer, report)
    except SealBroken:
        return None


def _store_event(
    connection: Connection,
    service: Service,
    desk: Desk,
    report: SealedReport,
    state: ReportState,
    now: datetime,
) -> None:
    """Store the event of a report that counts now, or withdraw that of one that counted."""
    is_withdrawn = state is ReportState.NOT_COUNTED
    if is_withdrawn and report.state is not ReportState.COUNTED:
        return
    facts = facts_of(desk.sealer, report)
    assert facts is not None  # only an erased report has none
    payload = _payload(desk, report, facts, now, is_withdrawn=is_withdrawn)
    for batch in desk.source.parse(payload, service.places):
        appended = events.append(connection, batch.events, now)
        run = runs.Run(SOURCE, now, Health.OK, "verified", appended, 0, {}, facts.week)
        covered = () if is_withdrawn else ended_weeks(batch.coverage, SOURCE, now)
        runs.record_run(connection, runs.Reading(run, covered=covered))


def _payload(
    desk: Desk, report: SealedReport, facts: ReportFacts, now: datetime, *, is_withdrawn: bool
) -> Payload:
    # The id of the event leads back to the report only with the operator's key.
    event = desk.sealer.mark(f"event\n{report.id}".encode())[:32]
    item = {**facts.as_json(), "id": event, "known_at": now.isoformat(), "withdrawn": is_withdrawn}
    body = json.dumps({"reports": [item]}).encode()
    return Payload(SOURCE, "verified", body, now, protected=True)


def _audit(
    connection: Connection,
    report: SealedReport,
    act: str,
    actor: str,
    reason: str,
    now: datetime,
) -> None:
    done = Act(FIELD_REPORT, report.id, report.country, act, now.date(), now, actor, reason, {})
    audit.record(connection, [done])
