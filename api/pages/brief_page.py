"""The brief of a country as a page for printing: one A4 sheet.

It uses no scripts, no map tiles and no addresses other than our own. All its content comes from the
record of the brief.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any

from babel.dates import format_date
from shapely.geometry.base import BaseGeometry

from api.pages.rendering import template
from ewarn.domain.target import Basis, Target
from ewarn.languages.catalogues import ENGLISH, translation
from ewarn.languages.formats import colon, day_words, percent, semicolon
from ewarn.ports import WholeGazetteer

Record = Mapping[str, Any]

_SPACE = "\u00a0"  # a no-break space
_TOLERANCE = 0.01  # degrees
_MAP = (300.0, 340.0)  # largest width and height, in units of the drawing
_EDGE = 4.0
_MOST_NAMED = 14  # subdivisions; with more, the names would overlap
_BARS = (212.0, 46.0)
_LINES = {
    "guarded": "M1 1h.01",
    "elevated": "M-1 5L5 -1M3 9L9 3",
    "high": "M0 4h8M4 0v8",
    "critical": "M0 0L8 8M8 0L0 8M4 -2v12",
    "uncalibrated": "M0 4h8",
    "unscored": "M-1 9L9 -1",
}


@dataclass(frozen=True, slots=True)
class DrawnRegion:
    """A subdivision on the map: its outline, its band, and the place of its name."""

    outline: str
    band: str
    name: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Drawing:
    """The map of a country."""

    width: float
    height: float
    shapes: tuple[DrawnRegion, ...]
    named: bool


@dataclass(frozen=True, slots=True)
class Bars:
    """A weekly series as bars: (x, y, height) of each, and the x of weeks without observation."""

    words: str
    most: int
    bars: tuple[tuple[float, float, float], ...]
    unseen: tuple[float, ...]
    width: float


def page(brief: Record, places: WholeGazetteer, version: str) -> str:
    """Return the HTML page of a brief, in the language of the brief."""
    language = brief["language"]
    series = brief["series"]
    return template("brief.html.j2").render(
        brief=brief,
        language=language,
        colon=colon(language).rstrip().replace(" ", _SPACE),
        semicolon=semicolon(language).replace(" ;", f"{_SPACE};"),
        topics=_topics(language),
        targets=_targets(language),
        map=_map(brief, places),
        bars=[_bars(item) for item in series["series"]] if series else [],
        alerts=_by_region(brief["alerts"]),
        lines=_LINES,
        day=partial(_day, language),
        short=partial(_short_day, language),
        percent=partial(_percent, language),
        size=_BARS,
        # Rows selected by hand allow no shares; the page says so.
        by_hand=any(score["basis"] is Basis.ILLUSTRATION for score in brief["scores"]),
        version=version,
    )


def _by_region(alerts: Sequence[Record]) -> dict[str, list[Record]]:
    found: dict[str, list[Record]] = {}
    for alert in alerts:
        found.setdefault(alert["region_name"], []).append(alert)
    return found


def _topics(language: str) -> Mapping[str, str]:
    """Return short names of the topics that a vote can have."""
    gettext = translation(language).gettext
    return {"election": gettext("election"), "referendum": gettext("referendum")}


def _targets(language: str) -> Mapping[str, str]:
    """Return short names of the targets that most alerts have."""
    pgettext = translation(language).pgettext
    return {
        Target.FORCE: pgettext("alert of", "force"),
        Target.ESCALATION: pgettext("alert of", "escalation"),
    }


def _day(language: str, moment: date | datetime | None) -> str:
    # British English writes the day before the month.
    locale = "en_GB" if language == ENGLISH else language
    return "" if moment is None else format_date(moment, "long", locale=locale)


def _short_day(language: str, moment: date | datetime | None) -> str:
    return "" if moment is None else day_words(moment, language)


def _percent(language: str, share: float | None) -> str:
    return "–" if share is None else percent(share, language).replace(" ", _SPACE)


def _map(brief: Record, places: WholeGazetteer) -> Drawing | None:
    """Return the map of the country's subdivisions by band; None if there is no outline."""
    bands = {item["region"]: str(item["band"]) for item in brief["subdivisions"]}
    own = [region for region in places.regions(countries=[brief["country"]]) if region.parent]
    outlines = {region.id: places.outline(region.id).simplify(_TOLERANCE) for region in own}
    whole = places.outline(brief["country"])
    if whole.is_empty:
        return None
    west, south, east, north = whole.bounds
    shrink = math.cos(math.radians((south + north) / 2))
    wide, high = max((east - west) * shrink, 1e-6), max(north - south, 1e-6)
    scale = min((_MAP[0] - 2 * _EDGE) / wide, (_MAP[1] - 2 * _EDGE) / high)

    def place(longitude: float, latitude: float) -> tuple[float, float]:
        x = _EDGE + (longitude - west) * shrink * scale
        return round(x, 1), round(_EDGE + (north - latitude) * scale, 1)

    shapes = []
    for region in own:
        x, y = place(region.longitude, region.latitude)
        outline = "".join(_path(ring, place) for ring in _rings(outlines[region.id]))
        name = region.name_in(brief["language"])
        shapes.append(DrawnRegion(outline, bands.get(region.id, "unscored"), name, x, y))
    return Drawing(
        width=round(wide * scale + 2 * _EDGE, 1),
        height=round(high * scale + 2 * _EDGE, 1),
        shapes=tuple(shapes),
        named=len(shapes) <= _MOST_NAMED,
    )


def _rings(shape: BaseGeometry) -> Iterator[Sequence[tuple[float, float]]]:
    for polygon in getattr(shape, "geoms", [shape]):
        if not polygon.is_empty:
            yield polygon.exterior.coords
            yield from (ring.coords for ring in polygon.interiors)


def _path(ring: Sequence[tuple[float, float]], place: Any) -> str:
    points = (place(point[0], point[1]) for point in ring)
    return "M" + "L".join(f"{x} {y}" for x, y in points) + "Z"


def _bars(series: Record) -> Bars:
    counts: Sequence[int | None] = series["counts"]
    width = _BARS[0] / max(len(counts), 1)
    most = max((count for count in counts if count), default=0)
    scale = (_BARS[1] - 2) / max(most, 1)
    return Bars(
        words=series["words"],
        most=most,
        bars=tuple(
            (round(at * width, 2), round(_BARS[1] - count * scale, 2), round(count * scale, 2))
            for at, count in enumerate(counts)
            if count
        ),
        unseen=tuple(round(at * width, 2) for at, count in enumerate(counts) if count is None),
        width=round(width, 2),
    )
