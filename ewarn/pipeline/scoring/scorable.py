"""Which sources are scored, and why the others are not."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from ewarn.domain.source import Coverage
from ewarn.domain.target import Basis
from ewarn.domain.time import WEEK, midnight, origin_at
from ewarn.pipeline.delivery.recipients import directory
from ewarn.pipeline.intake import health
from ewarn.pipeline.models.champions import serving
from ewarn.pipeline.scoring.score import NOT_TO_BE_SCORED, regions_covered
from ewarn.pipeline.scoring.scoring import WEEKS_OF_COMPLETENESS
from ewarn.pipeline.service import Service
from ewarn.ports import Model, NotScored
from ewarn.store.database.cuts import Cut
from ewarn.store.events import counts
from ewarn.store.intake import runs

# So many weeks of the past year are needed where a region is compared only with its own past.
WEEKS_FOR_A_BOUND = 8
_YEAR = 52 * WEEK


@dataclass(frozen=True, slots=True)
class ScoringOutlook:
    """Whether a source is scored at an origin, and why not, or with what limits (may be empty)."""

    source: str
    is_scored: bool
    reason: str


def known_sources(service: Service, connection: Connection) -> list[str]:
    """Return the names of sources that are switched on and of those known only from files."""
    covered = {item.source for item in runs.coverage(connection, Cut())}
    return sorted(covered | set(service.sources))


def sources_to_score(service: Service, now: datetime) -> list[str]:
    """Return every source that can be scored now: polled, imported, or read from a folder."""
    return [found.source for found in outlooks(service, now) if found.is_scored]


def outlooks(
    service: Service, now: datetime, *, origin: date | None = None
) -> list[ScoringOutlook]:
    """Return the outlook of each known source at an origin (default: the last one)."""
    at = origin or origin_at(now)
    with service.store.read() as connection:
        return [
            outlook(service, connection, name, now, at)
            for name in known_sources(service, connection)
        ]


def outlook(
    service: Service, connection: Connection, source: str, now: datetime, origin: date
) -> ScoringOutlook:
    """Return whether a source can be scored at an origin, as far as is known now."""
    polled = service.sources.get(source)
    declared = polled.not_scored if isinstance(polled, NotScored) else None
    if not service.is_scored(source):
        return ScoringOutlook(source, False, declared or NOT_TO_BE_SCORED)
    covered = health.coverage(connection, source, polled, now)
    if not regions_covered(service, covered, origin):
        return ScoringOutlook(source, False, declared or _unwatched(covered, origin))
    # A polled source that declares nothing else brings kinds that models read, sooner or later.
    is_plain = polled is not None and declared is None
    if is_plain and service.may_pool(source):
        return ScoringOutlook(source, True, "")
    models = serving(service, connection, source, Cut(midnight(origin), now))
    if not models:
        return ScoringOutlook(source, False, declared or "no model or detector is set up for it")
    if not is_plain and not _is_read(connection, models, now):
        return ScoringOutlook(source, False, declared or _unread(models))
    alone = not service.may_pool(source) and all(m.basis is Basis.UNCALIBRATED for m in models)
    limits = _limits(covered, origin) if alone else ""
    without_recipient = _without_recipient(service, connection, source, now)
    return ScoringOutlook(source, True, "; ".join(filter(None, (limits, without_recipient))))


def _without_recipient(service: Service, connection: Connection, source: str, now: datetime) -> str:
    """Return a sentence if nobody would be notified of a source's alerts, else an empty string."""
    readers = service.readers_of(source)
    known = directory(connection, service, now).all.values() if readers else ()
    if not readers or any(readers in each.licences for each in known):
        return ""
    return f"no recipient carries the licence {readers}, so nobody is told of it"


def _unwatched(covered: list[Coverage], origin: date) -> str:
    begun = [item for item in covered if item.first_week < origin]
    if not begun:
        return "it has observed no whole week so far"
    last = max(item.last_week for item in begun)
    return (
        f"its newest week watched began on {last}, more than {WEEKS_OF_COMPLETENESS} weeks before "
        f"{origin}: only a past day can be scored, with `ewarn score --origin`"
    )


def _is_read(connection: Connection, models: tuple[Model, ...], now: datetime) -> bool:
    wanted = {signal for model in models for signal in model.signals}
    return counts.holds(connection, Cut(recorded_by=now), sorted(wanted))


def _unread(models: tuple[Model, ...]) -> str:
    kinds = sorted({signal.split(":")[1] for model in models for signal in model.signals})
    return (
        "none of its events is of a kind and a week that is read: "
        f"{', '.join(kinds)}, dated to the day or the week"
    )


def _limits(covered: list[Coverage], origin: date) -> str:
    """Return what limits the scores of a source; empty if nothing does."""
    watched = weeks_watched(covered, origin)
    if watched >= WEEKS_FOR_A_BOUND:
        return ""
    return f"it was watched in {watched} of the past 52 weeks; a bound needs {WEEKS_FOR_A_BOUND}"


def weeks_watched(
    covered: Sequence[Coverage],
    origin: date,
    past: timedelta = _YEAR,
    *,
    only: Collection[date] | None = None,
) -> int:
    """Return the number of weeks before an origin in which a source was observed.

    The country with the most weeks counts.

    Args:
        past: How far to look back.
        only: Count only these weeks, if given.
    """
    weeks: dict[str, set[date]] = {}
    for item in covered:
        observed = weeks.setdefault(item.country, set())
        week = max(item.first_week, origin - past)
        while week <= min(item.last_week, origin - WEEK):
            observed.add(week)
            week += WEEK
    wanted = (each if only is None else each.intersection(only) for each in weeks.values())
    return max(map(len, wanted), default=0)
