"""A rule: when a series of scores becomes an alert, and when it stops being one."""

from dataclasses import dataclass

from ewarn.domain.region import Level
from ewarn.domain.target import Target


@dataclass(frozen=True, slots=True)
class Rule:
    """Conditions on scores, in probabilities and scoring periods (weeks).

    An alert opens when the probability stood at `raise_at` or above for `hold_for` periods, and
    closes when it stood below `close_below` for `keep_for` periods. After a close, a cool-down
    of `cool_down` periods keeps it shut, unless the score reaches a band higher than the closed
    alert ever had. With `detector = True` the rule listens to the detector's bound instead of a
    probability: the only kind that may fire on an uncalibrated basis.
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
