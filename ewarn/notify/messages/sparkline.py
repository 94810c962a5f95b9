"""Draw the probabilities of the last weeks as a line of characters or as bars.

Mail programs block most images and strip drawn shapes, so the bars are cells of an HTML table.
"""

from collections.abc import Sequence

_BARS = "▁▂▃▄▅▆▇█"
_GAP = "·"  # a week without a score
HEIGHT = 32  # pixels of the highest bar

Course = Sequence[float | None]


def sparkline(course: Course) -> str:
    """Return one character for each week, the oldest first; the highest value is a full block."""
    steps = len(_BARS)
    return "".join(
        _GAP if share is None else _BARS[min(int(share * steps), steps - 1)]
        for share in _shares(course)
    )


def bar_heights(course: Course) -> list[int | None]:
    """Return the height of each week's bar in pixels, at least one; None for a missing score."""
    return [None if share is None else max(round(share * HEIGHT), 1) for share in _shares(course)]


def _shares(course: Course) -> list[float | None]:
    """Divide each week's value by the highest."""
    top = max((value for value in course if value is not None), default=0.0)
    return [None if value is None else value / top if top else 0.0 for value in course]
