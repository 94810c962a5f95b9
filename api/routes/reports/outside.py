"""Route for readers outside the office: weekly counts of verified reports, where they are many."""

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response

from api.formats.registry import TableFormat, documented
from api.routes.reports.private_route import while_enabled
from api.routing.key_first import KeyFirst
from api.schemas.reports import OutsideCountList, OutsideCountsQuery
from api.serving.access import ReadsEvents, State
from api.serving.answers import Listing
from ewarn.domain.time import origin_at
from ewarn.egress.definition.shapes import outbound
from ewarn.egress.reports import OutsideCountRecord
from ewarn.languages.catalogues import translation
from ewarn.pipeline.reports.desk import desk_of
from ewarn.pipeline.reports.outside import outside_counts

router = APIRouter(prefix="/v1/regions", tags=["reports"], route_class=KeyFirst)


@router.get("/{id}/reports", response_model=OutsideCountList, responses=documented(TableFormat))
def count_reports(
    request: Request,
    state: State,
    reader: ReadsEvents,
    id: Annotated[str, Path(description="Any code of the region.", examples=["TG-M"])],
    asked: Annotated[OutsideCountsQuery, Query()],
) -> Response:
    """Return how many field reports of each kind were verified in the last weeks of a region.

    Counts under five are suppressed, and others are rounded down to a multiple of five. Counts of a
    country are those of reports that name no subdivision; they are no totals. Needs the scope
    `events:read`. Errors: 404 if there is no such region for the key, 503 while field reports are
    not accepted.
    """
    region, now = reader.region(state, id), state.clock()
    with while_enabled():
        desk_of(state.service)
    with state.store.read() as connection:
        found = list(outside_counts(connection, region.id, origin_at(now), asked.weeks))
    items = [
        outbound(OutsideCountRecord, asdict(each), suppressed=each.suppressed) for each in found
    ]
    return Listing(items, now, notice=_notice).answer(request)


def _notice(language: str) -> str:
    return translation(language).gettext(
        "Field reports of an office. A count is a multiple of five that was reached. A suppressed "
        "count is under five: perhaps zero, perhaps not."
    )
