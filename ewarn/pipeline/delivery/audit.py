"""The delivery audit: find what should have been delivered and was not, and record each audit."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from ewarn.store.delivery import endpoints, heartbeats, notifications, outbox

OVERDUE_AFTER = timedelta(minutes=15)
SILENT_AFTER = timedelta(minutes=5)  # without a heartbeat, a part of the worker counts as dead


@dataclass(frozen=True, slots=True)
class Audit:
    """What an audit of the deliveries found.

    `overdue` messages and `unsent` notifications should have left at least 15 minutes ago. `dead`
    messages were given up. `disabled` addresses are switched off. `deliverer_lives` is whether the
    part of the worker that delivers gave a sign of life lately.
    """

    overdue: int
    unsent: int
    dead: int
    disabled: int
    deliverer_lives: bool

    @property
    def is_healthy(self) -> bool:
        """Return whether all that should have left has left, and the worker is alive."""
        return not (self.overdue or self.unsent) and self.deliverer_lives

    @property
    def sentence(self) -> str:
        """Describe the findings in one sentence."""
        if self.is_healthy:
            return "everything that was due has been sent"
        lives = "" if self.deliverer_lives else "; the deliverer has been silent for five minutes"
        return (
            f"{self.overdue} messages and {self.unsent} notifications are more than a quarter of "
            f"an hour late{lives}: check that `ewarn work` is running, and read its log"
        )


def audit(connection: Connection, now: datetime) -> Audit:
    """Look at all messages and notifications that wait, and at the heartbeat of the deliverer."""
    states = outbox.states(connection)
    known = endpoints.find(connection)
    beat = heartbeats.last(connection, heartbeats.DELIVERER)
    return Audit(
        overdue=outbox.left_behind(connection, now - OVERDUE_AFTER),
        unsent=notifications.left_behind(connection, now - OVERDUE_AFTER),
        dead=states.get(outbox.DEAD, 0),
        disabled=sum(each.disabled_at is not None for each in known.values()),
        deliverer_lives=beat is not None and now - beat[0] <= SILENT_AFTER,
    )


def record_audit(connection: Connection, now: datetime) -> Audit:
    """Audit the deliveries, and store the findings with the time as the auditor's heartbeat."""
    found = audit(connection, now)
    heartbeats.beat(connection, heartbeats.AUDITOR, now, asdict(found))
    return found
