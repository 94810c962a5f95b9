"""Turn the facts of each kind of news into the values of its template and its priority."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from ewarn.domain.alert import WARNINGS, ChangeKind
from ewarn.domain.notification import About
from ewarn.domain.source import Health
from ewarn.domain.target import Band, Basis, Target
from ewarn.domain.time import WEEK
from ewarn.languages.catalogues import translation
from ewarn.languages.formats import colon, day_words, moment_words, percent, semicolon
from ewarn.notify.messages.labels import (
    band_words,
    change_words,
    heading,
    health_words,
    target_words,
)
from ewarn.notify.messages.sparkline import sparkline

Facts = Mapping[str, Any]

NEUTRAL = "#44546a"
_COLOURS = {  # each has a contrast of at least 4.5:1 on white
    Band.CRITICAL: "#7a0019",
    Band.HIGH: "#b3261e",
    Band.ELEVATED: "#a35200",
    Band.GUARDED: "#6f6500",
    Band.LOW: "#2f6b3a",
}
_OVER = (ChangeKind.CLOSED, ChangeKind.WITHDRAWN)


@dataclass(frozen=True, slots=True)
class ItemContent:
    """What a message says of one notification, in one language, and how it is arranged.

    Items with a greater `priority` come first. Of equal ones, those of whole countries and then
    those of lethal force come first.
    """

    values: Mapping[str, Any]  # for the template
    group: str  # the heading it stands under
    priority: int
    place: str = ""  # the region or the source
    mention: str = ""  # a few words for the subject; empty if the headline is short enough
    step: str = ""  # what happened, in a few words
    colour: str = NEUTRAL
    is_over: bool = False
    is_illustration: bool = False
    is_national: bool = False  # an alert of a whole country
    is_lethal: bool = False  # an alert on lethal force
    course: tuple[float | None, ...] = ()  # probabilities of the last weeks, the oldest first
    region: str = ""  # the name of a subdivision; empty for a whole country
    in_short: str = ""  # the item in one line; empty if the headline is enough


def _alert(facts: Facts, language: str) -> ItemContent:
    band, kind, target = Band(facts["level"]), ChangeKind(facts["change"]), Target(facts["target"])
    chance, low, high = (facts.get(name) for name in ("probability", "low", "high"))
    level, change = band_words(band, language), change_words(kind, language)
    is_over, is_shown = kind in _OVER, facts.get("basis") == Basis.ILLUSTRATION
    probability = "" if chance is None else percent(chance, language)
    interval = ""
    if low is not None and high is not None:
        interval = f"{percent(low, language)} – {percent(high, language)}"
    place, country = facts["region_name"], facts["country_name"]
    is_country = facts["region"] == facts["country"]
    if not is_country:
        place = f"{place}, {country}"
    course = tuple(facts.get("course") or ())
    values = {
        "mark": "[illustration] " if is_shown else "",
        "region": place,
        "change": change,
        "level": level,
        "target": target_words(target, language),
        "weeks": facts["horizon_weeks"],
        "origin": _day(facts["origin"], language),
        "course": sparkline(course),
        "rose": _rose(course, facts, language),
        "interim": _moment(at, language) if (at := facts.get("interim_at")) else "",
        "probability": probability,
        "interval": interval,
        "reason": facts["reason"],
        "drivers": facts["drivers"],
        "semicolon": semicolon(language),
        "completeness": percent(facts["completeness"], language),
        "suggestion": facts["suggestion"],
        "notice": facts["notice"],
    }
    name = place if is_country else f"{facts['region_name']} ({country})"
    step = ", ".join(part for part in (change, level, probability) if part)
    return ItemContent(
        values=values,
        group=country,
        priority=2
        if is_over
        else 10 + band.rank + (10 if kind in WARNINGS - {ChangeKind.REMAINED} else 0),
        is_national=is_country,
        is_lethal=target is Target.FORCE,
        place=place,
        mention=f"{name} {change if band is Band.UNCALIBRATED else level}",
        step=step,
        colour=_COLOURS.get(band, NEUTRAL),
        is_over=is_over,
        is_illustration=is_shown,
        course=course,
        region="" if is_country else facts["region_name"],
        in_short=f"{place}{colon(language)}{step} ({values['target']})",
    )


def _rose(course: tuple[float | None, ...], facts: Facts, language: str) -> str:
    """Return from which lowest value of the weeks before, and since when, a probability rose.

    Empty if it is not above that value.
    """
    past = [(value, -back) for back, value in enumerate(reversed(course)) if value is not None]
    if len(past) < 2 or course[-1] is None:
        return ""
    lowest, back = min(past[1:])
    if lowest >= course[-1]:
        return ""
    newest = date.fromisoformat(facts["origin"]) + (WEEK if facts.get("interim_at") else 0 * WEEK)
    day = newest + back * WEEK
    message = translation(language).gettext("up from %(probability)s on %(day)s")
    return message % {"probability": percent(lowest, language), "day": day_words(day, language)}


def _day(day: str, language: str) -> str:
    return day_words(date.fromisoformat(day), language)


def _moment(moment: str, language: str) -> str:
    return moment_words(datetime.fromisoformat(moment), language)


def _source(facts: Facts, language: str) -> ItemContent:
    health = Health(facts["health"])
    state = health_words(health, language)
    values = {
        "source": facts["source"],
        "health": state,
        "since": _moment(facts["since"], language),
        "reason": facts["reason"],
        "countries": facts["countries"],
        "is_unhealthy": health is not Health.OK,
    }
    return ItemContent(
        values=values,
        group=heading(About.SOURCE, language),
        priority=3 if health is Health.OK else 8,
        place=facts["source"],
        mention=f"{facts['source']} {state}",
        step=state,
    )


def _follow_up(facts: Facts, language: str) -> ItemContent:
    country, kind = facts["country_name"], _overdue(facts["kind"], language)
    values = {
        "country": country,
        "kind": kind,
        "title": facts["title"],
        "due_on": _day(facts["due_on"], language),
        "days_overdue": facts.get("days_overdue"),
        "owner": facts.get("owner"),
    }
    group = f"{country}{colon(language)}{heading(About.FOLLOW_UP, language)}"
    return ItemContent(values, group, priority=5, mention=f"{country}{colon(language)}{kind}")


def _overdue(kind: str, language: str) -> str:
    gettext = translation(language).gettext
    return {
        "recommendation": gettext("recommendation overdue"),
        "review": gettext("review overdue"),
    }[kind]


def _endpoint(facts: Facts, language: str) -> ItemContent:
    values = {
        "address": facts["address"],
        "channel": facts["channel"],
        "since": _moment(facts["since"], language),
        "reason": facts["reason"],
    }
    return ItemContent(
        values, heading(About.ENDPOINT, language), priority=9, mention=facts["address"]
    )


def _verify(facts: Facts, language: str) -> ItemContent:
    values = {
        "code": facts["code"],
        "subscription": facts["subscription_id"],
        "expires_at": _moment(facts["expires_at"], language),
    }
    return ItemContent(values, heading(About.VERIFY, language), priority=20)


def _test(_: Facts, language: str) -> ItemContent:
    return ItemContent({}, heading(About.TEST, language), priority=0)


CONTENT_BUILDERS: Mapping[About, Callable[[Facts, str], ItemContent]] = {
    About.ALERT: _alert,
    About.SOURCE: _source,
    About.FOLLOW_UP: _follow_up,
    About.ENDPOINT: _endpoint,
    About.VERIFY: _verify,
    About.TEST: _test,
}
