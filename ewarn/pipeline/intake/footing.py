"""What an answer rests on: which sources are not well, and whether anything was read and scored.

The one place that says it, for lists, alerts, pages, briefs and messages.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from ewarn.domain.source import Health
from ewarn.notify.source_notices import nothing_yet_words, together, unwell_words
from ewarn.pipeline.intake.health import judged
from ewarn.pipeline.intake.source_news import WELL
from ewarn.pipeline.service import Service
from ewarn.store.database.cuts import Cut
from ewarn.store.intake import health_changes, runs
from ewarn.store.scores import score_age


@dataclass(frozen=True, slots=True)
class Unwell:
    """A source that is not well. `since` is the time of the newest thing read of it (None: never),
    `turned_at` when it ceased to be well, where that is known."""

    source: str
    health: Health
    since: datetime | None
    turned_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Footing:
    """How well the sources are that an answer rests on. `turned_at` is the last moment at which
    that became another, as far as it is known."""

    unwell: tuple[Unwell, ...]
    is_read: bool
    is_scored: bool
    turned_at: datetime | None

    def notice(self, language: str = "en") -> str:
        """What must be said of it, in a language; empty where all is well."""
        ill = [(each.source, each.health, each.since) for each in self.unwell]
        nothing = nothing_yet_words(
            is_read=self.is_read, is_scored=self.is_scored, language=language
        )
        return together((nothing, unwell_words(ill, language)), language)


def footing(
    connection: Connection,
    service: Service,
    countries: Collection[str],
    now: datetime,
    licences: Collection[str] = (),
) -> Footing:
    """The footing of answers on some countries (none named: all), as of a moment.

    It names the sources that are polled, and those that scores rest on; never one that who carries
    some `licences` may not read, nor one that never spoke of these countries.
    """

    def told(names: Collection[str]) -> list[str]:
        return sorted(name for name in names if _is_told(service, name, licences))

    scored = told(score_age.newest_origins(connection, Cut.at(now)))
    read = told(runs.latest_runs(connection, now))
    names = [
        name
        for name in told({*service.sources, *scored})
        if _speaks_of(connection, name, countries, now)
    ]
    found = []
    for name in names:
        state = judged(connection, name, service.sources.get(name), now)
        if state.health not in WELL:
            found.append(Unwell(name, state.health, state.since, state.turned_at))
    turns = [each.turned_at for each in found]
    last = health_changes.last_turns(connection, now)
    turns += [last[name].at for name in names if name in last]
    return Footing(
        unwell=tuple(found),
        is_read=bool(read or scored),
        is_scored=bool(scored),
        turned_at=max((each for each in turns if each is not None), default=None),
    )


def _is_told(service: Service, name: str, licences: Collection[str]) -> bool:
    terms = service.terms_of(name)
    return terms is None or terms.lets_read(licences)


def _speaks_of(
    connection: Connection, name: str, countries: Collection[str], now: datetime
) -> bool:
    """Whether a source covers any of some countries, as far as it said what it covers."""
    if not countries:
        return True
    said = runs.coverage(connection, Cut(recorded_by=now), sources=[name])
    covered = {item.country for item in said}
    return not covered or "*" in covered or not covered.isdisjoint(countries)
