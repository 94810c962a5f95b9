"""What the API does not pass on, to anybody or to keys without a required licence."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from api.serving.access import Reader
from api.serving.state import ApiState, ReportedSource
from ewarn.domain.event import Event
from ewarn.domain.kinds import PLANNED
from ewarn.domain.region import Level
from ewarn.domain.source import PROTECTED
from ewarn.store.events.event_queries import EventFilter, links_of


def readers_of(state: ApiState, reader: Reader) -> tuple[str, ...]:
    """Return the groups of readers whose alerts and messages a key may read.

    These are everybody (the empty text) and the holders of those licences of the key that a source
    requires now.
    """
    stated = {terms.readers for terms in state.terms.values()}
    return ("", *sorted(reader.key.licences & stated))


def unreadable_sources(state: ApiState, reader: Reader) -> frozenset[str]:
    """Return the sources that a key may not read at all: no score, no alert, no count."""
    known = state.terms.items()
    return frozenset(name for name, terms in known if not terms.lets_read(reader.key.licences))


def listed_sources(state: ApiState, reader: Reader) -> list[ReportedSource]:
    """Return the sources that a key may know about.

    A source that requires a licence is hidden from keys without it. A source that is closed to
    everybody is listed, with its terms.
    """
    return [
        source
        for source in state.sources()
        if source.terms is None
        or not source.terms.readers
        or source.terms.readers in reader.key.licences
    ]


def uncounted_sources(state: ApiState, reader: Reader) -> tuple[str, ...]:
    """Return the sources whose counts a key does not see.

    They require a licence that the key lacks, or their terms forbid passing data on.
    """
    return tuple(
        name
        for name, terms in state.terms.items()
        if not terms.lets_read(reader.key.licences) or not (terms.redistribute or terms.readers)
    )


def withheld_sources(state: ApiState, reader: Reader) -> tuple[str, ...]:
    """Return the sources whose rows a key does not see.

    These include the protected sources, an office's own reports, whose rows are shown to no key.
    """
    uncounted = uncounted_sources(state, reader)
    kept = [name for name in state.terms if name in PROTECTED]
    return tuple(dict.fromkeys([*uncounted, *kept]))


def passable(
    state: ApiState,
    reader: Reader,
    *,
    countries: Sequence[str] = (),
    regions: Sequence[str] = (),
    sources: Sequence[str] = (),
    kinds: Sequence[str] = (),
    ids: Sequence[str] = (),
    since: date | None = None,
    until: date | None = None,
    level: Level | None = None,
) -> EventFilter:
    """Return the filter for the events of a request, without those that the key may not see."""
    since, until = reader.days(since, until)
    return EventFilter(
        countries=tuple(countries),
        regions=tuple(regions),
        sources=tuple(sources),
        kinds=tuple(kinds),
        ids=tuple(ids),
        since=since,
        until=until,
        level=level,
        without_sources=withheld_sources(state, reader),
        without_tag=PLANNED,
    )


def passable_links(state: ApiState, reader: Reader, event: Event) -> EventFilter:
    """Return the filter for reports of other sources on an event.

    Events that the key may not see are left out.
    """
    links = links_of(event, withheld_sources(state, reader))
    since, until = reader.days(links.since, links.until)
    return replace(links, without_tag=PLANNED, since=since, until=until)
