"""What the API never passes on, whoever asks."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from api.state import ApiState
from ewarn.domain.event import Event
from ewarn.domain.kinds import PLANNED
from ewarn.store.event_queries import EventFilter, links_of


def withheld_sources(state: ApiState) -> tuple[str, ...]:
    """Sources whose terms forbid passing their rows on, switched on or off."""
    reported = (
        source.name
        for source in state.sources()
        if source.terms is not None and not source.terms.redistribute
    )
    return tuple(dict.fromkeys([*state.closed, *reported]))


def passable(
    state: ApiState,
    *,
    countries: Sequence[str] = (),
    regions: Sequence[str] = (),
    sources: Sequence[str] = (),
    kinds: Sequence[str] = (),
    ids: Sequence[str] = (),
    since: date | None = None,
    until: date | None = None,
) -> EventFilter:
    """The events asked for, without those that are never passed on."""
    return EventFilter(
        countries=tuple(countries),
        regions=tuple(regions),
        sources=tuple(sources),
        kinds=tuple(kinds),
        ids=tuple(ids),
        since=since,
        until=until,
        without_sources=withheld_sources(state),
        without_tag=PLANNED,
    )


def passable_links(state: ApiState, event: Event) -> EventFilter:
    """What other sources say of an event, without what is never passed on."""
    return replace(links_of(event, withheld_sources(state)), without_tag=PLANNED)
