"""How much of a panel's last weeks is in, by how late its source was in the past year."""

from datetime import datetime

from sqlalchemy import Connection

from ewarn.domain.time import WEEK, midnight
from ewarn.frames.panel import Arrivals, Panel
from ewarn.pipeline.service import Service
from ewarn.store.database.cuts import Cut
from ewarn.store.events.delays import delays

WEEKS_OF_DELAYS = 52


def arrivals_at(
    service: Service, connection: Connection, source: str, panel: Panel, now: datetime
) -> Arrivals:
    """What share of the last weeks' events is in by the panel's origin, as far as can be known.

    Nothing is learned from a source whose terms forbid to learn from it.
    """
    if service.lateness is None or not service.may_learn(source):
        return Arrivals()
    since = panel.origin - WEEKS_OF_DELAYS * WEEK
    known = delays(connection, Cut(midnight(panel.origin), now), source, since)
    return service.lateness(known, panel)
