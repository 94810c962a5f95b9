"""A field report: what an observer saw in a week and region, and what became of the report.

Reasons of decisions are chosen from lists. A free text could repeat what a report says, and it
would stay in the audit trail for ever.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Self

from ewarn.domain.kinds import EventKind

# The highest counts: more than a report can count, but less than a telephone number that was typed
# into the wrong field.
MOST = {"participants": 999_999, "injured": 99_999, "arrests": 99_999, "fatalities": 99_999}
LEAST_OUTSIDE = 5  # fewer reports of a region, kind and week are shown to nobody outside the office


class ReportState(StrEnum):
    """What became of a report, as its sender may know it."""

    RECEIVED = "received"
    COUNTED = "counted"
    NOT_COUNTED = "not counted"
    ERASED = "erased"


class CountingReason(StrEnum):
    """Why a report counts."""

    OWN_STAFF = "own staff saw it too"
    SECOND_SOURCE = "a second source confirms it"
    DOCUMENT = "a document confirms it"


class RefusalReason(StrEnum):
    """Why a report does not count."""

    NOT_CONFIRMED = "nothing confirms it"
    KNOWN = "it was reported before"
    NOT_OURS = "it is outside the mandate"
    WRONG = "it is wrong"


class ErasureReason(StrEnum):
    """Why a report is erased."""

    ASKED = "the sender asked for it"
    DANGER = "it endangers a person"
    MISTAKE = "it was sent by mistake"
    RETENTION = "its retention is over"


@dataclass(frozen=True, slots=True)
class ReportFacts:
    """What a report counts: kind, week (its Monday), region, and numbers; None means unknown."""

    kind: EventKind
    week: date
    country: str
    region: str
    participants: int | None = None
    injured: int | None = None
    arrests: int | None = None
    fatalities: int | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the facts as JSON values."""
        return {**asdict(self), "kind": self.kind.value, "week": self.week.isoformat()}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """Return the facts that `as_json` wrote."""
        kind, week = EventKind(values["kind"]), date.fromisoformat(values["week"])
        return cls(**{**values, "kind": kind, "week": week})


@dataclass(frozen=True, slots=True)
class ReportWords:
    """What could betray somebody: the free text, and the name of the key that sent the report."""

    text: str
    sent_by: str
