"""Alerts: their states, their changes, and the chain of stored changes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from itertools import islice

from ewarn.domain.region import Level
from ewarn.domain.target import Band, Target


class AlertState(StrEnum):
    """The state of an alert. `stale` is a separate flag, never a state that ends an alert."""

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
    REMAINED = "remained"  # it did not rise, and is still high in a quiet region
    LOWERED = "lowered"
    WENT_STALE = "went_stale"
    RECOVERED = "recovered"
    ACKNOWLEDGED = "acknowledged"
    ASSESSED = "assessed"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"
    REMINDED = "reminded"
    ESCALATED = "escalated"  # nobody acknowledged it in time: the next tier is notified
    CORRECTED = "corrected"  # on today's data it would not have opened
    REINSTATED = "reinstated"  # on today's data it would have opened after all
    SETTLED = "settled"  # nothing renewed it for half a year: a standing situation


HIT_WEEKS = 13  # the first weeks of an alert, by which it is evaluated


class Assessment(StrEnum):
    """What people found an alert to be."""

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
# Changes that warn: they mean that the risk is up, or is still high.
WARNINGS = frozenset({ChangeKind.OPENED, ChangeKind.RAISED, ChangeKind.SURGED, ChangeKind.REMAINED})


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert after its last change.

    Attributes:
        highest: The highest band it ever had.
        stale: Its newest score is too old, or its last week was not observed.
        periods_above: Scoring periods in a row at or above the raising threshold, while it is
            pending.
        periods_below: Scoring periods in a row below the closing threshold.
        periods_lower: Scoring periods in a row in a band lower than its own.
        acknowledged_by: Who acknowledged it last, also after it rose and is open again.
        told: The band of which people were last notified.
        tier: The last tier of recipients that was notified.
        waiting_since: When that tier was notified: since then it waits to be acknowledged.
        corrected: It would not have opened on today's data.
        warned_on: The origin of its last warning, or the day of an interim score. It warns when it
            opens, is raised above its highest band, surges or remains.
        warned_at: The probability of its last warning.
        heard_on: The day of the newest news of which anybody was notified.
        situation: It has been open for half a year without a warning.
        readers: The licence that its readers must carry; empty if none is needed.
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
    def level(self) -> Level:
        """Return whether it is about a country or a subdivision."""
        return Level.COUNTRY if self.region == self.country else Level.ADMIN1

    @property
    def is_standing(self) -> bool:
        """Return whether it opened and has not closed."""
        return self.state in (AlertState.OPEN, AlertState.ACKNOWLEDGED)


@dataclass(frozen=True, slots=True)
class Change:
    """One change of one alert, decided at `at`, with its reason in words.

    `alert` is the alert after the change. A change whose `kind` is None only moves counters.
    """

    kind: ChangeKind | None
    alert: Alert
    at: datetime
    reason: str
    actor: str = "ewarn"


@dataclass(frozen=True, slots=True)
class AlertEvent:
    """A stored change. It is never altered, and its hash covers the change before it."""

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
    """Return whether an alert was false, by the outcomes of the weeks in which it was open.

    Weeks that nobody observed are left out. It is false if none of the first 13 known outcomes came
    true, or of fewer if it `is_over`.

    Args:
        outcomes: One for each week from its opening to before its closing; None if nobody observed
            it.

    Returns:
        None if this is not known, or not yet.
    """
    known = list(islice((came for came in outcomes if came is not None), HIT_WEEKS))
    if any(known):
        return False
    return True if len(known) == HIT_WEEKS or (is_over and known) else None
