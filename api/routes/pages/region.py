"""Route of the page of a region."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Annotated, Any
from urllib.parse import quote, urlsplit

import orjson
from fastapi import APIRouter, Path
from fastapi.responses import Response

from api.pages.own_api import address
from api.pages.views.region import EVENTS_SHOWN, RegionView, region_view
from api.pages.views.situation import is_old
from api.pages.wording import PageWording
from api.routes.pages.page_route import CurrentPage, SignedInRoute
from ewarn.domain.target import SERVED_TARGETS

router = APIRouter(tags=["page"], route_class=SignedInRoute)
Record = Mapping[str, Any]
_HEIGHT = 38.0  # of the highest bar of a series


@router.get("/regions/{id}", response_class=Response, include_in_schema=False)
async def show_region(page: CurrentPage, id: Annotated[str, Path()]) -> Response:
    """Return the page of a region."""
    seen = await region_view(page, id)
    return page.render("region.html.j2", _context(page, seen))


@router.get("/regions/{id}/brief", response_class=Response, include_in_schema=False)
async def show_brief(page: CurrentPage, id: Annotated[str, Path()]) -> Response:
    """Lead to the brief of a country as a page for printing, in the language of the reader."""
    path = f"/v1/regions/{quote(id)}/brief"
    return page.redirect(address(path, format="html", language=page.language, as_of=page.as_of))


def _context(page: CurrentPage, seen: RegionView) -> dict[str, Any]:
    words = PageWording(page.state, page.language)
    most = {each["signal"]: max(filter(None, each["counts"]), default=0) for each in seen.series}
    total = {each["signal"]: sum(filter(None, each["counts"])) for each in seen.series}
    return {
        "section": "situation",
        "seen": seen,
        "is_old": is_old(page, seen.score["origin"] if seen.score else ""),
        "targets": SERVED_TARGETS,
        "question": words.question(seen.target),
        "place_words": words.place,
        "points": words.points,
        "count": words.count,
        "driver_words": words.driver,
        "kind_words": words.kind,
        "health_words": words.health,
        "alert_state_words": words.alert_state,
        "host": _host,
        "events_shown": EVENTS_SHOWN,
        "strongest": max((abs(each["contribution"] or 0) for each in seen.drivers), default=0) or 1,
        "totals": {signal: (total[signal], most[signal]) for signal in most},
        "heights": {signal: _HEIGHT / max(value, 1) for signal, value in most.items()},
        "quiet": ", ".join(dict.fromkeys(map(words.kind, seen.quiet))),
        "probabilities": _probabilities(page, seen, words),
        "counts": _counts(seen.history, words),
        "links": _links(page, seen),
    }


def _probabilities(page: CurrentPage, seen: RegionView, words: PageWording) -> str:
    """Return the data of the chart of probabilities as JSON; empty without two of them."""
    known = [row for row in seen.history if row["probability"] is not None]
    if len(known) < 2:
        return ""
    cuts = asdict(page.state.rulebook.cuts[seen.target, seen.region.level])
    return _json(
        {
            "days": [_day(row) for row in known],
            "middle": [row["probability"] for row in known],
            "low": [row["low"] for row in known],
            "high": [row["high"] for row in known],
            "cuts": [{"name": words.band(name), "value": value} for name, value in cuts.items()],
            "words": words.chart(),
            "language": page.language,
        }
    )


def _counts(history: Sequence[Record], words: PageWording) -> str:
    """Return the data of the chart of counts as JSON; empty if nothing was expected."""
    known = [row for row in history if row["expected"] is not None]
    if len(known) < 2:
        return ""
    return _json(
        {
            "days": [_day(row) for row in known],
            "observed": [row["observed"] for row in known],
            "expected": [row["expected"] for row in known],
            "upper": [row["upper"] for row in known],
            "words": words.chart(),
            "language": words.language,
        }
    )


def _day(row: Record) -> str:
    """Return the day of a score: an interim one is newer than its Monday."""
    return str(row["as_of"] if row["interim"] else row["origin"])[:10]


def _json(content: Any) -> str:
    return orjson.dumps(content).decode().replace("<", "\\u003c")


def _host(url: str | None) -> str:
    return urlsplit(url).netloc if url else ""


def _links(page: CurrentPage, seen: RegionView) -> list[tuple[str, str]]:
    asked = {"region": seen.region.id, "target": seen.target.value, "as_of": page.as_of}
    series = f"/v1/regions/{seen.region.id}/series"
    return [
        (page.gettext("scores as CSV"), address("/v1/scores/history", **asked, format="csv")),
        (
            page.gettext("events as CSV"),
            address("/v1/events", region=seen.region.id, as_of=page.as_of, format="csv"),
        ),
        (page.gettext("series as JSON"), address(series, as_of=page.as_of)),
    ]
