"""Queries for events: the version in force under a cut, with its version number."""

from collections.abc import Collection, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, case, func, literal, select

from ewarn.domain.event import DatePrecision, Event, LocationPrecision
from ewarn.domain.kinds import EventKind
from ewarn.domain.region import Level
from ewarn.store.database.cuts import Cut
from ewarn.store.database.id_lists import among
from ewarn.store.tables.events import event_version as table


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Conditions on events; empty tuples and None mean no condition.

    `since` and `until` are days of `occurred_on`, both included.
    """

    countries: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    without_sources: tuple[str, ...] = ()
    without_tag: str | None = None
    level: Level | None = None

    def clauses(self, columns: Any) -> list[ColumnElement[bool]]:
        """Return the SQL conditions on a selectable that has the columns of `event_version`."""
        clauses: list[ColumnElement[bool]] = []
        for column, values in (
            (columns.country, self.countries),
            (columns.region, self.regions),
            (columns.source, self.sources),
            (columns.kind, self.kinds),
            (columns.source_event_id, self.ids),
        ):
            if values:
                clauses.append(column.in_(values))
        if self.since is not None:
            clauses.append(columns.occurred_on >= self.since)
        if self.until is not None:
            clauses.append(columns.occurred_on <= self.until)
        if self.level is not None:
            is_country = columns.region == columns.country
            clauses.append(is_country if self.level is Level.COUNTRY else ~is_country)
        if self.without_sources:
            clauses.append(columns.source.not_in(self.without_sources))
        if self.without_tag is not None:
            tags = literal(";") + columns.tags + ";"
            clauses.append(~tags.contains(f";{self.without_tag};", autoescape=True))
        return clauses

    def matches(self, row: Row[Any] | Event, tags: Collection[str]) -> bool:
        """Return whether a version of an event, as a row or as an object, fulfils them."""
        return (
            (not self.countries or row.country in self.countries)
            and (not self.regions or row.region in self.regions)
            and (not self.sources or row.source in self.sources)
            and (not self.kinds or row.kind in self.kinds)
            and (not self.ids or row.source_event_id in self.ids)
            and (self.since is None or row.occurred_on >= self.since)
            and (self.until is None or row.occurred_on <= self.until)
            and (self.level is None or (row.region == row.country) is (self.level is Level.COUNTRY))
            and row.source not in self.without_sources
            and (self.without_tag is None or self.without_tag not in tags)
        )


LINKED_WITHIN = timedelta(days=1)


def current(
    connection: Connection,
    cut: Cut,
    wanted: EventFilter,
    *,
    limit: int | None = None,
) -> list[Event]:
    """Return the events in force under a cut, newest first, without deleted ones.

    It looks at every event that fulfils the conditions. For pages, use `event_pages.page`.

    Args:
        limit: The largest number of events; None for all.
    """
    any_version = select(table.c.source, table.c.source_event_id).where(
        *wanted.clauses(table.c), *cut.clauses(table)
    )
    keys = any_version.distinct().subquery()
    before = func.lag(table.c.content_hash).over(
        partition_by=(table.c.source, table.c.source_event_id),
        order_by=(table.c.known_at, table.c.recorded_at, table.c.id),
    )
    ordered = (
        select(table, before.label("before"))
        .join(
            keys,
            and_(
                table.c.source == keys.c.source,
                table.c.source_event_id == keys.c.source_event_id,
            ),
        )
        .where(*cut.clauses(table))
        .subquery()
    )
    new = case((ordered.c.before == ordered.c.content_hash, 0), else_=1)
    event = (ordered.c.source, ordered.c.source_event_id)
    arrival = (ordered.c.known_at, ordered.c.recorded_at, ordered.c.id)
    ranked = select(
        ordered,
        func.sum(new).over(partition_by=event).label("version"),
        func.row_number()
        .over(partition_by=event, order_by=[column.desc() for column in arrival])
        .label("age"),
    ).subquery()
    query = select(ranked).where(
        ranked.c.age == 1, ranked.c.deleted.is_(False), *wanted.clauses(ranked.c)
    )
    query = query.order_by(
        ranked.c.occurred_on.desc(), ranked.c.source, ranked.c.source_event_id
    ).limit(limit)
    return [_event(row) for row in connection.execute(query)]


def history(connection: Connection, source: str, source_event_id: str, cut: Cut) -> list[Event]:
    """Return all versions of one event under a cut, with tombstones and without restatements."""
    rows = connection.execute(
        select(table)
        .where(
            table.c.source == source,
            table.c.source_event_id == source_event_id,
            *cut.clauses(table),
        )
        .order_by(table.c.known_at, table.c.recorded_at, table.c.id)
    ).all()
    return [_event(row, number) for number, row in enumerate(_without_restatements(rows), start=1)]


def in_force(
    connection: Connection, keys: AbstractSet[tuple[str, str]], cut: Cut
) -> dict[tuple[str, str], Event]:
    """Return the version in force of some events under a cut, by source and id of the source.

    It may be a deletion. An event that was not known under the cut is missing.
    """
    versions: dict[tuple[str, str], list[Row[Any]]] = {}
    query = select(table).where(
        among(table.c.source, sorted({source for source, _ in keys})),
        among(table.c.source_event_id, sorted({id_ for _, id_ in keys})),
        *cut.clauses(table),
    )
    for row in connection.execute(query):
        versions.setdefault((row.source, row.source_event_id), []).append(row)
    found = {}
    for key in keys & versions.keys():
        rows = versions[key]
        rows.sort(key=lambda row: (row.known_at, row.recorded_at, row.id))
        found[key] = _event(rows[-1], sum(1 for _ in _without_restatements(rows)))
    return found


def last_day(connection: Connection, cut: Cut, wanted: EventFilter) -> date | None:
    """Return the latest day of the events in force under a cut; None if there are none.

    The search looks at the newest days first, because `current` over all events of a source is
    slow.
    """
    bounds = select(func.min(table.c.occurred_on), func.max(table.c.occurred_on)).where(
        *wanted.clauses(table.c), *cut.clauses(table)
    )
    first, last = connection.execute(bounds).one()
    days = 1
    while last is not None and days < 2 * ((last - first).days + 1):
        since = max(first, last - timedelta(days=days - 1))
        found = current(connection, cut, replace(wanted, since=since, until=last), limit=1)
        if found:
            return found[0].occurred_on
        days *= 2
    return None


def last_known(connection: Connection, source: str) -> dict[str, datetime]:
    """Return the newest `known_at` of each event of a source by id, also of withdrawn events."""
    query = (
        select(table.c.source_event_id, func.max(table.c.known_at))
        .where(table.c.source == source)
        .group_by(table.c.source_event_id)
    )
    return {str(id_): known_at for id_, known_at in connection.execute(query)}


def links_of(event: Event, without_sources: tuple[str, ...] = ()) -> EventFilter:
    """Return the filter that finds reports of other sources on what may be the same happening.

    These are events of the same kind in the same region, from the day before to the day after. A
    link is a question for a reader and never a merge: counts do not change because of it.
    """
    return EventFilter(
        regions=(event.region,),
        kinds=(event.kind.value,),
        since=event.occurred_on - LINKED_WITHIN,
        until=event.occurred_on + LINKED_WITHIN,
        without_sources=(event.source, *without_sources),
    )


def _without_restatements(rows: Sequence[Row[Any]]) -> Iterator[Row[Any]]:
    before = None
    for row in rows:
        if row.content_hash != before:
            yield row
        before = row.content_hash


def _event(row: Row[Any], version: int | None = None) -> Event:
    return Event(
        source=row.source,
        source_event_id=row.source_event_id,
        version=row.version if version is None else version,
        kind=EventKind(row.kind),
        occurred_on=row.occurred_on,
        ended_on=row.ended_on,
        date_precision=DatePrecision(row.date_precision),
        country=row.country,
        region=row.region,
        place=row.place,
        latitude=row.latitude,
        longitude=row.longitude,
        location_precision=LocationPrecision(row.location_precision),
        participants_low=row.participants_low,
        participants_high=row.participants_high,
        fatalities_low=row.fatalities_low,
        fatalities_high=row.fatalities_high,
        injured=row.injured,
        arrests=row.arrests,
        tags=tuple(row.tags.split(";")) if row.tags else (),
        summary=row.summary,
        source_url=row.source_url,
        deleted=row.deleted,
        known_at=row.known_at,
        known_at_estimated=row.known_at_estimated,
        recorded_at=row.recorded_at,
    )
