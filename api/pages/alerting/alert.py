"""What the page of one alert shows: the alert, its story, its score, and what can be done."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from api.pages.alerting.silences import covers
from api.pages.page import WebPage
from ewarn.domain.alert import AlertState, ChangeKind

Record = Mapping[str, Any]

_MOST = 1000  # items of a list
_STANDING = (AlertState.OPEN, AlertState.ACKNOWLEDGED)


@dataclass(frozen=True, slots=True)
class AlertSeen:
    """One alert as a person sees it.

    Attributes:
        alert: The alert with its timeline.
        score: The score of its last change; None if the key may not read it.
        newest: The newest score of its place and target, of the same sources; None if there is none
            or the key may not read it.
        rule: Its rule as it is in force now; None if it is gone or the key may not see it.
        version: The text of the rule under which it opened.
        silences: The silences in force that cover it.
        messages: The messages with its news that the key may see; None if it may see none.
        deployments: The deployments that answer it; None if the key may not read them.
    """

    alert: Record
    score: Record | None
    newest: Record | None
    rule: Record | None
    version: Record | None
    silences: Sequence[Record]
    messages: Sequence[Record] | None
    deployments: Sequence[Record] | None

    @property
    def has_other_rule_now(self) -> bool:
        """Whether the rule was changed since the alert opened."""
        return bool(self.rule and self.version and self.rule["hash"] != self.version["hash"])

    @property
    def acts(self) -> tuple[str, ...]:
        """The acts that are possible in its state, the most urgent first."""
        state, opened = self.alert["state"], self.alert["opened_on"] is not None
        possible = {
            "acknowledge": state == AlertState.OPEN,
            "assess": opened,
            "silence": state in _STANDING,
            "close": state in _STANDING,
        }
        return tuple(act for act, is_possible in possible.items() if is_possible)


async def alert_seen(page: WebPage, id_: str) -> AlertSeen:
    """Read one alert and all that belongs to it.

    Raises:
        Problem: 404 if there is no such alert for the key.
    """
    api, as_of = page.api, page.as_of
    alert = await api.get(f"/v1/alerts/{quote(id_, safe='')}", as_of=as_of)
    (score, newest), (rule, version), silences, messages, deployments = await asyncio.gather(
        _scores(page, alert),
        _rules(page, alert),
        api.items_if_allowed("/v1/silences"),
        api.get_if_allowed("/v1/deliveries", alert=alert["id"], limit=_MOST),
        api.get_if_allowed("/v1/deployments", country=alert["country"], as_of=as_of, limit=_MOST),
    )
    return AlertSeen(
        alert=alert,
        score=score,
        newest=newest,
        rule=rule,
        version=version,
        silences=[each for each in silences if each["in_force"] and covers(each, alert)],
        messages=_chosen(messages, lambda each: _is_past(page, each["created_at"])),
        deployments=_chosen(deployments, lambda each: each["alert_id"] == alert["id"]),
    )


async def _scores(page: WebPage, alert: Record) -> tuple[Record | None, Record | None]:
    """Return the score of the last change of an alert, and the newest one of its place."""
    place = {"region": alert["region"], "target": alert["target"], "as_of": page.as_of}
    score, scores = await asyncio.gather(
        _found(page, "/v1/scores", alert["score_id"]),
        page.api.items_if_allowed("/v1/scores", **place),
    )
    return score, _newest(scores, score)


async def _rules(page: WebPage, alert: Record) -> tuple[Record | None, Record | None]:
    """Return the rule of an alert as it is in force now, and the text that opened it."""
    rules, version = await asyncio.gather(
        page.api.items_if_allowed("/v1/rules"), _found(page, "/v1/rules", _rule_hash(alert))
    )
    return next((each for each in rules if each["id"] == alert["rule"]), None), version


async def _found(page: WebPage, path: str, name: str) -> Record | None:
    """Return what has a name in a collection; None if it is not there for the key."""
    found: Record | None = await page.api.get_if_allowed(f"{path}/{name}") if name else None
    return found


def _chosen(answer: Any, is_meant: Callable[[Record], bool]) -> list[Record] | None:
    """Return some of the items of an answer; None if the key may not read it."""
    return None if answer is None else [each for each in answer["items"] if is_meant(each)]


def _newest(scores: Sequence[Record], score: Record | None) -> Record | None:
    """Return the newest score of the sources that another score rests on, or of any sources."""
    made = [each for each in scores if each["id"] is not None]
    same = [each for each in made if score is not None and _sources(each) == _sources(score)]
    return next(iter(same or made), None)


def _sources(score: Record) -> list[str]:
    return [each["source"] for each in score["sources"]]


def _is_past(page: WebPage, at: str) -> bool:
    return datetime.fromisoformat(at) <= page.moment


def _rule_hash(alert: Record) -> str:
    """Return the hash of the rule under which an alert opened, or else began."""
    timeline = alert["timeline"]
    opened = (each for each in timeline if each["kind"] == ChangeKind.OPENED)
    event = next(opened, timeline[0] if timeline else None)
    return event["rule_hash"] if event else ""
