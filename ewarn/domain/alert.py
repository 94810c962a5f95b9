"""Alerts: their states, the changes they undergo, and the chain of everything they ever were."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from itertools import islice

from ewarn.domain.target import Band, Target

# Before the words of whoever closed an alert, which are passed on as they were written.


class AlertState(StrEnum):
    """Where an alert stands. `stale` is a flag beside these, never a state that ends one."""

    PENDING = "pending"
    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    CLOSED = "closed"


class ChangeKind(StrEnum):
    """What can happen to an alert."""

    PENDING = "pending"
    OPENED = "opened"
    RAISED = "raised"
    SURGED = "surged"  # the probability rose, whatever its level was before
    REMAINED = "remained"  # it did not rise, and is high still in a quiet region
    LOWERED = "lowered"
    WENT_STALE = "went_stale"
    RECOVERED = "recovered"
    ACKNOWLEDGED = "acknowledged"
    ASSESSED = "assessed"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"
    REMINDED = "reminded"
    ESCALATED = "escalated"  # nobody acknowledged it in time: the next tier is told
    CORRECTED = "corrected"  # on today's data it would not have opened
    REINSTATED = "reinstated"  # on today's data it would have opened after all
    SETTLED = "settled"  # nothing renewed it for half a year: a standing situation


HIT_WEEKS = 13  # by which an alert is judged


class Assessment(StrEnum):
    """What an alert proved to be, by the judgement of people."""

    TRUE_ALARM = "true alarm"
    FALSE_ALARM = "false alarm"
    UNCLEAR = "unclear"


NOTIFIED = frozenset(
    {
        ChangeKind.OPENED,
        ChangeKind.RAISED,
        ChangeKind.SURGED,
        ChangeKind.REMAINED,
        ChangeKind.WENT_STALE,
        ChangeKind.RECOVERED,
        ChangeKind.CLOSED,
        ChangeKind.WITHDRAWN,
        ChangeKind.REMINDED,
        ChangeKind.ESCALATED,
        ChangeKind.CORRECTED,
        ChangeKind.REINSTATED,
        ChangeKind.SETTLED,
    }
)
# Changes that warn: they say that the risk is up, or stays so.
WARNINGS = frozenset({ChangeKind.OPENED, ChangeKind.RAISED, ChangeKind.SURGED, ChangeKind.REMAINED})


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert as it stands after its last change.

    `periods_below` counts scoring periods in a row below the closing threshold, `periods_above`
    those at or above the raising one while pending, `periods_lower` those in a lower band than
    its own. `highest` is the highest band it ever had. `acknowledged_by` is who did last, also
    after it rose and is open again. `told` is the band at which people last heard of it. `tier` is
    the last tier of recipients that was told, `waiting_since` when they were: since then it waits
    to be acknowledged. `corrected` means that it would not have opened on today's data.
    `warned_on` and `warned_at` are the origin (the day, of an interim score) and the probability of
    its last warning (it opened, was raised above its highest band, surged or remained), `heard_on`
    the day of the newest news of it that anybody heard. A `situation` has stood for half a year
    without a warning. `readers` names the licence that whoever reads of it must carry; empty where
    none is needed.
    """

    id: str
    rule: str
    region: str
    country: str
    target: Target
    horizon_weeks: int
    state: AlertState
    band: Band
    highest: Band
    probability: float | None
    opened_on: date | None
    closed_on: date | None
    last_origin: date
    score_id: str = ""
    stale: bool = False
    periods_above: int = 0
    periods_below: int = 0
    periods_lower: int = 0
    acknowledged_by: str | None = None
    assessment: Assessment | None = None
    told: Band | None = None
    tier: int = 1
    waiting_since: datetime | None = None
    corrected: bool = False
    warned_on: date | None = None
    warned_at: float | None = None
    heard_on: date | None = None
    situation: bool = False
    readers: str = ""

    @property
    def is_standing(self) -> bool:
        """Whether it opened and has not closed."""
        return self.state in (AlertState.OPEN, AlertState.ACKNOWLEDGED)


@dataclass(frozen=True, slots=True)
class Change:
    """One change of one alert, decided at `at`, with its reason in words.

    `alert` is the alert after the change; a change whose `kind` is None only moves counters.
    """

    kind: ChangeKind | None
    alert: Alert
    at: datetime
    reason: str
    actor: str = "ewarn"


@dataclass(frozen=True, slots=True)
class AlertEvent:
    """A stored change: append-only, each hash covering the one before."""

    sequence: int
    alert_id: str
    kind: ChangeKind
    at: datetime
    actor: str
    reason: str
    band: Band
    probability: float | None
    score_id: str
    rule_hash: str
    hash: str


def was_false(outcomes: Iterable[bool | None], *, is_over: bool) -> bool | None:
    """Whether an alert was false, by what followed the scores of the weeks it was open.

    `outcomes` are those of each week from its opening to before its closing, None where nobody
    looked: silence neither ages nor judges. It is false where none of the first 13 that were told
    came true, or of fewer if the alert `is_over`. None where that was not told, or not yet.
    """
    told = list(islice((came for came in outcomes if came is not None), HIT_WEEKS))
    if any(told):
        return False
    return True if len(told) == HIT_WEEKS or (is_over and told) else None
