"""Routes of the first page, the situation, and of the outlines on its map."""

from dataclasses import asdict
from typing import Any

import orjson
from fastapi import APIRouter
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from api.pages.own_api import address
from api.pages.places import countries_of
from api.pages.views.outlines import outlines
from api.pages.views.situation import FIRST_ROWS, Situation, is_old, situation, weeks_of
from api.pages.wording import PageWording
from api.routes.pages.page_route import CurrentPage, SignedInRoute
from ewarn.domain.region import Level
from ewarn.domain.target import SERVED_TARGETS, Band

router = APIRouter(tags=["page"], route_class=SignedInRoute)
NEW_SHOWN = 12  # alerts above the map; the others can be opened
MOST_NAMED = 80  # countries in the address of the outlines; with more, all are shown
_LEVELS = [band for band in Band if band is not Band.UNCALIBRATED]


@router.get("/", response_class=Response, include_in_schema=False)
async def show_situation(page: CurrentPage) -> Response:
    """Return the situation; only what changes with new data for `part=fresh`."""
    seen = await situation(page)
    context = _context(page, seen)
    if page.asked("part") == "fresh":
        return page.render("situation_fresh.html.j2", context)
    return page.render("situation.html.j2", context | {"weeks": await weeks_of(page)})


def _context(page: CurrentPage, seen: Situation) -> dict[str, Any]:
    words = PageWording(page.state, page.language)
    begins = asdict(page.state.rulebook.cuts[seen.target, seen.level])
    return {
        "section": "situation",
        "seen": seen,
        "shown": seen.rows if page.asked("all") else seen.rows[:FIRST_ROWS],
        "new_shown": NEW_SHOWN,
        "alerted": seen.alerted,
        "is_calibrated": seen.is_calibrated,
        "is_old": is_old(page, seen.origin),
        "targets": SERVED_TARGETS,
        "bands": [{"name": each.value, "begins": begins.get(each.value)} for each in _LEVELS],
        "place_words": words.place,
        "points": words.points,
        "count": words.count,
        "question": words.question(seen.target),
        "outlines": address(
            "/page-outlines.json",
            country=_outlined(seen),
            level=seen.level.value,
            lang=page.language,
            version=page.state.version,
        ),
        "levels": _levels(seen),
        "links": _links(page, seen),
    }


def _levels(seen: Situation) -> str:
    """Return the level of each region as JSON, for the map."""
    levels = {row["region"]: row["severity"] or "unscored" for row in seen.rows}
    return orjson.dumps(levels).decode().replace("<", "\\u003c")


def _links(page: CurrentPage, seen: Situation) -> list[tuple[str, str]]:
    asked = {
        "target": seen.target.value,
        "level": seen.level.value,
        "as_of": page.as_of,
        **seen.where.parameters,
    }
    alerts = asked | {"level": "", "state": "open,acknowledged"}
    return [
        ("JSON", address("/v1/scores", **asked)),
        ("CSV", address("/v1/scores", **asked, format="csv")),
        ("XLSX", address("/v1/scores", **asked, format="xlsx")),
        (page.gettext("alerts as CSV"), address("/v1/alerts", **alerts, format="csv")),
    ]


@router.get("/page-outlines.json", response_class=Response, include_in_schema=False)
async def show_outlines(page: CurrentPage) -> Response:
    """Return the outlines of the map. They change only with the version of the service."""
    every = dict(countries_of(page))
    # A set, because a country that is named a thousand times is drawn once.
    asked = set(filter(None, page.asked("country").split(",")))
    shown = tuple(sorted(code for code in asked or every if code in every))
    level = Level.COUNTRY if page.asked("level") == Level.COUNTRY else Level.ADMIN1
    places: Any = page.state.places  # mypy does not see that it can be a key of the cache
    body = await run_in_threadpool(outlines, places, shown, level, page.language)
    headers = {"Cache-Control": "private, max-age=604800", "Vary": "Cookie, Accept-Language"}
    return Response(body, media_type="application/json", headers=headers)


def _outlined(seen: Situation) -> tuple[str, ...]:
    """Return the countries that the map must show: all of an office, or else those with scores."""
    scored = {row["country"] for row in seen.rows}
    shown = set(seen.where.covered) if seen.where.value else scored
    return tuple(sorted(shown)) if len(shown) <= MOST_NAMED else ()
