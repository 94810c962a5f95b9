"""What the inbox of alerts shows: who has to act, who acts, and what only stands."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import parse_qs, urlsplit

from api.pages.page import WebPage
from api.pages.places import Choice, chosen_places
from api.pages.views.situation import one_of
from ewarn.domain.alert import AlertState
from ewarn.domain.region import Level
from ewarn.domain.target import SERVED_TARGETS, Band, Target

Record = Mapping[str, Any]

MOST = 1000  # items of a page of a list that is read whole
PAGE = 50  # items of a page of closed alerts
_STANDING = (AlertState.OPEN, AlertState.ACKNOWLEDGED)
_IN_PAGES = (AlertState.PENDING, AlertState.CLOSED)


@dataclass(frozen=True, slots=True)
class Inbox:
    """The alerts of an office or country at a moment.

    Attributes:
        state: The state that was chosen; None for alerts that are open or acknowledged.
        waiting: Open alerts that nobody acknowledged, the most serious and newest first.
        taken: Alerts that somebody acknowledged.
        standing: Alerts that nothing renewed for half a year.
        listed: One page of alerts that are pending or closed, those opened last first.
        following: The cursor of the next page; empty on the last one.
        answer: The answer of the API, with its notice.
        rules: The ids of the rules that can be chosen.
    """

    where: Choice
    target: Target | None
    level: Level | None
    rule: str
    state: AlertState | None
    waiting: Sequence[Record]
    taken: Sequence[Record]
    standing: Sequence[Record]
    listed: Sequence[Record]
    following: str
    answer: Record
    rules: Sequence[str]

    @property
    def is_paged(self) -> bool:
        """Whether alerts are shown in pages, and not in groups."""
        return self.state in _IN_PAGES

    @property
    def is_empty(self) -> bool:
        """Whether there is no alert for this choice."""
        return not (self.waiting or self.taken or self.standing or self.listed)


async def inbox(page: WebPage) -> Inbox:
    """Read the alerts that the address asks for.

    Raises:
        Problem: A parameter is wrong, or the key may not read alerts.
    """
    state = one_of(page, "state", [*AlertState], None)
    wanted = {
        "target": one_of(page, "target", SERVED_TARGETS, None),
        "level": one_of(page, "level", [*Level], None),
        "rule": page.asked("rule"),
    }
    where = await chosen_places(page)
    answer, rules = await asyncio.gather(
        _read(page, state, wanted | {"as_of": page.as_of, **where.parameters}),
        page.api.items_if_allowed("/v1/rules"),
    )
    grouped = [] if state in _IN_PAGES else answer["items"]
    return Inbox(
        where=where,
        **wanted,
        state=state,
        waiting=_ordered(grouped, AlertState.OPEN),
        taken=_ordered(grouped, AlertState.ACKNOWLEDGED),
        standing=_by_concern(each for each in grouped if each["situation"]),
        listed=answer["items"] if state in _IN_PAGES else [],
        following=_cursor(answer["next"]),
        answer=answer,
        rules=[each["id"] for each in rules],
    )


async def _read(page: WebPage, state: AlertState | None, wanted: Mapping[str, Any]) -> Any:
    """Return one page of the alerts in a state, or all alerts of the groups."""
    if state in _IN_PAGES:
        cursor = page.asked("cursor")
        return await page.api.get("/v1/alerts", state=state, limit=PAGE, cursor=cursor, **wanted)
    states = [state] if state else list(map(str, _STANDING))
    return await page.api.whole("/v1/alerts", state=states, limit=MOST, **wanted)


def days_open(alert: Record, day: date) -> int | None:
    """Return for how many whole days an alert has been open on a day, or was open at all."""
    last = alert["closed_on"] or (day.isoformat() if alert["state"] in _STANDING else None)
    if alert["opened_on"] is None or last is None:
        return None
    return (date.fromisoformat(last) - date.fromisoformat(alert["opened_on"])).days


def _ordered(alerts: Sequence[Record], state: AlertState) -> list[Record]:
    """Return the alerts in a state that are no standing situations, the most serious first."""
    return _by_concern(each for each in alerts if each["state"] == state and not each["situation"])


def _by_concern(alerts: Iterable[Record]) -> list[Record]:
    def concern(alert: Record) -> tuple[int, str, float]:
        newest = max(alert["opened_on"] or "", alert["warned_on"] or "")
        return Band(alert["band"]).rank, newest, alert["probability"] or 0.0

    return sorted(alerts, key=concern, reverse=True)


def _cursor(following: str | None) -> str:
    """Return the cursor in the address of the next page."""
    return parse_qs(urlsplit(following).query)["cursor"][0] if following else ""
