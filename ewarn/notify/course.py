"""The course of a probability over the last weeks: as a line of characters, and as heights of bars.

A picture in a mail is mostly blocked, and drawn shapes are stripped: bars are cells of a table.
"""

from collections.abc import Sequence

_BARS = "▁▂▃▄▅▆▇█"
_GAP = "·"  # no score stood there
HEIGHT = 32  # pixels of the highest bar

Course = Sequence[float | None]


def line(course: Course) -> str:
    """A sign for each week, the oldest first; the highest week has the full height."""
    steps = len(_BARS)
    return "".join(
        _GAP if share is None else _BARS[min(int(share * steps), steps - 1)]
        for share in _shares(course)
    )


def heights(course: Course) -> list[int | None]:
    """Pixels of each week's bar, at least one; None where no score stood."""
    return [None if share is None else max(round(share * HEIGHT), 1) for share in _shares(course)]


def _shares(course: Course) -> list[float | None]:
    """Each week as a share of the highest."""
    top = max((value for value in course if value is not None), default=0.0)
    return [None if value is None else value / top if top else 0.0 for value in course]
