"""The delivery auditor: it finds what nobody delivers, and says that it looked."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from ewarn.store.delivery import endpoints, heartbeats, notices, outbox

OVERDUE_AFTER = timedelta(minutes=15)
SILENT_AFTER = timedelta(minutes=5)  # without a beat, a part of the worker counts as dead


@dataclass(frozen=True, slots=True)
class Audit:
    """What waits without anybody's hand on it, what was given up, and whether the worker lives.

    `overdue` messages and `unsent` notices should have left a quarter of an hour ago.
    """

    overdue: int
    unsent: int
    dead: int
    disabled: int
    deliverer_lives: bool

    @property
    def is_well(self) -> bool:
        """Whether all that should have left has."""
        return not (self.overdue or self.unsent) and self.deliverer_lives

    @property
    def sentence(self) -> str:
        """What was found, in words."""
        if self.is_well:
            return "all that should have left has left"
        lives = "" if self.deliverer_lives else "; nobody has delivered for five minutes"
        return (
            f"{self.overdue} messages and {self.unsent} notices should have left a quarter of an "
            f"hour ago{lives}: see that `ewarn work` runs, and its log"
        )


def audit(connection: Connection, now: datetime) -> Audit:
    """Look at all that waits."""
    states = outbox.states(connection)
    known = endpoints.find(connection)
    beat = heartbeats.last(connection, heartbeats.DELIVERER)
    return Audit(
        overdue=outbox.left_behind(connection, now - OVERDUE_AFTER),
        unsent=notices.left_behind(connection, now - OVERDUE_AFTER),
        dead=states.get(outbox.DEAD, 0),
        disabled=sum(each.disabled_at is not None for each in known.values()),
        deliverer_lives=beat is not None and now - beat[0] <= SILENT_AFTER,
    )


def audited(connection: Connection, now: datetime) -> Audit:
    """Look, and leave word of having looked."""
    found = audit(connection, now)
    heartbeats.beat(connection, heartbeats.AUDITOR, now, asdict(found))
    return found
