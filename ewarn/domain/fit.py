"""Fitted models as data: what they are for, how they did in a test, and which of them serve."""

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

HASH_SHOWN = 8  # hexadecimal digits of a document's hash in a model's version
# For a source that does not count deaths: the sources of outcomes, each with its target.
OUTCOMES_FOR: Mapping[str, Mapping[str, Target]] = {
    "gdelt": {"mass-mobilization": Target.FORCE, "ucdp": Target.KILLINGS}
}
# One release holds many months. In a promotion test its outcomes count as known so many weeks after
# they happened, because the day on which this installation read the release says nothing about it.
RELEASED_AFTER_WEEKS: Mapping[str, int] = {"ucdp": 26}
WARM_UP_WEEKS = 52  # weeks of signals before the first origin of a training set
# The same if another source has the outcomes, because both cover only few years.
WARM_UP_OF_PAIRS = 26
LEAST_POSITIVES = 300  # a source needs so many matured positive labels of its own


@dataclass(frozen=True, slots=True, order=True)
class Purpose:
    """What a model is for: a target at a level and horizon, on the signals of one source.

    `outcomes` names the source of the outcomes, if it is another source.
    """

    source: str
    target: Target
    level: Level
    horizon_weeks: int
    outcomes: str = ""

    def __post_init__(self) -> None:
        if self.outcomes == self.source:  # both spellings mean the same purpose
            object.__setattr__(self, "outcomes", "")

    @property
    def label_source(self) -> str:
        """Return the source whose events are the outcomes."""
        return self.outcomes or self.source

    @property
    def outcome_signal(self) -> str:
        """Return the series of the outcomes in the other source."""
        if self.target is Target.KILLINGS:
            return signal(self.label_source, EventKind.ATTACK, BY_STATE)
        return signal(self.label_source, EventKind.FORCE, LETHAL)

    @property
    def known_after_weeks(self) -> int:
        """Return after how many weeks a promotion test knows an outcome; 0 for its own time."""
        return RELEASED_AFTER_WEEKS.get(self.outcomes, 0)

    @property
    def warm_up_weeks(self) -> int:
        """Return the weeks of signals before the first origin of the training set."""
        return WARM_UP_OF_PAIRS if self.outcomes else WARM_UP_WEEKS

    @property
    def slot(self) -> "Purpose":
        """Return the purpose without its source of outcomes: one model serves it at a time."""
        return replace(self, outcomes="")

    def __str__(self) -> str:
        outcomes = f", with outcomes of {self.outcomes}" if self.outcomes else ""
        return (
            f"{self.target} at {self.level} level, {self.horizon_weeks} weeks, on "
            f"{self.source}{outcomes}"
        )


@dataclass(frozen=True, slots=True)
class Assignment:
    """A fit to be made: for what, from which week on, and from what was known at `as_of`.

    `labels_before` (a Monday) ends the outcomes to learn from: those before it have had their time
    to become known. `data` and `licence` name the owners of the events. `ended` are the countries
    that no longer exist, with their last day. `rise` is that of the rule in force on such scores:
    its messages are evaluated with the model.
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
    """A challenger, and its results in the promotion test beside all others.

    `document` is canonical JSON of its parameters and card. `figures` are scores by name,
    `positives` is the number of outcomes it learned from. `wins` says whether it is to be promoted,
    `reason` why or why not.
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
    """A fitted model as it is stored.

    Its labels end before `labels_before`. `as_of` is the knowledge time of its data, `fitted_at`
    when it was fitted.
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
        """Return name and version with the hash, as scores have them: `ensemble@1+1a2b3c4d`."""
        return f"{self.name}@{stamped_version(self.version, self.sha256)}"

    @property
    def card(self) -> dict[str, Any]:
        """Return its model card: what a reader must know about it."""
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
    """Return JSON that is the same text for the same values.

    Raises:
        ValueError: A value is NaN or infinite.
    """
    return json.dumps(
        document, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )


def sha256_of(document: str) -> str:
    """Return the SHA-256 (hex) of a document."""
    return hashlib.sha256(document.encode()).hexdigest()


def stamped_version(version: str, sha256: str) -> str:
    """Return a version with the beginning of its parameters' hash, as scores show it."""
    return f"{version}+{sha256[:HASH_SHOWN]}"
