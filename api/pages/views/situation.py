"""What the page of the situation shows: regions by level, what is new, and what stands."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from api.pages.own_api import OwnApi
from api.pages.page import WebPage
from api.pages.places import Choice, chosen_places
from api.pages.views.sources import consequence_of
from api.serving.problems import Problem
from ewarn.domain.region import Level
from ewarn.domain.target import SERVED_TARGETS, Band, Target
from ewarn.domain.time import DAY, WEEK, parse_day, week_of
from ewarn.languages import problem_details
from ewarn.languages.formats import colon
from ewarn.notify.messages.score_notices import old_from

Record = Mapping[str, Any]

FIRST_ROWS = 60  # of the table; a link shows all others
MOST = 1000  # items of a page of a list
_STATES = ("open", "acknowledged")


@dataclass(frozen=True, slots=True)
class Situation:
    """The situation of an office or country at a moment.

    Attributes:
        rows: The scores of one source, the most serious first.
        before: Probability a week before, by region.
        new: Alerts that were opened or raised in the last week.
        open: Other alerts that are open.
        standing: Alerts that nothing renewed for half a year.
        sources: The sources that have scores, the best first.
    """

    where: Choice
    target: Target
    level: Level
    rows: Sequence[Record]
    before: Mapping[str, float]
    new: Sequence[Record]
    open: Sequence[Record]
    standing: Sequence[Record]
    sources: Sequence[str]
    source: str
    notice: str
    waits: Sequence[str]

    @property
    def origin(self) -> str:
        """The Monday of the newest score; empty without scores."""
        return max((row["origin"] for row in self.rows if row["origin"]), default="")

    @property
    def is_calibrated(self) -> bool:
        """Whether the scores have probabilities."""
        return any(row["probability"] is not None for row in self.rows)

    @property
    def alerted(self) -> set[str]:
        """The regions with an open alert."""
        return {alert["region"] for alert in (*self.new, *self.open, *self.standing)}

    def change(self, row: Record) -> float | None:
        """Return by how much a probability changed in a week; None if one of them is missing."""
        before = self.before.get(row["region"])
        return None if before is None or row["probability"] is None else row["probability"] - before


async def situation(page: WebPage) -> Situation:
    """Read the situation that the address asks for.

    Raises:
        Problem: A parameter is wrong, or the key may not read scores.
    """
    target = one_of(page, "target", SERVED_TARGETS, Target.FORCE)
    level = one_of(page, "level", list(Level), Level.ADMIN1)
    api, as_of = page.api, page.as_of
    where = await chosen_places(page)
    wanted = {"target": target, "level": level, "as_of": as_of, **where.parameters}
    scores, alerts, sources = await asyncio.gather(
        api.whole("/v1/scores", limit=MOST, **wanted),
        api.items_if_allowed("/v1/alerts", state=_STATES, limit=MOST, **(wanted | {"level": ""})),
        api.items_if_allowed("/v1/sources", as_of=as_of, fields="source,baseline"),
    )
    items = scores["items"]
    names = sources_of(items)
    source = page.asked("source") if page.asked("source") in names else (names or [""])[0]
    rows = [row for row in items if row["id"] is None or source_of(row) == source]
    new, open_, standing = _sorted_alerts(alerts, page.moment.date())
    return Situation(
        where=where,
        target=target,
        level=level,
        rows=by_concern(rows),
        before=await _week_before(api, wanted, rows, source),
        new=new,
        open=open_,
        standing=standing,
        sources=names,
        source=source,
        notice=scores["notice"],
        waits=[_waits(page, each) for each in sources if _has_gaps(each)] if not names else [],
    )


def is_old(page: WebPage, origin: str | None) -> bool:
    """Return whether there should be a newer score than one of an origin."""
    return bool(origin) and old_from(parse_day(origin or "")) <= page.moment


def one_of(page: WebPage, name: str, known: Sequence[Any], default: Any) -> Any:
    """Return the value that a parameter names, or a default if it is not given.

    Raises:
        Problem: 422 if it is none of the known values.
    """
    text = page.asked(name)
    if not text:
        return default
    for value in known:
        if value.value == text.lower():
            return value
    listed = ", ".join(each.value for each in known)
    detail = problem_details.NONE_OF(name=name, text=repr(text[:40]), known=listed)
    raise Problem("invalid-parameter", detail)


def sources_of(items: Sequence[Record]) -> list[str]:
    """Return the sources of scores: combined ones first, then those with the newest scores."""
    best: dict[str, tuple[bool, str, int]] = {}
    for row in items:
        if row["id"] is not None:
            name = source_of(row)
            _, origin, number = best.get(name, (False, "", 0))
            best[name] = (len(row["sources"]) > 1, max(origin, row["origin"]), number + 1)
    return sorted(best, key=lambda name: (best[name], name), reverse=True)


def source_of(row: Record) -> str:
    """Return the name of the source of a score; a combined one has several, joined by `+`."""
    return "+".join(each["source"] for each in row["sources"])


async def _week_before(
    api: OwnApi, wanted: Mapping[str, Any], rows: Sequence[Record], source: str
) -> dict[str, float]:
    """Return the probability of each region a week before its newest origin."""
    newest = max((row["origin"] for row in rows if row["probability"] is not None), default=None)
    if newest is None:
        return {}
    day = (date.fromisoformat(newest) - timedelta(weeks=1)).isoformat()
    items = await api.items("/v1/scores/history", since=day, until=day, limit=MOST, **wanted)
    return {
        row["region"]: row["probability"]
        for row in items
        if row["probability"] is not None and source_of(row) == source
    }


def by_concern(rows: Sequence[Record]) -> list[Record]:
    """Return scores, the most serious first."""
    return sorted(rows, key=_concern, reverse=True)


def _concern(row: Record) -> tuple[Any, ...]:
    """Return how serious a row is: its level first, then its probability or count."""
    severity = row["severity"]
    return (
        Band(severity).rank if severity else -1,
        row["probability"] or 0.0,
        bool(row["exceeds_bound"]),
        row["observed"] or 0,
        row["id"] is not None,
    )


def _sorted_alerts(
    alerts: Sequence[Record], day: date
) -> tuple[list[Record], list[Record], list[Record]]:
    """Return alerts that are new in the last week, other open ones, and standing situations."""
    since = (day - WEEK).isoformat()
    standing = [each for each in alerts if each["situation"]]
    news = [each for each in alerts if not each["situation"]]
    new = [each for each in news if max(each["opened_on"] or "", each["warned_on"] or "") > since]
    kept = {each["id"] for each in new}
    others = [each for each in news if each["id"] not in kept]
    return _ordered(new), _ordered(others), _ordered(standing)


def _ordered(alerts: Sequence[Record]) -> list[Record]:
    """Return alerts, the most serious first."""

    def concern(alert: Record) -> tuple[int, float]:
        return Band(alert["band"]).rank, alert["probability"] or 0.0

    return sorted(alerts, key=concern, reverse=True)


def _has_gaps(source: Record) -> bool:
    """Return whether the past of a source is not read yet."""
    return bool(source["baseline"]) and not source["baseline"]["is_whole"]


def _waits(page: WebPage, source: Record) -> str:
    """Return what a source still waits for before it has scores."""
    past = source["baseline"]
    read = page.gettext(
        "%(read)s of %(wanted)s weeks of its past were read.",
        read=past["weeks_read"],
        wanted=past["weeks_wanted"],
    )
    return f"{source['source']}{colon(page.language)}{read} {consequence_of(page, past)}"


@dataclass(frozen=True, slots=True)
class Weeks:
    """The past weeks that can be chosen: Mondays from `first` to `last`, and the chosen one."""

    first: date
    last: date
    chosen: date

    @property
    def number(self) -> int:
        """How many weeks lie between the first and the last."""
        return (self.last - self.first) // WEEK

    @property
    def at(self) -> int:
        """Which of them is chosen, from 0."""
        return max(0, (self.chosen - self.first) // WEEK)

    @property
    def earlier(self) -> str:
        """The last day of the week before; empty if there is none."""
        day = self.chosen - DAY
        return day.isoformat() if day >= self.first else ""

    @property
    def later(self) -> str:
        """The last day of the week after; empty for now, as the newest week has not ended."""
        day = self.chosen + 2 * WEEK - DAY
        return day.isoformat() if self.chosen + WEEK < self.last else ""


async def weeks_of(page: WebPage) -> Weeks | None:
    """Return the weeks from the first score on; None if there is no score."""
    first = await page.api.get("/v1/scores/history", limit=1)
    begun = next((parse_day(row["recorded_at"][:10]) for row in first["items"]), None)
    if begun is None:
        return None
    last, chosen = week_of(page.state.clock().date()), week_of(page.moment.date())
    return Weeks(min(week_of(begun), last), last, chosen)
