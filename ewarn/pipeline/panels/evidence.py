"""The events behind a driver: found by a query, because a model never sees events."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import Connection

from ewarn.domain.event import Event
from ewarn.domain.kinds import signals_of
from ewarn.domain.score import Driver, Score
from ewarn.domain.source import PROTECTED
from ewarn.store.database.cuts import Cut
from ewarn.store.events.event_queries import EventFilter, current

IDS_NAMED = 20  # a driver names only its newest events


def with_event_ids(
    connection: Connection, scores: Sequence[Score], source: str, cut: Cut
) -> list[Score]:
    """Return the scores with the ids of the newest events of each driver under the same cut.

    Reports that people entrusted to an office are never named.
    """
    if source in PROTECTED:
        return list(scores)
    drivers = [driver for score in scores for driver in score.drivers]
    if not drivers:
        return list(scores)
    wanted = EventFilter(
        countries=tuple(sorted({score.country for score in scores if score.drivers})),
        sources=(source,),
        since=min(driver.first_week for driver in drivers),
    )
    by_signal: dict[str, list[Event]] = {}
    for event in current(connection, cut, wanted):
        for name in signals_of(source, event.kind, event.fatalities_low, event.tags):
            by_signal.setdefault(name, []).append(event)
    return [_with_ids(score, by_signal) if score.drivers else score for score in scores]


def _with_ids(score: Score, by_signal: Mapping[str, Sequence[Event]]) -> Score:
    drivers = tuple(
        replace(driver, event_ids=_ids(by_signal.get(driver.signal, ()), driver, score))
        for driver in score.drivers
    )
    return replace(score, drivers=drivers)


def _ids(events: Sequence[Event], driver: Driver, score: Score) -> tuple[str, ...]:
    end = driver.last_week + timedelta(days=6)
    named = [
        event.source_event_id
        for event in events
        if score.region in (event.region, event.country)
        and driver.first_week <= event.occurred_on <= end
    ]
    return tuple(named[:IDS_NAMED])
