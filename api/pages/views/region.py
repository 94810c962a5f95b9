"""What the page of a region shows: its scores over time, why, and what happened."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from api.pages.page import WebPage
from api.pages.views.situation import MOST, by_concern, one_of, source_of, sources_of
from api.serving.problems import Problem
from ewarn.domain.region import Region
from ewarn.domain.target import SERVED_TARGETS, Target
from ewarn.languages import problem_details

Record = Mapping[str, Any]

WEEKS = 104
DRIVERS_SHOWN = 8
EVENTS_SHOWN = 6
ALERTS_SHOWN = 12


@dataclass(frozen=True, slots=True)
class RegionView:
    """A region at a moment.

    Attributes:
        score: The newest score of one source, or the row that says why there is none; None if the
            key may not read scores.
        history: The scores of this source in the last two years, oldest first.
        drivers: What moved the score, with events.
        series: The weekly counts of the source, of the signals with an event or without a week.
        quiet: The signals of the source without any event.
        near: Scores of regions around it, or of the subdivisions of a country.
        brief: The brief of the country; None if the key may not read one.
    """

    region: Region
    target: Target
    sources: Sequence[str]
    source: str
    score: Record | None
    history: Sequence[Record]
    drivers: Sequence[Record]
    weeks: Sequence[str]
    series: Sequence[Record]
    quiet: Sequence[str]
    alerts: Sequence[Record]
    near: Sequence[Record]
    brief: Record | None

    @property
    def change(self) -> float | None:
        """By how much the probability changed since the origin before."""
        known = [row["probability"] for row in self.history[-2:]]
        return known[1] - known[0] if len(known) == 2 and None not in known else None

    @property
    def unobserved(self) -> Sequence[str]:
        """The weeks in which no signal of the source was observed."""
        missing = [
            all(not each["observed"][n] for each in self.series) for n in range(len(self.weeks))
        ]
        return [week for week, is_missing in zip(self.weeks, missing, strict=True) if is_missing]


async def region_view(page: WebPage, code: str) -> RegionView:
    """Read what is known of a region.

    Raises:
        Problem: 404 if the key does not cover the region; 422 if a parameter is wrong.
    """
    if page.reader is None:
        raise Problem("key-required", problem_details.SIGN_IN_FIRST())
    region = page.reader.region(page.state, code)
    target = one_of(page, "target", SERVED_TARGETS, Target.FORCE)
    asked = {"target": target, "as_of": page.as_of}
    api, path = page.api, "/v1/regions"
    scores, series, alerts, near, brief = await asyncio.gather(
        api.items_if_allowed("/v1/scores", region=region.id, **asked),
        api.get_if_allowed(f"{path}/{region.id}/series", weeks=WEEKS, as_of=page.as_of),
        api.items_if_allowed("/v1/alerts", region=region.id, as_of=page.as_of),
        _near(page, region, asked),
        api.get_if_allowed(
            f"{path}/{region.country}/brief", as_of=page.as_of, language=page.language
        ),
    )
    names = sources_of(scores)
    source = page.asked("source") if page.asked("source") in names else (names or [""])[0]
    own = [row for row in scores if row["id"] is None or source_of(row) == source]
    score = own[0] if own else None
    history, drivers = await asyncio.gather(
        _history(page, region, asked, score, source), _drivers(page, score)
    )
    shown, quiet = _series_of(series, source)
    return RegionView(
        region=region,
        target=target,
        sources=names,
        source=source,
        score=score,
        history=history,
        drivers=drivers,
        weeks=series["weeks"] if series else [],
        series=shown,
        quiet=quiet,
        alerts=sorted(alerts, key=lambda each: each["opened_on"] or "", reverse=True)[
            :ALERTS_SHOWN
        ],
        near=by_concern([row for row in near if row["id"] and source_of(row) == source]),
        brief=brief,
    )


async def _history(
    page: WebPage, region: Region, asked: Mapping[str, Any], score: Record | None, source: str
) -> list[Record]:
    if score is None or score["origin"] is None:
        return []
    first = date.fromisoformat(score["origin"]) - timedelta(weeks=WEEKS)
    items = await page.api.items(
        "/v1/scores/history", region=region.id, since=first, limit=MOST, **asked
    )
    own = [row for row in items if source_of(row) == source]
    # An interim score comes after the score of its Monday, which is in the history.
    return [*own, score] if score["interim"] else own


async def _drivers(page: WebPage, score: Record | None) -> list[Record]:
    if score is None or score["id"] is None:
        return []
    found = await page.api.items(f"/v1/scores/{score['id']}/drivers")
    return found[:DRIVERS_SHOWN]


def _series_of(series: Record | None, source: str) -> tuple[list[Record], list[str]]:
    """Return the series of a source that have anything to show, and the words of all others."""
    every = series["series"] if series else []
    own = [each for each in every if not source or each["source"] in source.split("+")]
    shown = [each for each in own if any(each["counts"])] or own[:1]
    return shown, [each["signal"] for each in own if each not in shown]


async def _near(page: WebPage, region: Region, asked: Mapping[str, Any]) -> list[Record]:
    """Return scores of the regions around one, or of the subdivisions of a country."""
    if region.parent is None:
        where: dict[str, Any] = {"country": region.id, "level": "admin1"}
    else:
        around = page.state.places.neighbours(region.id)
        seen = [each.id for each in around if page.reader and page.reader.sees_region(each)]
        if not seen:
            return []
        where = {"region": seen}
    return await page.api.items_if_allowed("/v1/scores", **where, **asked)
