"""Fitted models as data: what they are for, what a trial of them showed, which of them serve."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from ewarn.domain.kinds import BY_STATE, LETHAL, EventKind, signal
from ewarn.domain.region import Level
from ewarn.domain.rule import Rise
from ewarn.domain.target import Target

HASH_SHOWN = 8  # hexadecimal digits of a document's hash that stand in a model's version
# Whose events say what happened where a source itself does not count the dead, and what they tell.
OUTCOMES_FOR: Mapping[str, Mapping[str, Target]] = {
    "gdelt": {"mass-mobilization": Target.FORCE, "ucdp": Target.KILLINGS}
}
# An outcome of a release that holds many months counts in a trial as known so many weeks after it
# happened; when this installation read the release says nothing of it.
RELEASED_AFTER_WEEKS: Mapping[str, int] = {"ucdp": 26}
WARM_UP_WEEKS = 52  # of watching before the first origin that is learned from
# The same where another source tells the outcomes: the years that both speak of are few.
WARM_UP_OF_PAIRS = 26
LEAST_POSITIVES = 300  # matured positive labels of its own with which a source is calibrated


@dataclass(frozen=True, slots=True, order=True)
class Purpose:
    """What a model is for: a target at a level and horizon, on the signals of one source.

    `outcomes` names the source that says what happened, where it is not the same one.
    """

    source: str
    target: Target
    level: Level
    horizon_weeks: int
    outcomes: str = ""

    def __post_init__(self) -> None:
        if self.outcomes == self.source:  # one purpose, however it is written
            object.__setattr__(self, "outcomes", "")

    @property
    def label_source(self) -> str:
        """The source whose events are the outcomes."""
        return self.outcomes or self.source

    @property
    def outcome_signal(self) -> str:
        """The series that tells the outcomes, where another source tells them."""
        if self.target is Target.KILLINGS:
            return signal(self.label_source, EventKind.ATTACK, BY_STATE)
        return signal(self.label_source, EventKind.FORCE, LETHAL)

    @property
    def known_after_weeks(self) -> int:
        """Weeks from an outcome until a trial takes it as known; 0 where its own moment says it."""
        return RELEASED_AFTER_WEEKS.get(self.outcomes, 0)

    @property
    def warm_up_weeks(self) -> int:
        """Weeks of watching the signals before the first origin that is learned from."""
        return WARM_UP_OF_PAIRS if self.outcomes else WARM_UP_WEEKS

    @property
    def slot(self) -> "Purpose":
        """What it serves: one model at a time, whoever told its outcomes."""
        return replace(self, outcomes="")

    def __str__(self) -> str:
        told = f", with outcomes of {self.outcomes}" if self.outcomes else ""
        return (
            f"{self.target} at {self.level} level, {self.horizon_weeks} weeks, on "
            f"{self.source}{told}"
        )


@dataclass(frozen=True, slots=True)
class Assignment:
    """A fit to be made: for what, from which week on, and from what was known at `as_of`.

    `labels_before` (a Monday) ends the outcomes to learn from: those before it have had their time
    to become known. `data` and `licence` name whose events they are, `ended` the countries that
    exist no more with their last day. `rise` is that of the rule in force on such scores, whose
    messages are judged beside the model.
    """

    purpose: Purpose
    first_week: date
    labels_before: date
    as_of: datetime
    data: str
    licence: str
    ended: Mapping[str, date]
    rise: Rise | None = None


@dataclass(frozen=True, slots=True)
class Trial:
    """A challenger, and how it did on the rows it was judged by beside all others.

    `document` is canonical JSON of its parameters and card. `figures` are scores by name,
    `positives` the outcomes it learned from. `wins` says whether it is to be promoted, `reason`
    why or why not.
    """

    name: str
    version: str
    document: str
    positives: int
    figures: Mapping[str, Mapping[str, float | None]]
    wins: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Fit:
    """A fitted model as it is stored. Its labels end before `labels_before`; `as_of` is what was
    known when it was fitted, `fitted_at` when that was.
    """

    id: int
    name: str
    version: str
    purpose: Purpose
    document: str
    sha256: str
    first_week: date
    labels_before: date
    as_of: datetime
    fitted_at: datetime

    @property
    def stamped(self) -> str:
        """Name and version with the hash, as scores carry them: `ensemble@1+1a2b3c4d`."""
        return f"{self.name}@{stamped_version(self.version, self.sha256)}"

    @property
    def card(self) -> dict[str, Any]:
        """What a reader must know of it."""
        card: dict[str, Any] = json.loads(self.document)["card"]
        return card


@dataclass(frozen=True, slots=True)
class Promotion:
    """That a fit became the champion of its purpose: when, on what knowledge, by whom and why."""

    fit_id: int
    purpose: Purpose
    sha256: str
    promoted_at: datetime
    as_of: datetime
    by: str
    reason: str
    figures: Mapping[str, Any]


def canonical(document: Mapping[str, Any]) -> str:
    """JSON that is the same text for the same values; raises ValueError for NaN."""
    return json.dumps(
        document, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )


def sha256_of(document: str) -> str:
    """SHA-256 (hex) of a document."""
    return hashlib.sha256(document.encode()).hexdigest()


def stamped_version(version: str, sha256: str) -> str:
    """A version with the beginning of its parameters' hash: a score says which they were."""
    return f"{version}+{sha256[:HASH_SHOWN]}"
