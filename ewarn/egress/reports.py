"""Field reports: receipts for their senders, records for their office, counts for others."""

from datetime import date

from pydantic import Field

from ewarn.domain.kinds import EventKind
from ewarn.domain.reports.field_report import ReportState
from ewarn.egress.definition.shapes import Shape, shown


class ReceiptCode(Shape):
    """The code with which the sender asks what became of a report. It is not stored."""

    receipt: str = shown(
        "ABCDE-FGHIJ-KLMNO-PQRST",
        "The code with which the sender asks what became of the report. It is shown this once.",
        pattern="^[A-Z2-7]{5}(-[A-Z2-7]{5}){3}$",
    )


class ReceiptState(Shape):
    """What became of a report."""

    state: ReportState = shown("received")


class ReportRegion(Shape):
    """A subdivision, by its code and name."""

    id: str = shown(
        "TG-M", "ISO 3166-2 code of the subdivision, or one of this service, with a tilde."
    )
    name: str = shown("Maritime")


class ReportCountry(Shape):
    """A country of the form, with its subdivisions."""

    id: str = shown("TGO", "ISO 3166-1 alpha-3 code of the country.")
    name: str = shown("Togo")
    regions: list[ReportRegion] = Field(
        description="Its subdivisions, by name.",
    )


class ReportFormRecord(Shape):
    """What the page of field reports stores, to work without a connection."""

    day: date = shown("2017-10-02")
    countries: list[ReportCountry] = Field(
        description="The countries of the key, with their subdivisions.",
    )


class ReportRecord(Shape):
    """A field report without its text. What it counts is null once it is erased."""

    id: str = shown("report-0123456789abcdef")
    state: ReportState = shown("received")
    country: str = shown("TGO")
    received_on: date = shown("2017-10-02", "The day it was received.")
    kind: EventKind | None = shown("arrest", null="once the report is erased")
    week: date | None = shown("2017-09-25")
    region: str | None = shown("TG-M", null="once the report is erased")
    participants: int | None = shown(400, null="if it is not known, or once the report is erased")
    injured: int | None = shown(3, null="if it is not known, or once the report is erased")
    arrests: int | None = shown(4, null="if it is not known, or once the report is erased")
    fatalities: int | None = shown(0, null="if it is not known, or once the report is erased")


class ReportWithText(ReportRecord):
    """A field report with its text, and the name of the key that sent it."""

    text: str | None = shown("An invented report.", null="once it is erased")
    sent_by: str | None = shown(
        "an observer", "The name of the key that sent it.", null="once the report is erased"
    )


class OutsideCountRecord(Shape):
    """How many reports of a kind and week were verified in a region, for readers of any office."""

    region: str = shown("TG-M")
    week: date = shown("2017-09-25")
    kind: EventKind = shown("arrest")
    count: int | None = shown(
        5, "At least so many reports, in steps of five.", null="if it is suppressed", ge=5
    )
    suppressed: bool = shown(False, "Whether there are fewer than five reports, perhaps none.")
