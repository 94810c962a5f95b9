"""Request bodies, parameters and lists of field reports."""

from typing import Annotated

from pydantic import Field

from api.schemas.request_body import RequestBody
from api.serving.queries import ListQuery, NoParameters, OfTable, Paged, ReportStates
from api.serving.texts import Code, CompleteLanguage, Day, LongWords, Whole
from ewarn.domain.kinds import EventKind
from ewarn.domain.reports.field_report import (
    MOST,
    CountingReason,
    ErasureReason,
    RefusalReason,
    ReportState,
)
from ewarn.egress.definition.shapes import shown
from ewarn.egress.lists import ListFields
from ewarn.egress.reports import OutsideCountRecord, ReportRecord
from ewarn.languages.catalogues import ENGLISH

_OF_A_LIST = "Why: one of a list, so that it repeats nothing of the report."
_People = Annotated[Whole, Field(ge=0, le=MOST["participants"])]
_Victims = Annotated[Whole, Field(ge=0, le=MOST["injured"])]


class ReportBody(RequestBody):
    """What an observer saw. `week` is any day of the week.

    A count is left out where it is not known: that is not zero. The text should name no person, no
    telephone number and no exact place.
    """

    kind: EventKind = shown("arrest")
    week: Day = shown("2017-10-04", "Any day of the week.")
    region: Code = shown("TG-M", "Country or subdivision of the key, by any code or name.")
    participants: _People | None = shown(400, default=None)
    injured: _Victims | None = shown(3, default=None)
    arrests: _Victims | None = shown(4, default=None)
    fatalities: _Victims | None = shown(0, default=None)
    text: LongWords = shown(
        "An invented report.",
        "What was seen, in words. Name no person, no telephone number and no exact place.",
        default="",
    )


class ReportCounting(RequestBody):
    """Why a report counts."""

    reason: CountingReason = shown("own staff saw it too", _OF_A_LIST)


class ReportRefusal(RequestBody):
    """Why a report does not count."""

    reason: RefusalReason = shown("it was reported before", _OF_A_LIST)


class ReportErasure(RequestBody):
    """Why a report is erased."""

    reason: ErasureReason = shown("the sender asked for it", _OF_A_LIST)


class ReportsQuery(Paged):
    """Parameters of a list of field reports."""

    state: ReportStates = Field(
        default_factory=lambda: [ReportState.RECEIVED],
        description="States; by default those that wait for an officer.",
        examples=[["received"]],
    )


class ReportFormQuery(NoParameters):
    """Parameters of the form of field reports."""

    language: CompleteLanguage = Field(
        ENGLISH, description="Language of the names.", examples=["fr"]
    )


class OutsideCountsQuery(ListQuery, OfTable):
    """Parameters of the weekly counts of field reports."""

    weeks: int = Field(
        12, ge=1, le=104, description="Number of weeks up to the last origin.", examples=[26]
    )


class ReportList(ListFields):
    """A page of field reports, without their texts."""

    items: list[ReportRecord]


class OutsideCountList(ListFields):
    """Weekly counts of verified reports."""

    items: list[OutsideCountRecord]
