"""One line of the table of results, and how a pair of timings becomes one."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """What was measured, its figure, the reference's, and how they compare."""

    what: str
    figure: str
    reference: str
    ratio: str


@dataclass(frozen=True, slots=True)
class Pair:
    """Medians of paired repetitions: seconds, seconds of the reference, and their ratio.

    The ratio is the median of ratios: what slows the machine slows both halves of a pair.
    """

    seconds: float
    reference: float
    ratio: float

    def rates(self, what: str, against: str, number: int) -> Row:
        """A row of rates, `number` rows in each timing."""
        return Row(
            what,
            f"{number / self.seconds:,.0f} rows/s",
            f"{against}: {number / self.reference:,.0f} rows/s",
            f"{self.ratio:.1f} times the time",
        )


def timed(work: Callable[[], object]) -> float:
    """Seconds that `work` takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def paired(timings: list[tuple[float, float]]) -> Pair:
    """The pair of (seconds, seconds of the reference) measured one after the other."""
    return Pair(
        statistics.median(one for one, _ in timings),
        statistics.median(other for _, other in timings),
        statistics.median(one / other for one, other in timings),
    )
