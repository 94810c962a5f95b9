"""What is predicted, how a probability becomes a level, and whether it may be believed."""

import itertools
from dataclasses import dataclass
from enum import StrEnum


class Target(StrEnum):
    """What a score predicts. None predicts peaceful assembly, and none ever will."""

    FORCE = "force"
    ESCALATION = "escalation"
    ONSET = "onset"
    ARRESTS = "arrests"
    ELECTION = "election"
    KILLINGS = "killings"

    @property
    def unit(self) -> str:
        """Return what its own series counts: events, or points if acts are weighted by severity."""
        return "points" if self is Target.ESCALATION else "events"


# Targets that are scored for users, with bands and rules. The others are evaluated in back-tests
# until one is good enough to be served.
SERVED_TARGETS = (Target.FORCE, Target.ESCALATION, Target.KILLINGS)

# Targets that are scored for every observed region. `killings` are scored only where a model
# learned them from a source that says who killed.
ASKED_EVERYWHERE = (Target.FORCE, Target.ESCALATION)

# Reports arrive for half a year: results about younger weeks may change, and are marked so.
MATURITY_WEEKS = 26


class Basis(StrEnum):
    """The basis of a score: whether its probability may be believed as a frequency."""

    CALIBRATED = "calibrated"
    ILLUSTRATION = "illustration"  # parameters from elsewhere or later: shown, and marked so
    # It won its promotion test on too few outcomes of another source: shown, and fires no rule.
    PROVISIONAL = "provisional"
    UNCALIBRATED = "uncalibrated"  # no probability at all: expected values and bounds only

    @property
    def may_fire(self) -> bool:
        """Return whether a rule on probabilities may use it."""
        return self in (Basis.CALIBRATED, Basis.ILLUSTRATION)


class Band(StrEnum):
    """Level of a score. Ordered by `rank`; `uncalibrated` is outside the order."""

    UNCALIBRATED = "uncalibrated"
    LOW = "low"
    GUARDED = "guarded"
    ELEVATED = "elevated"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """Return 0 for low up to 4 for critical; -1 for uncalibrated."""
        return _RANKS[self]


_RANKS = {band: place - 1 for place, band in enumerate(Band)}
LEVELS = (Band.LOW, Band.GUARDED, Band.ELEVATED, Band.HIGH, Band.CRITICAL)


@dataclass(frozen=True, slots=True)
class BandCuts:
    """Lower probability bounds of guarded, elevated, high and critical, ascending."""

    guarded: float
    elevated: float
    high: float
    critical: float

    def __post_init__(self) -> None:
        cuts = (self.guarded, self.elevated, self.high, self.critical)
        if not all(0 < a < b < 1 for a, b in itertools.pairwise(cuts)):
            raise ValueError(f"band cuts {cuts} are not ascending inside (0, 1)")

    def band(self, probability: float | None) -> Band:
        """Return the band of a probability, or `uncalibrated` if there is none."""
        if probability is None:
            return Band.UNCALIBRATED
        cuts = (self.guarded, self.elevated, self.high, self.critical)
        return LEVELS[sum(probability >= cut for cut in cuts)]
