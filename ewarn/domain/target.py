"""What is predicted, how probable counts as how serious, and on what footing it is said."""

import itertools
from dataclasses import dataclass
from enum import StrEnum


class Target(StrEnum):
    """What a score speaks of. None predicts peaceful assembly, and none ever will."""

    FORCE = "force"
    ESCALATION = "escalation"
    ONSET = "onset"
    ARRESTS = "arrests"
    ELECTION = "election"
    KILLINGS = "killings"

    @property
    def unit(self) -> str:
        """What its own series counts: events, or points where acts weigh by how grave they are."""
        return "points" if self is Target.ESCALATION else "events"


# Scored for users, with bands and rules. The others are judged in back-tests until one is good
# enough to be served.
SERVED_TARGETS = (Target.FORCE, Target.ESCALATION, Target.KILLINGS)

# Asked of every region that is observed. `killings` are scored only where a model learned them from
# a source that says who killed.
ASKED_EVERYWHERE = (Target.FORCE, Target.ESCALATION)

# Reports still come in for half a year: what is said of younger weeks may change, and says so.
MATURITY_WEEKS = 26


class Basis(StrEnum):
    """Footing of a score: may its probability be believed as a frequency?"""

    CALIBRATED = "calibrated"
    ILLUSTRATION = "illustration"  # parameters of elsewhere or later: shown, and said so
    # It won its trial on outcomes of another source that are too few: shown, and fires no rule.
    PROVISIONAL = "provisional"
    UNCALIBRATED = "uncalibrated"  # no probability at all: expected values and bounds only

    @property
    def may_fire(self) -> bool:
        """Whether a rule on probabilities may listen to it."""
        return self in (Basis.CALIBRATED, Basis.ILLUSTRATION)


class Band(StrEnum):
    """Level of a score. Ordered by `rank`; `uncalibrated` stands outside the order."""

    UNCALIBRATED = "uncalibrated"
    LOW = "low"
    GUARDED = "guarded"
    ELEVATED = "elevated"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """0 for low up to 4 for critical; -1 for uncalibrated."""
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
        """Band of a probability; `uncalibrated` where there is none."""
        if probability is None:
            return Band.UNCALIBRATED
        cuts = (self.guarded, self.elevated, self.high, self.critical)
        return LEVELS[sum(probability >= cut for cut in cuts)]
