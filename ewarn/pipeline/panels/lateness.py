"""How complete a panel's last weeks are, from the delays of its source in the past year."""

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
    """Return what share of the last weeks' events has arrived by the panel's origin, if known.

    Nothing is learned from a source whose terms do not allow it.
    """
    if service.lateness is None or not service.may_learn(source):
        return Arrivals()
    since = panel.origin - WEEKS_OF_DELAYS * WEEK
    known = delays(connection, Cut(midnight(panel.origin), now), source, since)
    return service.lateness(known, panel)
