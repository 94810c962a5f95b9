"""Field reports that observers send to this service itself, as events once they are verified.

Nothing is fetched: `ewarn.pipeline.reports` stores a report sealed, and writes a payload of its
facts when an officer has verified it. Here such a payload becomes events.
"""

import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from ewarn.domain.event import DatePrecision, LocationPrecision
from ewarn.domain.kinds import EventKind
from ewarn.domain.reports.field_report import MOST
from ewarn.domain.source import Coverage, Payload, Rejection, Terms
from ewarn.domain.time import DAY, WEEK, require_utc, week_of
from ewarn.errors import RecordRejected
from ewarn.frames.events import ParsedBatch, event_frame
from ewarn.languages import source_reasons
from ewarn.ports import Places
from ewarn.protect.conditions import Conditions
from ingest.shared.office_reports import retention_of, terms_of, why_not_scored
from ingest.shared.web import Web

NAME = "reports"
_People = Annotated[int, Field(strict=True, ge=0, le=MOST["participants"])]
_Victims = Annotated[int, Field(strict=True, ge=0, le=MOST["injured"])]


class ReportsSource:
    """Reports that observers send to this service, after an officer of their office verified them.

    Terms: the office's own: rows are shown to nobody, and no model is fitted on them. Counts,
    scores and alerts of detectors are shown only to the office that `EWARN_REPORTS_OFFICE` names;
    outside it only weekly counts of five and more. Cadence: none; reports come when something
    happens, so their absence means nothing. Lag: known from its verification. Revisions: a report
    that no longer counts is withdrawn. Geography: the countries of the observers' keys, never finer
    than a subdivision and a week.
    """

    name = NAME
    cadence = None
    lag = 2 * WEEK  # the time until the reports of a week are verified
    look_every = DAY  # so that its health says that it accepts reports, before any came

    def __init__(
        self, web: Web | None = None, *, office: str = "", protection: Conditions | None = None
    ) -> None:
        """Create the source, which sends no requests."""
        del web
        self._office = office
        self._protection = protection or Conditions()

    @property
    def terms(self) -> Terms:
        """The terms, which allow no use by others; the attribution names the data controller."""
        return terms_of(self._protection, self._office, "docs/reports.md")

    @property
    def not_scored(self) -> str | None:
        """The reason why reports are not scored: no office is set."""
        return why_not_scored(self._office, "EWARN_REPORTS_OFFICE")

    @property
    def retention(self) -> timedelta:
        """How long the text of a report is stored, as the operator set it."""
        return retention_of(self._protection)

    @property
    def obstacle(self) -> str | None:
        """The reason why no report is accepted: missing settings."""
        missing = [*self._protection.missing, *([] if self._office else ["EWARN_REPORTS_OFFICE"])]
        if missing:
            return source_reasons.REPORTS_NOT_ACCEPTED(settings=", ".join(missing))
        return None

    def fetch(self, since: datetime | None, now: datetime) -> Iterator[Payload]:
        """Yield nothing, because reports are sent to the service."""
        del since, now
        yield from ()

    def parse(self, payload: Payload, places: Places) -> Iterator[ParsedBatch]:
        """Yield the events of verified reports, and the withdrawal of those that count no longer.

        It covers only the weeks in which somebody in a country reported: without reports, much may
        happen.

        Raises:
            RecordRejected: If the payload is not a list of verified reports.
        """
        rows: list[dict[str, Any]] = []
        rejected = []
        for number, item in enumerate(_items(payload.body), start=1):
            try:
                rows.append(_row(_VerifiedReport.model_validate(item), places))
            except (ValidationError, RecordRejected):
                # The error is not repeated, because it may quote the report.
                rejected.append(Rejection(None, f"report {number} of the payload cannot be read."))
        weeks = sorted({(row["country"], row["occurred_on"]) for row in rows})
        yield ParsedBatch(
            events=event_frame(rows),
            rejected=tuple(rejected),
            coverage=tuple(Coverage(NAME, country, week, week) for country, week in weeks),
        )


class _VerifiedReport(BaseModel):
    model_config = ConfigDict(extra="forbid")

    id: str = Field(min_length=1, max_length=40)
    kind: EventKind
    week: date
    country: str
    region: str
    participants: _People | None
    injured: _Victims | None
    arrests: _Victims | None
    fatalities: _Victims | None
    known_at: AwareDatetime
    withdrawn: bool = False


def _items(body: bytes) -> list[Any]:
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        content = None
    items = content.get("reports") if isinstance(content, dict) else None
    if not isinstance(items, list):
        raise RecordRejected("it is not a list of verified reports")
    return items


def _row(report: _VerifiedReport, places: Places) -> dict[str, Any]:
    region = places.find(report.region)
    if region is None or region.country != report.country:
        raise RecordRejected("its region is not one of its country")
    monday = week_of(report.week)
    is_country = region.id == region.country
    precision = LocationPrecision.COUNTRY if is_country else LocationPrecision.ADMIN1
    return {
        "source": NAME,
        "source_event_id": report.id,
        "kind": report.kind.value,
        "occurred_on": monday,
        "ended_on": monday + WEEK - DAY,
        "date_precision": DatePrecision.WEEK.value,
        "known_at": require_utc(report.known_at),
        "known_at_estimated": False,
        "country": region.country,
        "region": region.id,
        "location_precision": precision.value,
        "participants_low": report.participants,
        "participants_high": report.participants,
        "fatalities_low": report.fatalities,
        "fatalities_high": report.fatalities,
        "injured": report.injured,
        "arrests": report.arrests,
        "tags": "",
        "deleted": report.withdrawn,
    }
