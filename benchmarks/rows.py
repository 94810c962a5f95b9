"""A line of the table of results, and functions to create one from pairs of timings."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """A result: what was measured, its figure, the reference's figure, and their ratio."""

    what: str
    figure: str
    reference: str
    ratio: str


@dataclass(frozen=True, slots=True)
class Pair:
    """Medians of paired repetitions: seconds, seconds of the reference, and their ratio.

    The ratio is the median of ratios, because a slow machine slows both halves of a pair.
    """

    seconds: float
    reference: float
    ratio: float

    def rates(self, what: str, against: str, number: int) -> Row:
        """Return a row of rates, for `number` rows in each timing."""
        return Row(
            what,
            f"{number / self.seconds:,.0f} rows/s",
            f"{against}: {number / self.reference:,.0f} rows/s",
            f"{self.ratio:.1f} times the time",
        )


def timed(work: Callable[[], object]) -> float:
    """Return the seconds that `work` takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def paired(timings: list[tuple[float, float]]) -> Pair:
    """Return the medians of timings (seconds, seconds of the reference)."""
    return Pair(
        statistics.median(one for one, _ in timings),
        statistics.median(other for _, other in timings),
        statistics.median(one / other for one, other in timings),
    )
