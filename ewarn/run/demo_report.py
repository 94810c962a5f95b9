"""What the demonstration says of its replay, read from the store it left."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from ewarn.domain.alert import WARNINGS, Alert, AlertEvent, Change, ChangeKind
from ewarn.domain.event import Event
from ewarn.domain.score import Score
from ewarn.domain.time import WEEK, midnight
from ewarn.languages.formats import percent
from ewarn.notify import labels
from ewarn.pipeline.service import Service
from ewarn.run.console import Voice
from ewarn.store.alerts import alerts
from ewarn.store.database.cuts import Cut
from ewarn.store.delivery import notices
from ewarn.store.events.event_queries import EventFilter, current

_COUNTRY = "TGO"
YEAR = 2017
_DRIVERS_NAMED = 3
_INDENT = " " * 12


def alert_line(service: Service, change: Change, score: Score) -> str:
    """One alert as it opened or rose: date, region, band, probability, drivers in words."""
    region = service.places.get(change.alert.region)
    place = region.name
    if region.parent is not None:
        place += f", {service.places.get(region.parent).name}"
    drivers = "; ".join(labels.driver_words(item) for item in score.drivers[:_DRIVERS_NAMED])
    chance = "" if score.probability is None else f" {percent(score.probability)}"
    return (
        f"{change.alert.last_origin}  {place}: {change.kind} {change.alert.band.value}{chance} "
        f"({labels.target_words(score.target)}, {score.horizon_weeks} weeks)"
        + (f"  because: {drivers}" if drivers else "")
    )


def say_alerts(service: Service, moment: datetime, voice: Voice) -> None:
    """The alerts of a replay that was played before, oldest first."""
    rows = [
        (alert.opened_on, alert.region, alert.target.value, alert.highest.value, alert.closed_on)
        for alert, _ in _with_timelines(service, moment)
    ]
    voice.table("Alerts", ("opened", "region", "target", "highest level", "closed"), rows)


def say_togo(service: Service, until: date, voice: Voice) -> None:
    """For Togo in 2017: when each alert opened or rose, who was told of it and in which words, and
    what stood in the chronicle then."""
    found = [
        (alert, timeline)
        for alert, timeline in _with_timelines(service, midnight(until))
        if alert.country == _COUNTRY
    ]
    rows = sorted(
        (event.at.date(), alert.region, alert.target.value, alert, event)
        for alert, timeline in found
        for event in timeline
        if event.kind in WARNINGS and event.at.year == YEAR
    )
    with service.store.read() as connection:
        sent = notices.messages_of(connection, [alert.id for alert, _ in found])
    voice.say("")
    voice.say(
        f"Togo {YEAR}: alerts, who was told of them, and what the chronicle held of the week before"
    )
    told: set[tuple[date, str]] = set()
    for day, region, target, alert, event in rows:
        chance = "" if event.probability is None else percent(event.probability)
        name = service.places.get(region).name
        change = f"{event.kind.value} {event.band.value}"
        voice.say(f"{day}  {name:<9} {target:<11} {change:<16} {chance}")
        for line in _told(sent, alert, day):
            voice.say(line)
        if (day, region) not in told:  # two targets may move in one week: say its events once
            voice.say(_chronicle(service, alert, day))
        told.add((day, region))


def _told(sent: Sequence[notices.Left], alert: Alert, day: date) -> list[str]:
    """Who was told of an alert on a day, and in which words."""
    mine = [each for each in sent if each.thread == alert.id and each.left_at.date() == day]
    said = [f"{_INDENT}told {each.recipient}: {each.subject}" for each in mine]
    return said or [f"{_INDENT}told nobody that day"]


def _chronicle(service: Service, alert: Alert, day: date) -> str:
    wanted = EventFilter(countries=(alert.country,), since=day - WEEK, until=day)
    with service.store.read() as connection:
        events = current(connection, Cut.at(midnight(day)), wanted)
    mine = [event for event in events if alert.region in (event.region, event.country)]
    return "\n".join(_line(event) for event in reversed(mine)) or f"{_INDENT}nothing"


def _line(event: Event) -> str:
    said = f"{event.occurred_on:%d %b} {event.kind.value}: {event.summary or event.place or ''}"
    return f"{_INDENT}{said}"


def result(service: Service, moment: datetime) -> dict[str, Any]:
    """The alerts of a replay as values, oldest first."""
    return {
        "alerts": [
            {
                "region": alert.region,
                "target": alert.target.value,
                "rule": alert.rule,
                "opened_on": alert.opened_on,
                "raised_on": [
                    event.at.date() for event in timeline if event.kind is ChangeKind.RAISED
                ],
                "surged_on": [
                    event.at.date() for event in timeline if event.kind is ChangeKind.SURGED
                ],
                "closed_on": alert.closed_on,
                "band": alert.highest.value,
                "probability": _highest(timeline),
            }
            for alert, timeline in _with_timelines(service, moment)
        ]
    }


def _highest(timeline: list[AlertEvent]) -> float | None:
    """The probability at the opening or raise that took the alert highest."""
    rising = [event for event in timeline if event.kind in WARNINGS]
    top = max(rising, key=lambda event: (event.band.rank, event.probability or 0))
    return top.probability


def _with_timelines(service: Service, moment: datetime) -> list[tuple[Alert, list[AlertEvent]]]:
    with service.store.read() as connection:
        found = alerts.find(connection, alerts.AlertFilter(), moment)
        return [(alert, alerts.timeline(connection, alert.id, moment)) for alert in reversed(found)]
