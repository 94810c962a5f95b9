"""A rule: when a series of scores becomes an alert, and when it stops being one."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from ewarn.domain.region import Level
from ewarn.domain.target import Target

NEVER = 1.0  # a threshold that no probability reaches
MOST_WEEKS = 12  # of the past that a rise may look at


@dataclass(frozen=True, slots=True)
class QuietRise:
    """What is news of a quiet region: one where no lethal event is known of the last half year.

    There a probability counts from `times` the mean of all quiet regions. It is then news also
    where it did not rise, and again after `again_after` weeks.
    """

    times: float
    again_after: int


@dataclass(frozen=True, slots=True)
class Rise:
    """A rise of the probability that is worth a message, whatever its level was before.

    The probability is `floor` or more, and `factor` times the lowest of the last `weeks` origins
    or more. It is news again after `again_after` weeks, or once it is `again_factor` times the
    probability of the last warning or more. In a region that is known to be quiet, `quiet` says
    more, where it is stated.
    """

    floor: float
    factor: float
    weeks: int
    again_after: int
    again_factor: float
    quiet: QuietRise | None = None

    def counts(self, probability: float | None, relative_risk: float | None) -> bool:
        """Whether a probability is high enough to be news, whatever it was before."""
        if probability is None or probability < self.floor:
            return False
        return self.quiet is None or relative_risk is None or relative_risk >= self.quiet.times

    def is_met(self, probability: float | None, before: Sequence[float | None]) -> bool:
        """Whether a probability rose above those of the origins `before` it, the newest first."""
        if probability is None or probability < self.floor:
            return False
        return probability >= self.factor * self.lowest(before)

    def lowest(self, before: Sequence[float | None]) -> float:
        """What a probability is compared with: the lowest of the last weeks that are known. Where
        none is, at the first run or after a long silence, the floor stands for it: what is high
        then must not look calm."""
        return min((each for each in before[: self.weeks] if each is not None), default=self.floor)

    def is_news(
        self,
        probability: float | None,
        before: Sequence[float | None],
        warned: tuple[int, float] | None,
        relative_risk: float | None = None,
    ) -> bool:
        """Whether a probability is worth another message.

        `warned` says how many weeks ago the last warning was, and of which probability; None where
        there was none. `relative_risk` is how many times the mean of the quiet regions the
        probability of a quiet one is; None where the region is not known to be quiet.
        """
        if probability is None or not self.counts(probability, relative_risk):
            return False
        quiet = None if relative_risk is None else self.quiet
        if quiet is not None and (warned is None or warned[0] >= quiet.again_after):
            return True
        if not self.is_met(probability, before):
            return False
        if warned is None:
            return True
        weeks_ago, level = warned
        return weeks_ago >= self.again_after or probability >= self.again_factor * level


@dataclass(frozen=True, slots=True)
class Rule:
    """Conditions on scores, in probabilities and scoring periods (weeks).

    An alert opens when the probability stood at `raise_at` or above for `hold_for` periods, and
    closes when it stood below `close_below` for `keep_for` periods. After a close, a cool-down
    of `cool_down` periods keeps it shut, unless the score reaches a band higher than the closed
    alert ever had. With `detector = True` the rule listens to the detector's bound instead of a
    probability: the only kind that may fire on an uncalibrated basis. With `false_discovery` it
    listens, in place of the bound, to whether a region stands out among all regions of the week,
    such that at most this share of its alarms is expected to be mistaken. It may name `sources`,
    to listen to no other; `without_probability` it passes over scores that have one, since rules on
    probabilities speak of those.

    With a `rise` an alert opens, or is told again, also where the probability rises: neither a
    cool-down nor that it was as high before holds that back. A rule may state a rise alone: then
    `raise_at` is `NEVER`.

    With a `budget` (false alarms a year, for all countries of its office) the rule states no
    threshold: `thresholds` has one for each source, as the rolling test of the model that serves
    there gives it. Such an alert opens and closes at it; on any other source it never opens.
    Who has not acknowledged an open alert `acknowledge_within` that time has let it pass: the next
    tier of recipients is told. `stands_at` is the file and line of the rule, and no part of what
    it says.
    """

    id: str
    target: Target
    level: Level
    horizon_weeks: int
    raise_at: float
    close_below: float
    hold_for: int = 1
    keep_for: int = 2
    cool_down: int = 4
    detector: bool = False
    offices: tuple[str, ...] = ("*",)
    playbook: str | None = None
    acknowledge_within: timedelta | None = None
    budget: float | None = None
    false_discovery: float | None = None
    sources: tuple[str, ...] = ()
    without_probability: bool = False
    thresholds: tuple[tuple[str, float], ...] = ()
    rise: Rise | None = None
    stands_at: str = field(default="", compare=False, repr=False)

    def raises_at(self, source: str) -> float:
        """The probability at which scores of a source raise; 1, which none reaches, for never."""
        return self.raise_at if self.budget is None else dict(self.thresholds).get(source, NEVER)

    def closes_below(self, source: str) -> float:
        """The probability below which scores of a source close."""
        return self.close_below if self.budget is None else self.raises_at(source)

    @property
    def lowest(self) -> float:
        """The lowest probability that may raise."""
        stated = min((at for _, at in self.thresholds), default=self.raise_at)
        return stated if self.rise is None else min(stated, self.rise.floor)
