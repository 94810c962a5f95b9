"""How much of a source's past was read."""

from datetime import datetime

from sqlalchemy import Connection

from ewarn.domain.baseline import BASELINE_WEEKS, Baseline
from ewarn.domain.time import WEEK, origin_at
from ewarn.pipeline.intake import health
from ewarn.pipeline.scoring.scorable import weeks_watched
from ewarn.pipeline.service import Service
from ewarn.ports import BackFill
from ewarn.store.events import volumes

MARGIN = 3  # more weeks to read, because the newest weeks of a baseline are left out


def baseline_of(
    service: Service, connection: Connection, name: str, now: datetime
) -> Baseline | None:
    """Return the baseline of a source whose past can be read.

    Returns:
        The baseline, or None if the past of the source cannot be read, or it is not scored.
    """
    source = service.sources.get(name)
    if not isinstance(source, BackFill) or not service.is_scored(name):
        return None
    origin = origin_at(now)
    covered = health.coverage(connection, name, source, now)
    first = origin - BASELINE_WEEKS * WEEK
    measured = None
    if volumes.are_counted(connection, name):  # then a week without volume was not observed
        measured = volumes.weeks_known(connection, name, first, origin)
    return Baseline(
        name,
        weeks_read=weeks_watched(covered, origin, BASELINE_WEEKS * WEEK, only=measured),
        read_from=first - MARGIN * WEEK,
    )
