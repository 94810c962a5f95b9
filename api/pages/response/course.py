"""The weekly events of a country as a drawing, with the time of a deployment marked in it.

Places across are percentages of the width, so that the text keeps its size on a phone. Heights are
pixels.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from ewarn.domain.time import WEEK

HEIGHT = 150.0  # of the area of the bars, in pixels
TOP = 24.0  # of the area: above it stands what the marked time is
_TICKS = 4
_FILLED = 0.8  # share of a week's width that its bar takes


@dataclass(frozen=True, slots=True)
class Course:
    """The weekly counts of one signal, and their drawing.

    Attributes:
        counts: The Monday of each week with its events; None was not observed.
        bars: (x, width, y, height) of each week with events.
        gaps: (x, width) of each week that was not observed.
        stay: (x, width) of the time of the deployment; None if none of it is shown.
        ticks: (x, Monday) of the weeks that are named below.
    """

    signal: str
    most: int
    counts: tuple[tuple[date, int | None], ...]
    bars: tuple[tuple[float, float, float, float], ...]
    gaps: tuple[tuple[float, float], ...]
    stay: tuple[float, float] | None
    ticks: tuple[tuple[float, date], ...]

    @property
    def source(self) -> str:
        """The source that counts the events."""
        return self.signal.partition(":")[0]

    def events(self, first: date, last: date) -> tuple[int, int]:
        """Return the number of events in observed weeks of a time, and of these weeks."""
        seen = [count for week, count in self.counts if first <= week < last and count is not None]
        return sum(seen), len(seen)


def drawn(signal: str, counts: Mapping[date, int | None], stay: tuple[date, date] | None) -> Course:
    """Return the drawing of the counts of one signal.

    Args:
        counts: By the Mondays of weeks that follow each other; at least one.
        stay: First day of the deployment, and the first day after it.
    """
    weeks = sorted(counts)
    first, end = weeks[0], weeks[-1] + WEEK
    wide = 100 / len(weeks)
    most = max((count for count in counts.values() if count), default=0)
    bars, gaps = [], []
    for at, week in enumerate(weeks):
        count, x = counts[week], round(at * wide, 3)
        if count is None:
            gaps.append((x, round(wide, 3)))
        elif count:
            high = round(HEIGHT * count / most, 1)
            bars.append((x, round(wide * _FILLED, 3), round(TOP + HEIGHT - high, 1), high))
    return Course(
        signal=signal,
        most=most,
        counts=tuple((week, counts[week]) for week in weeks),
        bars=tuple(bars),
        gaps=tuple(gaps),
        stay=_marked(first, end, stay),
        ticks=_ticks(weeks, wide),
    )


def _marked(first: date, end: date, stay: tuple[date, date] | None) -> tuple[float, float] | None:
    """Return where a time lies in the drawing; None if it lies outside."""
    if stay is None:
        return None
    begins, ends = max(stay[0], first), min(stay[1], end)
    if begins >= ends:
        return None
    days = (end - first).days
    return (
        round((begins - first).days / days * 100, 3),
        round((ends - begins).days / days * 100, 3),
    )


def _ticks(weeks: Sequence[date], wide: float) -> tuple[tuple[float, date], ...]:
    apart = max(len(weeks) // _TICKS, 1)
    return tuple((round(at * wide, 3), weeks[at]) for at in range(0, len(weeks), apart))[:_TICKS]
