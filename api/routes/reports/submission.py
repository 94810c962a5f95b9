"""Routes for observers: the form, sending a report, and asking what became of one."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Header, Query
from fastapi.responses import Response

from api.routes.reports.private_route import PrivateRoute, while_enabled
from api.routing.key_first import takes_at_most
from api.schemas.reports import ReportBody, ReportFormQuery
from api.serving.access import Reader, State, WritesReports
from api.serving.answers import json_answer
from api.serving.problems import Problem, wrong_fields
from api.serving.queries import NoParameters
from api.serving.state import ApiState
from ewarn.domain.region import Level, Region
from ewarn.domain.reports.field_report import ReportFacts, ReportWords
from ewarn.domain.time import DAY, week_of
from ewarn.egress.definition.shapes import outbound
from ewarn.egress.reports import ReceiptCode, ReceiptState, ReportFormRecord
from ewarn.pipeline.reports.desk import desk_of
from ewarn.pipeline.reports.submit import state_of_receipt, submit, written_code

router = APIRouter(prefix="/v1/reports", tags=["reports"], route_class=PrivateRoute)
_NOT_STORED = {"Cache-Control": "no-store"}
IdempotencyKey = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        pattern=r"^[A-Za-z0-9_-]{16,80}$",
        description="A new random text for each report, the same each time it is sent again.",
        examples=["0123456789abcdef0123456789abcdef"],
    ),
]
ReceiptHeader = Annotated[
    str,
    Header(
        alias="X-Ewarn-Receipt",
        max_length=60,
        description="A receipt code, with or without hyphens. It is never part of an address.",
        examples=["ABCDE-FGHIJ-KLMNO-PQRST"],
    ),
]


@router.post("", response_model=ReceiptCode, status_code=201, responses={404: {}, 409: {}})
@takes_at_most(32 * 1024)
def send_report(
    state: State,
    reader: WritesReports,
    asked: ReportBody,
    idempotency_key: IdempotencyKey,
    _: Annotated[NoParameters, Query()],
) -> Response:
    """Send a field report. The answer is a receipt code, which is not stored: keep it.

    The same `Idempotency-Key` sends the same report again: it is stored once, and the code is the
    same. The text is sealed, and read only with `reports:verify`. Needs the scope `reports:write`.
    Errors: 404 if the key does not cover the region, 409 if the `Idempotency-Key` was used for
    another report, 503 while field reports are not accepted. No error repeats what was sent.
    """
    region, now = _region(state, reader, asked.region), state.clock()
    week = week_of(asked.week)
    if week > (now + DAY).date():  # the observer's week may begin before that of UTC
        raise wrong_fields(("week", "is in the future"))
    facts = ReportFacts(
        kind=asked.kind,
        week=week,
        country=region.country,
        region=region.id,
        participants=asked.participants,
        injured=asked.injured,
        arrests=asked.arrests,
        fatalities=asked.fatalities,
    )
    words = ReportWords(asked.text, reader.name)
    with while_enabled():
        code = submit(
            state.service, facts, words, now, sender=reader.key.prefix, attempt=idempotency_key
        )
    answer = json_answer(outbound(ReceiptCode, {"receipt": written_code(code)}), _NOT_STORED)
    answer.status_code = 201
    return answer


@router.get("/receipt", response_model=ReceiptState, responses={404: {}})
def get_receipt(
    state: State,
    _reader: WritesReports,
    receipt: ReceiptHeader,
    _: Annotated[NoParameters, Query()],
) -> Response:
    """Return what became of a report: received, counted, not counted or erased.

    Needs the scope `reports:write`, and the receipt code in the header `X-Ewarn-Receipt`. Errors:
    404 if there is no such code, 503 while field reports are not accepted.
    """
    with while_enabled():
        found = state_of_receipt(state.service, receipt)
    return json_answer(outbound(ReceiptState, {"state": found}), _NOT_STORED)


@router.get("/form", response_model=ReportFormRecord)
def get_form(
    state: State, reader: WritesReports, asked: Annotated[ReportFormQuery, Query()]
) -> Response:
    """Return the countries and subdivisions that a key may report on.

    Needs the scope `reports:write`. Error: 503 while field reports are not accepted.
    """
    with while_enabled():
        desk_of(state.service)
    countries = [
        {
            "id": country.id,
            "name": country.name_in(asked.language),
            "regions": _named(state.places.regions(Level.ADMIN1, [country.id]), asked.language),
        }
        for country in state.places.regions(Level.COUNTRY, reader.countries or None)
    ]
    form = {"day": state.clock().date(), "countries": countries}
    return json_answer(outbound(ReportFormRecord, form), _NOT_STORED)


def _named(regions: Sequence[Region], language: str) -> list[dict[str, str]]:
    named = [{"id": region.id, "name": region.name_in(language)} for region in regions]
    return sorted(named, key=lambda each: each["name"])


def _region(state: ApiState, reader: Reader, code: str) -> Region:
    """Return the region of a report.

    Raises:
        Problem: 404 if the key does not cover it. Unlike elsewhere, the code is not repeated.
    """
    region = state.places.find(code)
    if region is None or not reader.sees(region.country):
        raise Problem("unknown-region", "The region of the report is not one of this key.")
    return region
