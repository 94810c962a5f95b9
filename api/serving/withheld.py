"""What the API does not pass on: to nobody, or to who lacks the licence that it asks for."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from api.serving.access import Reader
from api.serving.state import ApiState, ReportedSource
from ewarn.domain.event import Event
from ewarn.domain.kinds import PLANNED
from ewarn.domain.source import PROTECTED, Terms
from ewarn.store.events.event_queries import EventFilter, links_of


def terms_known(state: ApiState) -> Mapping[str, Terms]:
    """The terms of every source that has any, switched on or off."""
    reported = {source.name: source.terms for source in state.sources() if source.terms}
    return {**state.terms, **reported}


def readers_of(state: ApiState, reader: Reader) -> tuple[str, ...]:
    """What alerts and messages may be for that a key may read: everybody, or the holders of one of
    its licences that something is read under now."""
    stated = {terms.readers for terms in terms_known(state).values()}
    return ("", *sorted(reader.key.licences & stated))


def unreadable_sources(state: ApiState, reader: Reader) -> frozenset[str]:
    """Sources of which a key reads nothing: no score, no alert, no count."""
    known = terms_known(state).items()
    return frozenset(name for name, terms in known if not terms.lets_read(reader.key.licences))


def listed_sources(state: ApiState, reader: Reader) -> list[ReportedSource]:
    """The sources that a key may know of. One that asks for a licence is not there for who lacks
    it; one that is closed to everybody says so."""
    return [
        source
        for source in state.sources()
        if source.terms is None
        or not source.terms.readers
        or source.terms.readers in reader.key.licences
    ]


def uncounted_sources(state: ApiState, reader: Reader) -> tuple[str, ...]:
    """Sources whose counts a key does not see, and that are not told as they are."""
    return tuple(
        name
        for name, terms in terms_known(state).items()
        if not terms.lets_read(reader.key.licences) or not (terms.redistribute or terms.readers)
    )


def withheld_sources(state: ApiState, reader: Reader) -> tuple[str, ...]:
    """Sources whose rows a key does not see; those of an office's own reports nobody does."""
    uncounted = uncounted_sources(state, reader)
    kept = [name for name in terms_known(state) if name in PROTECTED]
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
) -> EventFilter:
    """The events asked for, without those that are not passed on to a key."""
    return EventFilter(
        countries=tuple(countries),
        regions=tuple(regions),
        sources=tuple(sources),
        kinds=tuple(kinds),
        ids=tuple(ids),
        since=since,
        until=until,
        without_sources=withheld_sources(state, reader),
        without_tag=PLANNED,
    )


def passable_links(state: ApiState, reader: Reader, event: Event) -> EventFilter:
    """What other sources say of an event, without what is not passed on to a key."""
    return replace(links_of(event, withheld_sources(state, reader)), without_tag=PLANNED)
