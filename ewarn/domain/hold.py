"""Why news of an alert is told to nobody."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Why(StrEnum):
    """What holds the news of a change back."""

    RECORD = "record"  # such changes are never told
    NEVER_OPENED = "never-opened"
    AS_HIGH_BEFORE = "as-high-before"
    SLOW = "slow"  # the rule warns of fast rises only
    UNHEARD = "unheard"  # nobody was told of the alert
    SOURCE = "source"  # its source is not well, which was told once for all
    SILENCE = "silence"


@dataclass(frozen=True, slots=True)
class Hold:
    """Why nobody is told, with an English `sentence`. `about` names the source, or the silence by
    its id; `until` is when that silence ends."""

    why: Why
    sentence: str
    about: str = ""
    until: datetime | None = None

    def __str__(self) -> str:
        return self.sentence


@dataclass(frozen=True, slots=True)
class HeldBack:
    """A change that nobody was told of when it was made, as it is kept: without the words of a
    silence, which are shown to some keys only and may be redacted."""

    alert_id: str
    at: datetime
    kind: str
    why: Why
    about: str
    until: datetime | None
