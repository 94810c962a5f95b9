"""Reading events: the version in force under a cut, numbered by its rank."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, case, func, literal, or_, select

from ewarn.domain.event import DatePrecision, Event, LocationPrecision
from ewarn.domain.kinds import EventKind
from ewarn.store.database.cuts import Cut
from ewarn.store.tables.events import event_version as table


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Which events; empty tuples and None mean all. Days are of `occurred_on`, both included."""

    countries: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    without_sources: tuple[str, ...] = ()
    without_tag: str | None = None

    def clauses(self, columns: Any) -> list[ColumnElement[bool]]:
        """The conditions on a selectable with the columns of a version."""
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
        if self.without_sources:
            clauses.append(columns.source.not_in(self.without_sources))
        if self.without_tag is not None:
            tags = literal(";") + columns.tags + ";"
            clauses.append(~tags.contains(f";{self.without_tag};", autoescape=True))
        return clauses


LINKED_WITHIN = timedelta(days=1)

Position = tuple[date, str, str]  # occurred_on, source, source_event_id


def current(
    connection: Connection,
    cut: Cut,
    wanted: EventFilter,
    *,
    after: Position | None = None,
    limit: int | None = None,
) -> list[Event]:
    """Events in force under a cut, newest first; tombstones are gone.

    `after` is the position of the last event of the page before: nothing is skipped or repeated
    while rows change.
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
    if after is not None:
        query = query.where(_beyond(ranked.c, after))
    query = query.order_by(
        ranked.c.occurred_on.desc(), ranked.c.source, ranked.c.source_event_id
    ).limit(limit)
    return [_event(row) for row in connection.execute(query)]


def history(connection: Connection, source: str, source_event_id: str, cut: Cut) -> list[Event]:
    """All versions of one event under a cut, tombstones included, restatements left out."""
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


def last_day(connection: Connection, cut: Cut, wanted: EventFilter) -> date | None:
    """The latest day of the events in force under a cut; None where there is none.

    The newest are looked at first: `current` over all events of a source would be slow.
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
    """Since when the newest version of each event of a source is known, withdrawn ones too."""
    query = (
        select(table.c.source_event_id, func.max(table.c.known_at))
        .where(table.c.source == source)
        .group_by(table.c.source_event_id)
    )
    return {str(id_): known_at for id_, known_at in connection.execute(query)}


def links_of(event: Event, without_sources: tuple[str, ...] = ()) -> EventFilter:
    """What other sources may say of the same happening: its kind, in its region, a day before to a
    day after. A link is a question for a reader, never a merge: nothing is counted once for it.
    """
    return EventFilter(
        regions=(event.region,),
        kinds=(event.kind.value,),
        since=event.occurred_on - LINKED_WITHIN,
        until=event.occurred_on + LINKED_WITHIN,
        without_sources=(event.source, *without_sources),
    )


def _beyond(columns: Any, after: Position) -> ColumnElement[bool]:
    day, source, name = after
    return or_(
        columns.occurred_on < day,
        and_(columns.occurred_on == day, columns.source > source),
        and_(
            columns.occurred_on == day,
            columns.source == source,
            columns.source_event_id > name,
        ),
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
