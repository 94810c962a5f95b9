"""Routes for officers: the reports that wait, one report with its text, and decisions on it."""

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response

from api.routes.reports.private_route import PrivateRoute, officer, while_enabled
from api.schemas.reports import (
    ReportCounting,
    ReportErasure,
    ReportList,
    ReportRefusal,
    ReportsQuery,
)
from api.serving import cursors
from api.serving.access import Reader, State, VerifiesReports
from api.serving.answers import Listing, json_answer
from api.serving.queries import NoParameters
from api.serving.state import ApiState
from api.serving.texts import Asked
from ewarn.domain.reports.field_report import ReportState
from ewarn.egress.definition.shapes import outbound
from ewarn.egress.reports import ReportRecord, ReportWithText
from ewarn.pipeline.reports.verify import OpenedReport, Reason, decide, listed, read

router = APIRouter(prefix="/v1/reports", tags=["reports"], route_class=PrivateRoute)
Id = Annotated[Asked, Path(description="Id of a report.", examples=["report-0123456789abcdef"])]
_NOT_STORED = {"Cache-Control": "no-store"}


@router.get("", response_model=ReportList)
def list_reports(
    request: Request,
    state: State,
    reader: VerifiesReports,
    asked: Annotated[ReportsQuery, Query()],
) -> Response:
    """Return the reports of the key's office and countries, the oldest first, without texts.

    Needs the scope `reports:verify` and the licence of the office; without the licence the list is
    empty. Errors: 400 for a wrong cursor, 503 while field reports are not accepted.
    """
    _, after = cursors.begin(state, asked, cursors.dated)
    now = state.clock()
    with while_enabled():
        found = listed(
            state.service, officer(reader), asked.state, after=after, limit=asked.limit + 1
        )
    shown = found[: asked.limit]
    last = shown[-1].report if len(found) > asked.limit else None
    cursor = cursors.write(state, now, last.received_on.isoformat(), last.id) if last else None
    items = [outbound(ReportRecord, _fields(each)) for each in shown]
    return Listing(items, now, cursor=cursor, headers=_NOT_STORED).answer(request)


@router.get("/{id}", response_model=ReportWithText, responses={409: {}})
def get_report(
    state: State, reader: VerifiesReports, id: Id, _: Annotated[NoParameters, Query()]
) -> Response:
    """Return a report with its text. The audit trail records who read it and when.

    Needs the scope `reports:verify` and the licence of the office. Errors: 404 if there is no such
    report for the key, 409 if it was sealed with another key, 503 while field reports are not
    accepted.
    """
    with while_enabled():
        found = read(state.service, officer(reader), id, state.clock())
    words = {"text": None, "sent_by": None} if found.words is None else asdict(found.words)
    return json_answer(outbound(ReportWithText, _fields(found) | words), _NOT_STORED)


@router.post("/{id}/verify", response_model=ReportRecord, responses={409: {}})
def count_report(
    state: State,
    reader: VerifiesReports,
    id: Id,
    asked: ReportCounting,
    _: Annotated[NoParameters, Query()],
) -> Response:
    """Count a report: its kind, week, region and counts become an event of the office.

    Needs the scope `reports:verify` and the licence of the office. Errors: 404 if there is no such
    report for the key, 409 if it counts already or is erased.
    """
    return _decided(state, reader, id, ReportState.COUNTED, asked.reason)


@router.post("/{id}/reject", response_model=ReportRecord, responses={409: {}})
def refuse_report(
    state: State,
    reader: VerifiesReports,
    id: Id,
    asked: ReportRefusal,
    _: Annotated[NoParameters, Query()],
) -> Response:
    """Refuse a report. If it counted, its event is withdrawn.

    Needs the scope `reports:verify` and the licence of the office. Errors: 404 if there is no such
    report for the key, 409 if it was refused already or is erased.
    """
    return _decided(state, reader, id, ReportState.NOT_COUNTED, asked.reason)


@router.post("/{id}/erase", response_model=ReportRecord, responses={409: {}})
def erase_report(
    state: State,
    reader: VerifiesReports,
    id: Id,
    asked: ReportErasure,
    _: Annotated[NoParameters, Query()],
) -> Response:
    """Erase a report for ever: the key of its text is destroyed.

    If it counts, its kind, week, region and counts stay; refuse it first if they must not. Needs
    the scope `reports:verify` and the licence of the office. Errors: 404 if there is no such report
    for the key, 409 if it is erased already.
    """
    return _decided(state, reader, id, ReportState.ERASED, asked.reason)


def _decided(
    state: ApiState, reader: Reader, id_: str, wanted: ReportState, reason: Reason
) -> Response:
    with while_enabled():
        found = decide(state.service, officer(reader), id_, wanted, reason, state.clock())
    return json_answer(outbound(ReportRecord, _fields(found)), _NOT_STORED)


def _fields(found: OpenedReport) -> dict[str, Any]:
    report = found.report
    unknown = dict.fromkeys(ReportRecord.model_fields)
    facts = {} if found.facts is None else asdict(found.facts)
    about = {"id": report.id, "state": report.state, "received_on": report.received_on}
    return unknown | facts | about | {"country": report.country}
