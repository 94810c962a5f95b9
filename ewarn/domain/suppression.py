"""Suppression: why nobody is notified of a change of an alert."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class SuppressionReason(StrEnum):
    """Why the news of a change is suppressed."""

    RECORD = "record"  # nobody is ever notified of such changes
    NEVER_OPENED = "never-opened"
    AS_HIGH_BEFORE = "as-high-before"
    SLOW = "slow"  # the rule warns of fast rises only
    UNHEARD = "unheard"  # nobody was notified of the alert
    SOURCE = "source"  # its source is unhealthy, and one notification says so for all regions
    SILENCE = "silence"


@dataclass(frozen=True, slots=True)
class Suppression:
    """Why nobody is notified, with an English `sentence`.

    `about` names the source, or the silence by its id. `until` is when that silence ends.
    """

    why: SuppressionReason
    sentence: str
    about: str = ""
    until: datetime | None = None

    def __str__(self) -> str:
        return self.sentence


@dataclass(frozen=True, slots=True)
class SuppressedChange:
    """A suppressed change as it is stored.

    It is stored without the words of a silence, because only some keys may see them and they may be
    redacted.
    """

    alert_id: str
    at: datetime
    kind: str
    why: SuppressionReason
    about: str
    until: datetime | None
