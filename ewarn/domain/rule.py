"""Rules: when a series of scores becomes an alert, and when the alert ends."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Protocol

from ewarn.domain.region import Level
from ewarn.domain.score import Score
from ewarn.domain.target import Target

NEVER = 1.0  # a threshold that no probability reaches
MOST_WEEKS = 12  # a rise may look back so many weeks


@dataclass(frozen=True, slots=True)
class QuietRise:
    """When a probability of a quiet region is news.

    In a quiet region no lethal event of the last half year is known. A probability there counts if
    it is at least `times` the mean of all quiet regions. It is then news even if it did not rise,
    and again after `again_after` weeks.
    """

    times: float
    again_after: int


@dataclass(frozen=True, slots=True)
class Rise:
    """A rise of the probability that is worth a message, whatever its level was before.

    The probability is at least `floor`, and at least `factor` times the lowest of the last `weeks`
    origins. It is news again after `again_after` weeks, or once it is at least `again_factor` times
    the probability of the last warning. `quiet`, if given, applies in addition in a region that is
    known to be quiet.
    """

    floor: float
    factor: float
    weeks: int
    again_after: int
    again_factor: float
    quiet: QuietRise | None = None

    def counts(self, probability: float | None, relative_risk: float | None) -> bool:
        """Return whether a probability is high enough to be news, whatever it was before."""
        if probability is None or probability < self.floor:
            return False
        return self.quiet is None or relative_risk is None or relative_risk >= self.quiet.times

    def is_met(self, probability: float | None, before: Sequence[float | None]) -> bool:
        """Return whether a probability rose above those of the origins `before` it.

        Args:
            before: The probabilities of earlier origins, newest first.
        """
        if probability is None or probability < self.floor:
            return False
        return probability >= self.factor * self.lowest(before)

    def lowest(self, before: Sequence[float | None]) -> float:
        """Return what a probability is compared with: the lowest known one of the last weeks.

        If none is known, at the first run or after a long gap, the floor is used, so that a high
        probability does not look calm then.
        """
        return min((each for each in before[: self.weeks] if each is not None), default=self.floor)

    def is_news(
        self,
        probability: float | None,
        before: Sequence[float | None],
        warned: tuple[int, float] | None,
        relative_risk: float | None = None,
    ) -> bool:
        """Return whether a probability is worth another message.

        Args:
            before: The probabilities of the origins before, newest first.
            warned: How many weeks ago the last warning was, and its probability; None if there was
                none.
            relative_risk: The probability as a multiple of the mean of the quiet regions; None if
                the region is not known to be quiet.
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


class Condition(Protocol):
    """A condition on scores that takes the place of a threshold. A package can bring its kind.

    It gets only scores whose values are known: missing data meet no condition.
    """

    @property
    def written(self) -> Mapping[str, Any]:
        """Its kind and options, as written in the file of rules."""
        ...

    @property
    def words(self) -> str:
        """Words for a score that meets it, after "which is": `twice that of the week before`."""
        ...

    def is_above(self, score: Score) -> bool:
        """Return whether a score may open an alert."""
        ...

    def is_below(self, score: Score) -> bool:
        """Return whether a score counts towards closing one."""
        ...


@dataclass(frozen=True, slots=True)
class Rule:
    """Conditions on scores, in probabilities and scoring periods (weeks).

    An alert opens when the probability was at least `raise_at` for `hold_for` periods. It closes
    when the probability was below `close_below` for `keep_for` periods. After a close, a cool-down
    of `cool_down` periods keeps it closed, unless the score reaches a band higher than the closed
    alert ever had.

    With `detector = True` the rule uses the detector's bound instead of a probability. Only such a
    rule may fire on an uncalibrated basis. With `false_discovery` it uses, instead of the bound,
    whether a region stands out among all regions of the week, so that at most this share of its
    alarms is expected to be mistaken. With `sources` it reads only these sources. With
    `without_probability` it ignores scores that have a probability, because rules on probabilities
    handle those.

    With a `rise` an alert also opens, or warns again, when the probability rises. Neither a
    cool-down nor an earlier level as high suppresses that. A rule may have only a rise: then
    `raise_at` is `NEVER`.

    With a `budget` (false alarms a year, for all countries of its office) the rule has no threshold
    of its own. `thresholds` has one for each source, from the rolling test of the model that serves
    there. Such an alert opens and closes at it; on any other source it never opens. A rule with a
    `condition` has no threshold either: the condition decides which scores open and close an alert.

    If nobody acknowledges an open alert within `acknowledge_within`, the next tier of recipients is
    notified. `stands_at` is the file and line of the rule, and not part of its content.
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
    condition: Condition | None = None
    stands_at: str = field(default="", compare=False, repr=False)

    def raises_at(self, source: str) -> float:
        """Return the probability at which scores of a source raise an alert; 1 means never."""
        return self.raise_at if self.budget is None else dict(self.thresholds).get(source, NEVER)

    def closes_below(self, source: str) -> float:
        """Return the probability below which scores of a source close an alert."""
        return self.close_below if self.budget is None else self.raises_at(source)

    @property
    def lowest(self) -> float:
        """Return the lowest probability that may raise an alert."""
        stated = min((at for _, at in self.thresholds), default=self.raise_at)
        return stated if self.rise is None else min(stated, self.rise.floor)
