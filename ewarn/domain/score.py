"""A score: the output of a model for a region at an origin, and what it rests on."""

from dataclasses import dataclass
from datetime import date, datetime

from ewarn.domain.region import Level
from ewarn.domain.source import Health
from ewarn.domain.target import Band, Basis, Target
from ewarn.domain.time import WEEK


@dataclass(frozen=True, slots=True)
class Driver:
    """What moved a score: a signal group, its weeks, and its share of the logit.

    `contribution` is on the scale of the final calibrated logit, against the region's median input.
    Contributions of one score sum to its logit less that of the median input. It is None if the
    score is a detector's and has no logit. `count` is the number of events in the weeks named
    (Mondays, both included). `event_ids` are added by the pipeline: a model never sees them.
    """

    signal: str
    first_week: date
    last_week: date
    contribution: float | None
    count: int = 0
    event_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceFooting:
    """A source that a score rests on, its health then, and the share of weeks it had observed."""

    source: str
    health: Health
    completeness: float


@dataclass(frozen=True, slots=True)
class Score:
    """One model's answer for a region, target and horizon at an origin.

    Attributes:
        probability: With `low` and `high`, its 90% interval; None on an uncalibrated basis.
        expected: Events of the target's own series in the last observed week, as the detector
            expects them; `upper` is its bound.
        observed: The events seen in that week; None if it was not observed. If reports are known to
            come late, `expected`, `upper` and `observed` are of what has arrived, or should have
            arrived, by now.
        as_of: The knowledge time of the inputs.
        recorded_at: When the score was stored.
        members: The probabilities of the models inside an ensemble, baselines among them.
        false_discovery: The share of mistaken alarms to expect if that week's regions alarm down to
            this one, the most surprising first; None if the week or a bound is unknown.
        relative_risk: This probability as a multiple of the mean of the run's quiet regions of its
            level. None if the region is not quiet (a lethal event is known of the half year
            before), or if fewer than fifty are.
        before: The probabilities of the origins before it, newest first, None if there was none.
            They are read with the score to see whether it rose, and are no part of it. For an
            interim score the first is that of its own origin.
        interim: It also reads the week after its origin, as far as that was known by `as_of`.
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
        """Return the source whose signals the model read."""
        return self.sources[0].source if self.sources else ""

    @property
    def judged_week(self) -> date:
        """Return the Monday of the week that a detector evaluated.

        It is the last week, or an older one of a source that publishes late, as the drivers show.
        """
        return max((driver.last_week for driver in self.drivers), default=self.origin - WEEK)

    @property
    def level(self) -> Level:
        """Return the level: a region that is its own country is a country, else a subdivision."""
        return Level.COUNTRY if self.region == self.country else Level.ADMIN1

    @property
    def exceeds_bound(self) -> bool:
        """Return whether the last observed week is above the detector's bound."""
        return self.observed is not None and self.upper is not None and self.observed > self.upper

    @property
    def is_above_expected_alone(self) -> bool:
        """Return whether the last observed week is above the expected count, but not the bound."""
        if self.observed is None or self.expected is None or self.exceeds_bound:
            return False
        return self.observed > self.expected

    def is_discovery(self, bearable: float) -> bool:
        """Return whether it is an alarm if a share of `bearable` mistaken alarms is accepted."""
        return self.false_discovery is not None and self.false_discovery <= bearable
