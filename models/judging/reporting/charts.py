"""Charts of the report as inline SVG, without script or network, and readable in print."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from markupsafe import Markup, escape

WIDTH, HEIGHT = 460, 320
LEFT, RIGHT, TOP, BOTTOM = 56, 16, 14, 46

Point = tuple[float, float]
Scale = Callable[[float], float]


@dataclass(frozen=True)
class ChartSeries:
    """A named series of points, with a class of the report's style sheet as its `style`."""

    name: str
    points: Sequence[Point]
    style: str
    marks: bool = False


@dataclass(frozen=True)
class Axis:
    """An axis from `low` to `high` with its ticks, logarithmic if `log`."""

    title: str
    low: float
    high: float
    ticks: Sequence[float]
    log: bool = False
    text: Callable[[float], str] = field(default=lambda value: f"{value:g}")

    def place(self, value: float) -> float:
        """Return the position of a value, 0 at `low` and 1 at `high`, limited to this range."""
        if self.log:
            value, low, high = (math.log10(max(v, self.low)) for v in (value, self.low, self.high))
        else:
            low, high = self.low, self.high
        return min(max((value - low) / (high - low), 0.0), 1.0)


@dataclass
class Chart:
    """A chart with two axes, whose parts are drawn in the order in which they are added."""

    title: str
    across: Axis
    up: Axis
    parts: list[str] = field(default_factory=list)

    def line(self, line: ChartSeries) -> None:
        """Add a line, and marks at its points if `line.marks`."""
        if not line.points:
            return
        path = " ".join(f"{self._x(x):.1f},{self._y(y):.1f}" for x, y in line.points)
        self.parts.append(f'<polyline class="line {line.style}" points="{path}"/>')
        if line.marks:
            self.parts += [
                f'<circle class="mark {line.style}" cx="{self._x(x):.1f}" cy="{self._y(y):.1f}" '
                f'r="3.4"><title>{escape(line.name)}: {x:.3g}, {y:.3g}</title></circle>'
                for x, y in line.points
            ]

    def rule(self, value: float, text: str) -> None:
        """Add a vertical dashed line at a value, with a text beside it."""
        x = self._x(value)
        self.parts.append(
            f'<line class="guide" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{HEIGHT - BOTTOM}"/>'
            f'<text class="note" x="{x + 4:.1f}" y="{TOP + 10}">{escape(text)}</text>'
        )

    def mark(self, point: Point, text: str) -> None:
        """Add a named diamond."""
        x, y = self._x(point[0]), self._y(point[1])
        left = x > WIDTH - RIGHT - 110
        anchor, shift = ("end", -8) if left else ("start", 8)
        self.parts.append(
            f'<path class="diamond" d="M{x:.1f} {y - 5:.1f}l5 5l-5 5l-5 -5z"/>'
            f'<text class="note" text-anchor="{anchor}" x="{x + shift:.1f}" y="{y + 4:.1f}">'
            f"{escape(text)}</text>"
        )

    def svg(self) -> Markup:
        """Return the chart as SVG."""
        bottom, right = HEIGHT - BOTTOM, WIDTH - RIGHT
        grid = [
            f'<line class="grid" x1="{LEFT}" x2="{right}" y1="{self._y(t):.1f}" '
            f'y2="{self._y(t):.1f}"/><text class="tick" text-anchor="end" x="{LEFT - 7}" '
            f'y="{self._y(t) + 4:.1f}">{escape(self.up.text(t))}</text>'
            for t in self.up.ticks
        ]
        grid += [
            f'<line class="grid" x1="{self._x(t):.1f}" x2="{self._x(t):.1f}" y1="{TOP}" '
            f'y2="{bottom}"/><text class="tick" text-anchor="middle" x="{self._x(t):.1f}" '
            f'y="{bottom + 16}">{escape(self.across.text(t))}</text>'
            for t in self.across.ticks
        ]
        titles = (
            f'<text class="axis" text-anchor="middle" x="{(LEFT + right) / 2}" '
            f'y="{HEIGHT - 8}">{escape(self.across.title)}</text>'
            f'<text class="axis" text-anchor="middle" transform="translate(13,'
            f'{(TOP + bottom) / 2}) rotate(-90)">{escape(self.up.title)}</text>'
        )
        body = "".join([*grid, *self.parts, titles])
        return Markup(  # noqa: S704 - every text in it was escaped above
            f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(self.title)}">'
            f"{body}</svg>"
        )

    def _x(self, value: float) -> float:
        return LEFT + self.across.place(value) * (WIDTH - LEFT - RIGHT)

    def _y(self, value: float) -> float:
        return HEIGHT - BOTTOM - self.up.place(value) * (HEIGHT - TOP - BOTTOM)


def round_ticks(low: float, high: float, number: int = 5) -> list[float]:
    """Return about `number` round values between two bounds."""
    span = high - low
    if span <= 0:
        return [low]
    rough = span / number
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * m for m in (1, 2, 5, 10) if power * m >= rough)
    first = math.ceil(low / step - 1e-9)
    return [round(i * step, 10) for i in range(first, math.floor(high / step + 1e-9) + 1)]


def log_ticks(low: float, high: float) -> list[float]:
    """Return the powers of ten between two bounds."""
    return [10.0**p for p in range(math.ceil(math.log10(low)), math.floor(math.log10(high)) + 1)]


def bounds(values: Iterable[float | None], *, least: float, most: float) -> tuple[float, float]:
    """Return the lowest and highest value without None, at least as wide as `least` to `most`."""
    there = [value for value in values if value is not None]
    return min([least, *there]), max([most, *there])
