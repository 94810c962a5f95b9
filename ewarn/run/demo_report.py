"""The report of the demonstration, read from the database of its replay."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from ewarn.domain.alert import WARNINGS, Alert, AlertEvent, Change, ChangeKind
from ewarn.domain.event import Event
from ewarn.domain.score import Score
from ewarn.domain.time import WEEK, midnight
from ewarn.languages.formats import percent
from ewarn.notify.messages import labels
from ewarn.pipeline.service import Service
from ewarn.run.console import Voice
from ewarn.store.alerts import alerts
from ewarn.store.database.cuts import Cut
from ewarn.store.delivery import deliveries
from ewarn.store.delivery.deliveries import SentOfThread, messages_of
from ewarn.store.events.event_queries import EventFilter, current

_COUNTRY = "TGO"
YEAR = 2017
_DRIVERS_NAMED = 3
_INDENT = " " * 12


def alert_line(service: Service, change: Change, score: Score) -> str:
    """Describe an alert that opened or rose: date, region, band, probability and drivers."""
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
    """Print the alerts of a stored replay as a table, the oldest first."""
    rows = [
        (alert.opened_on, alert.region, alert.target.value, alert.highest.value, alert.closed_on)
        for alert, _ in _with_timelines(service, moment)
    ]
    voice.table("Alerts", ("opened", "region", "target", "highest level", "closed"), rows)


def say_togo(service: Service, until: date, voice: Voice) -> None:
    """Print when each alert for Togo opened or rose in 2017, with its notifications and events.

    The notifications are given by recipient and subject, the events as in the chronicle.
    """
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
        ids = [alert.id for alert, _ in found]
        sent = messages_of(deliveries.of_threads(connection, ids, midnight(until)))
    voice.say("")
    voice.say(f"Togo {YEAR}: alerts, who was notified, and the events of the week before")
    told: set[tuple[date, str]] = set()
    for day, region, target, alert, event in rows:
        chance = "" if event.probability is None else percent(event.probability)
        name = service.places.get(region).name
        change = f"{event.kind.value} {event.band.value}"
        voice.say(f"{day}  {name:<9} {target:<11} {change:<16} {chance}")
        for line in _told(sent, alert, day):
            voice.say(line)
        if (day, region) not in told:  # two targets may change in one week with the same events
            voice.say(_chronicle(service, alert, day))
        told.add((day, region))


def _told(sent: Sequence[SentOfThread], alert: Alert, day: date) -> list[str]:
    """Return lines that say who was notified of an alert on a day, with the subject."""
    mine = [each for each in sent if each.thread == alert.id and each.created_at.date() == day]
    said = [f"{_INDENT}notified {each.recipient}: {each.subject}" for each in mine]
    return said or [f"{_INDENT}nobody was notified on that day"]


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
    """Return the alerts of a replay as values for JSON, the oldest first."""
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
    """Return the probability at the change that brought the alert to its highest level."""
    rising = [event for event in timeline if event.kind in WARNINGS]
    top = max(rising, key=lambda event: (event.band.rank, event.probability or 0))
    return top.probability


def _with_timelines(service: Service, moment: datetime) -> list[tuple[Alert, list[AlertEvent]]]:
    with service.store.read() as connection:
        found = alerts.find(connection, alerts.AlertFilter(), moment)
        return [(alert, alerts.timeline(connection, alert.id, moment)) for alert in reversed(found)]
