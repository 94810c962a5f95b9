"""What an answer rests on: which sources are unhealthy, and whether anything was read and scored.

All lists, alerts, pages, briefs and messages get this information from here.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from ewarn.domain.source import Health
from ewarn.notify.messages.source_notices import joined, nothing_yet_words, unhealthy_words
from ewarn.pipeline.intake.health import RecordedSources, judged
from ewarn.pipeline.intake.source_news import HEALTHY
from ewarn.pipeline.service import Service
from ewarn.store.database.cuts import Cut
from ewarn.store.intake import health_changes
from ewarn.store.scores import score_age


@dataclass(frozen=True, slots=True)
class UnhealthySource:
    """An unhealthy source.

    `since` is the time of the newest data read of it (None: never). `turned_at` is when it became
    unhealthy, if that is known.
    """

    source: str
    health: Health
    since: datetime | None
    turned_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Footing:
    """The state of the sources that an answer rests on.

    `turned_at` is the last moment at which that state changed, as far as it is known. `until` is
    the next moment at which time alone can change it (None: never).
    """

    unwell: tuple[UnhealthySource, ...]
    is_read: bool
    is_scored: bool
    turned_at: datetime | None
    until: datetime | None = field(default=None, compare=False, repr=False)

    def notice(self, language: str = "en") -> str:
        """Return the notice about these sources in a language; empty if all are healthy."""
        unhealthy = [(each.source, each.health, each.since) for each in self.unwell]
        nothing = nothing_yet_words(
            is_read=self.is_read, is_scored=self.is_scored, language=language
        )
        return joined((nothing, unhealthy_words(unhealthy, language)), language)


def footing(
    connection: Connection,
    service: Service,
    countries: Collection[str],
    now: datetime,
    licences: Collection[str] = (),
) -> Footing:
    """Return what answers on some countries rest on, as of a moment.

    It names the sources that are polled and those that scores rest on. It never names a source that
    a reader with the given licences may not read, nor one that never covered these countries.

    Args:
        countries: Country codes; empty means all countries.
        licences: The licences that the reader carries.
    """

    def readable(names: Collection[str]) -> list[str]:
        return sorted(name for name in names if _may_be_named(service, name, licences))

    scored = readable(score_age.newest_origins(connection, Cut.at(now)))
    known = readable({*service.sources, *scored})
    recorded = RecordedSources.of(connection, known, now)
    read = readable(recorded.last)
    names = [name for name in known if recorded.covers(name, countries)]
    found = []
    ends = []
    for name in names:
        state = judged(connection, name, service.sources.get(name), recorded)
        ends.append(state.until)
        if state.health not in HEALTHY:
            found.append(UnhealthySource(name, state.health, state.since, state.turned_at))
    turns = [each.turned_at for each in found]
    last = health_changes.last_changes(connection, now)
    turns += [last[name].at for name in names if name in last]
    return Footing(
        unwell=tuple(found),
        is_read=bool(read or scored),
        is_scored=bool(scored),
        turned_at=max((each for each in turns if each is not None), default=None),
        until=min((each for each in ends if each is not None), default=None),
    )


def _may_be_named(service: Service, name: str, licences: Collection[str]) -> bool:
    terms = service.terms_of(name)
    return terms is None or terms.lets_read(licences)
