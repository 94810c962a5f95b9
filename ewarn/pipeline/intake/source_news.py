"""News of sources: one that falls ill, and is well again, is told once to all whom it concerns."""

from datetime import datetime, timedelta

from sqlalchemy import Connection

from ewarn.domain.notice import About, News
from ewarn.domain.source import Health
from ewarn.notify.payload_fields import source_facts
from ewarn.pipeline.intake import health
from ewarn.pipeline.service import Service
from ewarn.store.intake import health_changes
from ewarn.store.intake.health_changes import Turn

WELL = frozenset({Health.OK, Health.LATE})  # a late one is looked at again before anyone is woken
UNSAID = frozenset({Health.DISABLED})  # the operator's own choice
NEWS_FOR = timedelta(days=1)  # that a source is well again; who comes later need not hear it
SETTLES_IN = timedelta(hours=2)  # of illness, before it is told: a short one is no news


def source_news(connection: Connection, service: Service, now: datetime) -> list[News]:
    """What is new about the health of polled sources, each turn of it written down."""
    turns = health_changes.last_turns(connection)
    found = []
    for name, source in service.sources.items():
        if not service.is_scored(name):
            continue  # its state is its account holder's business
        status = health.status(connection, name, source, now)
        last = turns.get(name)
        if last is None or (last.health in WELL) != (status.health in WELL):
            turn = Turn(name, status.health, status.reason, now)
            health_changes.add(connection, turn)
            if last is None and turn.health in WELL:
                continue
            last = turn
        item = _news(connection, service, last, now)
        if item is not None:
            found.append(item)
    return found


def ill(connection: Connection, now: datetime) -> frozenset[str]:
    """Sources that are not well, which was told."""
    return frozenset(
        turn.source
        for turn in health_changes.last_turns(connection).values()
        if turn.health not in WELL | UNSAID and now >= turn.at + SETTLES_IN
    )


def _news(connection: Connection, service: Service, turn: Turn, now: datetime) -> News | None:
    """The news of a turn; None of one that is not told, or not yet."""
    if turn.health in UNSAID:
        return None
    if turn.health in WELL and (now >= turn.at + NEWS_FOR or not _was_told(connection, turn)):
        return None
    if turn.health not in WELL and now < turn.at + SETTLES_IN:
        return None
    countries = _countries(connection, service, turn.source, now)
    names = [service.places.get(code) for code in countries if code != "*"]
    return News(
        about=About.SOURCE,
        thread=f"source:{turn.source}",
        occasion=turn.at.isoformat(),
        countries=countries,
        readers=service.readers_of(turn.source),
        facts=lambda language: source_facts(
            turn.source,
            turn.health,
            turn.at,
            turn.reason,
            [region.name_in(language) for region in names],
            language,
        ),
    )


def _was_told(connection: Connection, turn: Turn) -> bool:
    """Whether the illness that a turn ends lasted long enough to be told."""
    changes = health_changes.of_source(connection, turn.source)
    before = [each for each in changes if each.at < turn.at]
    return (
        bool(before)
        and before[-1].health not in WELL | UNSAID
        and turn.at >= before[-1].at + SETTLES_IN
    )


def _countries(
    connection: Connection, service: Service, source: str, now: datetime
) -> tuple[str, ...]:
    covered = health.coverage(connection, source, service.sources.get(source), now)
    found = {item.country for item in covered}
    return ("*",) if not found or "*" in found else tuple(sorted(found))
