"""A score: what a model says of a region at an origin, and what it rests on."""

from dataclasses import dataclass
from datetime import date, datetime

from ewarn.domain.region import Level
from ewarn.domain.source import Health
from ewarn.domain.target import Band, Basis, Target
from ewarn.domain.time import WEEK


@dataclass(frozen=True, slots=True)
class Driver:
    """What moved a score: a signal group, its weeks, and its share of the logit.

    `contribution` is on the scale of the final calibrated logit, against the region's median
    input; contributions of one score sum to its logit less that of the median input (None where
    the score is a detector's and has no logit). `count` is the number of events in the weeks
    named (Mondays, both included). `event_ids` are added by
    the pipeline: a model never sees them.
    """

    signal: str
    first_week: date
    last_week: date
    contribution: float | None
    count: int = 0
    event_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceFooting:
    """A source a score rests on, its health then, and the share of weeks it had observed."""

    source: str
    health: Health
    completeness: float


@dataclass(frozen=True, slots=True)
class Score:
    """One model's answer for a region, target and horizon at an origin.

    `probability`, `low` and `high` (90% interval) are None on an uncalibrated basis. `expected`
    and `upper` are events of the target's own series in the last observed week as the detector
    expects and bounds them, `observed` what was seen then (None where the week was not observed);
    where reports are known to come late, all three are of what is, or should be, in by now.
    `false_discovery` is the share of mistaken alarms to expect if that week's regions alarm down to
    this one, the most surprising first (None where the week or a bound is unknown).
    `relative_risk` is how many times the mean probability of the run's quiet regions of its level
    this one is: None where the region is not quiet (a lethal event is known of the half year
    before), or fewer than fifty are.
    `members` are the probabilities of the models inside an ensemble, baselines among them.
    An `interim` score reads the week after its origin too, as far as that was known by `as_of`.
    `as_of` is the knowledge time of the inputs, `recorded_at` when the score was stored.
    `before` are the probabilities of the origins before it, the newest first, None where there was
    none: read beside the score by who asks whether it rose, and no part of it. Before an interim
    score stands that of its own origin.
    """

    region: str
    country: str
    target: Target
    horizon_weeks: int
    origin: date
    model: str
    basis: Basis
    band: Band
    probability: float | None
    low: float | None
    high: float | None
    expected: float | None
    upper: float | None
    observed: int | None
    completeness: float
    sources: tuple[SourceFooting, ...]
    drivers: tuple[Driver, ...]
    as_of: datetime
    recorded_at: datetime
    members: tuple[tuple[str, float], ...] = ()
    false_discovery: float | None = None
    relative_risk: float | None = None
    id: str = ""
    before: tuple[float | None, ...] = ()
    interim: bool = False

    @property
    def source(self) -> str:
        """The source whose model this is of."""
        return self.sources[0].source if self.sources else ""

    @property
    def judged_week(self) -> date:
        """Monday of the week that a detector judged: the last one, or an older one of a source that
        publishes late, as its drivers say."""
        return max((driver.last_week for driver in self.drivers), default=self.origin - WEEK)

    @property
    def level(self) -> Level:
        """A region that is its own country is one; any other is a subdivision."""
        return Level.COUNTRY if self.region == self.country else Level.ADMIN1

    @property
    def exceeds_bound(self) -> bool:
        """Whether the last observed week lies above the detector's bound."""
        return self.observed is not None and self.upper is not None and self.observed > self.upper

    @property
    def is_above_expected_alone(self) -> bool:
        """Whether the last observed week lies above what was expected, and not above the bound."""
        if self.observed is None or self.expected is None or self.exceeds_bound:
            return False
        return self.observed > self.expected

    def is_discovery(self, bearable: float) -> bool:
        """Whether it alarms where a share of `bearable` mistaken alarms is borne."""
        return self.false_discovery is not None and self.false_discovery <= bearable
