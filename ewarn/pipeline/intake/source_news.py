"""News of sources: people are notified once of each failure, and of the recovery from it."""

from datetime import datetime, timedelta

from sqlalchemy import Connection

from ewarn.domain.notification import About, News
from ewarn.domain.source import Health
from ewarn.notify.messages.payload_fields import source_facts
from ewarn.pipeline.intake import health
from ewarn.pipeline.service import Service
from ewarn.store.intake import health_changes
from ewarn.store.intake.health_changes import HealthChange

# A late source counts as healthy: it is read again before anybody is notified.
HEALTHY = frozenset({Health.OK, Health.LATE})
WITHOUT_NEWS = frozenset({Health.DISABLED})  # the operator has chosen this
RECOVERY_IS_NEWS_FOR = timedelta(days=1)
SETTLES_IN = timedelta(hours=2)  # a shorter failure is no news


def source_news(connection: Connection, service: Service, now: datetime) -> list[News]:
    """Store each turn of the health of polled sources, and return the news of them."""
    turns = health_changes.last_changes(connection)
    found = []
    for name, source in service.sources.items():
        if not service.is_scored(name):
            continue  # only the holder of the account may know its state
        status = health.status(connection, name, source, now)
        last = turns.get(name)
        if last is None or (last.health in HEALTHY) != (status.health in HEALTHY):
            change = HealthChange(name, status.health, status.reason, now)
            health_changes.add(connection, change)
            if last is None and change.health in HEALTHY:
                continue
            last = change
        item = _news(connection, service, last, now)
        if item is not None:
            found.append(item)
    return found


def unhealthy_sources(connection: Connection, now: datetime) -> frozenset[str]:
    """Return the sources that are unhealthy for so long that people were notified."""
    return frozenset(
        change.source
        for change in health_changes.last_changes(connection).values()
        if change.health not in HEALTHY | WITHOUT_NEWS and now >= change.at + SETTLES_IN
    )


def _news(
    connection: Connection, service: Service, change: HealthChange, now: datetime
) -> News | None:
    """Return the news of a change of health, or None if it is not news, or not yet."""
    if change.health in WITHOUT_NEWS:
        return None
    if change.health in HEALTHY and (
        now >= change.at + RECOVERY_IS_NEWS_FOR or not _was_news(connection, change)
    ):
        return None
    if change.health not in HEALTHY and now < change.at + SETTLES_IN:
        return None
    countries = _countries(connection, service, change.source, now)
    names = [service.places.get(code) for code in countries if code != "*"]
    return News(
        about=About.SOURCE,
        thread=f"source:{change.source}",
        occasion=change.at.isoformat(),
        countries=countries,
        readers=service.readers_of(change.source),
        facts=lambda language: source_facts(
            change.source,
            change.health,
            change.at,
            change.reason,
            [region.name_in(language) for region in names],
            language,
        ),
    )


def _was_news(connection: Connection, change: HealthChange) -> bool:
    """Return whether the failure that a turn ends lasted long enough for a notification."""
    changes = health_changes.of_source(connection, change.source)
    before = [each for each in changes if each.at < change.at]
    return (
        bool(before)
        and before[-1].health not in HEALTHY | WITHOUT_NEWS
        and change.at >= before[-1].at + SETTLES_IN
    )


def _countries(
    connection: Connection, service: Service, source: str, now: datetime
) -> tuple[str, ...]:
    covered = health.coverage(connection, source, service.sources.get(source), now)
    found = {item.country for item in covered}
    return ("*",) if not found or "*" in found else tuple(sorted(found))
