"""The reliability diagram of scores: what was predicted, against how often it came true."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

SIDE = 240.0  # of the square of the drawing
_LARGEST, _SMALLEST = 11.0, 3.0  # radius of a point
_ENDS = (0.05, 0.1, 0.2, 0.3, 0.5, 1.0)  # where the axes may end
_PARTS = 5  # into which lines divide an axis


@dataclass(frozen=True, slots=True)
class DiagramPoint:
    """Scores of one bin: its place and size in the drawing, and its figures."""

    x: float
    y: float
    radius: float
    predicted: float
    observed: float
    scores: int


@dataclass(frozen=True, slots=True)
class Diagram:
    """A diagram whose axes both go from 0 to `end`. `ticks` are places on them with their value."""

    end: float
    points: Sequence[DiagramPoint]
    ticks: Sequence[tuple[float, float]]


def diagram_of(bins: Sequence[Mapping[str, Any]]) -> Diagram | None:
    """Return the diagram of bins of scores; None if there are none.

    The area of a point shows the number of scores.
    """
    filled = [each for each in bins if each["scores"]]
    if not filled:
        return None
    highest = max(max(each["mean_probability"], each["share"]) for each in filled)
    end = next(value for value in _ENDS if highest <= value)
    most = max(each["scores"] for each in filled)
    points = [
        DiagramPoint(
            x=round(SIDE * each["mean_probability"] / end, 1),
            y=round(SIDE * (1 - each["share"] / end), 1),
            radius=round(max(_LARGEST * math.sqrt(each["scores"] / most), _SMALLEST), 1),
            predicted=each["mean_probability"],
            observed=each["share"],
            scores=each["scores"],
        )
        for each in filled
    ]
    steps = range(_PARTS + 1)
    ticks = [(round(SIDE * at / _PARTS, 1), end * at / _PARTS) for at in steps]
    return Diagram(end, points, ticks)
