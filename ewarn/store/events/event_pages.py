"""Pages of events as of a moment, newest first, found by walking an index.

A walk looks at some rows of `event_version` in the order of an index, and then at all versions of
those few events only. So a page takes the same time however many events are stored. If most rows
that a walk meets are not wanted, the page ends early: it is short, and leads to the next one.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import product
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    collate,
    exists,
    literal,
    or_,
    select,
    union_all,
)

from ewarn.domain.event import Event
from ewarn.domain.time import DAY
from ewarn.store.database.cuts import Cut
from ewarn.store.database.windows import window
from ewarn.store.events.event_queries import EventFilter, in_force
from ewarn.store.tables.events import event_version as table

MOST_ROWS = 20_000  # that one page looks at
MOST_VALUES = 20  # of a condition that are walked side by side; more are filtered
SPARE = 20  # more rows are read than are needed, because some are not in force
_END = -1  # marks the row at which a window ends

_IS_AHEAD: ColumnElement[bool] = and_(table.c.ahead)  # as the index of such events is declared
Position = tuple[date, str, str]  # occurred_on, source, source_event_id

_MOMENT = bindparam("moment", type_=table.c.known_at.type)
# Mostly there is none, and this is asked much faster than the walk is made.
_ANY_AHEAD = select(
    exists().where(
        _IS_AHEAD,
        table.c.occurred_on > bindparam("day", type_=table.c.occurred_on.type),
        table.c.known_at <= _MOMENT,
        table.c.recorded_at <= _MOMENT,
    )
)
_Part = tuple[Sequence[ColumnElement[str]], Sequence[tuple[str, ...]]]
_ALL: _Part = ((), [()])
_SEEN = (
    table.c.country,
    table.c.region,
    table.c.kind,
    table.c.tags,
    table.c.deleted,
    table.c.known_at,
    table.c.recorded_at,
)


@dataclass(frozen=True, slots=True)
class EventPage:
    """A page of events. `end` is the position at which the next page begins; None on the last."""

    events: list[Event]
    end: Position | None


def page(
    connection: Connection,
    moment: datetime,
    wanted: EventFilter,
    *,
    after: Position | None = None,
    limit: int,
) -> EventPage:
    """Return a page of the events in force at a moment, newest first, without deleted ones.

    Args:
        wanted: Conditions on the events.
        after: Position at which the page begins; None for the first page.
        limit: The largest number of events.
    """
    found: list[Event] = []
    for walk in _walks(connection, wanted, moment):
        position, size, looked_at = after, _first_rows(limit, len(walk.values)), 0
        while True:
            places, end = walk.look(connection, position, size, limit + 1 - len(found))
            found += _in_force(connection, places, walk, limit + 1 - len(found))
            if len(found) > limit:
                return EventPage(found[:limit], position_of(found[limit - 1]))
            if end is None:
                break
            looked_at += size * len(walk.values)
            if looked_at >= MOST_ROWS:
                return EventPage(found, end)
            position, size = end, 4 * size
    return EventPage(found, None)


def _first_rows(limit: int, values: int) -> int:
    """Return at how many rows a walk looks first for each of its values.

    That is enough for a page, below the events of the last days that nobody knew yet.
    """
    return max(limit + SPARE, 20 * limit // values)


def _walks(connection: Connection, wanted: EventFilter, moment: datetime) -> "list[_Walk]":
    """Return the walk over events that were known before they happened, and over all others.

    Of the first there are few in all years, so the walk leaves out those not known yet.
    """
    key: tuple[ColumnElement[str], ColumnElement[str]] = (table.c.source, table.c.source_event_id)
    if connection.dialect.name == "postgresql":  # compare texts as Python does
        key = (collate(key[0], "C"), collate(key[1], "C"))
    last_day = moment.date()
    past = replace(wanted, until=min(last_day, wanted.until or last_day))
    walks = [_Walk(past, moment, key, *_narrowest(wanted))]
    if connection.execute(_ANY_AHEAD, {"day": last_day, "moment": moment}).scalar():
        since = max(last_day + DAY, wanted.since or date.min)
        known = [_IS_AHEAD, *Cut.at(moment).clauses(table)]
        walks.insert(0, _Walk(replace(wanted, since=since), moment, key, *_ALL, known))
    return walks


def _narrowest(wanted: EventFilter) -> "_Part":
    """Return the columns to walk along and their values: those with an index that leave least."""
    source, region = table.c.source, table.c.region
    country, kind = table.c.country, table.c.kind
    parts: list[_Part] = [
        ((region,), [(each,) for each in wanted.regions]),
        ((country, kind), list(product(wanted.countries, wanted.kinds))),
        ((country,), [(each,) for each in wanted.countries]),
        ((kind,), [(each,) for each in wanted.kinds]),
        ((source,), [(each,) for each in wanted.sources]),
    ]
    return next((part for part in parts if 0 < len(part[1]) <= MOST_VALUES), _ALL)


@dataclass(frozen=True, slots=True)
class _Walk:
    """A walk along an index, or along one part of it for each combination of values of columns.

    `key` orders the events of a day.
    """

    wanted: EventFilter
    moment: datetime
    key: tuple[ColumnElement[str], ColumnElement[str]]
    columns: Sequence[ColumnElement[str]]
    values: Sequence[tuple[str, ...]]
    clauses: Sequence[ColumnElement[bool]] = ()

    def look(
        self, connection: Connection, after: Position | None, size: int, number: int
    ) -> tuple[list[Position], Position | None]:
        """Look at the next rows of a walk, `size` of them for each value.

        Args:
            number: No more events than so many are needed.

        Returns:
            The positions of the versions that were known and are wanted, in order, and the position
            up to which they are complete. Of an event at that very position further versions may
            follow. The position is None if there are no rows beyond these.
        """
        most = number + SPARE
        asked: list[Select[Any]] = []
        for index, values in enumerate(self.values):
            first, last = window(
                self._query(after, values),
                size,
                most,
                name=f"shown_{index}",
                place=_place_in,
                order=_newest_first,
                wanted=self._shows,
            )
            asked += [select(*first.c, literal(index)), last.add_columns(literal(_END))]
        rows = connection.execute(union_all(*asked)).all()
        orders: dict[int, list[tuple[int, str, str]]] = {
            index: [] for index in (_END, *range(len(self.values)))
        }
        for *place, index in rows:
            orders[index].append(_order_of(*place))
        ends = orders.pop(_END) + [max(each) for each in orders.values() if len(each) == most]
        seen = set().union(*orders.values())
        if not ends:
            return [_position_of(each) for each in sorted(seen)], None
        end = min(ends)
        # An event at the end may be wanted in a version that this window does not reach.
        complete = {each for each in seen if each <= end} | {end}
        return [_position_of(each) for each in sorted(complete)], _position_of(end)

    def _shows(self, columns: Any) -> list[ColumnElement[bool]]:
        """Return the conditions of a version that was known at the moment and is wanted."""
        return [
            columns.deleted.is_(False),
            columns.known_at <= self.moment,
            columns.recorded_at <= self.moment,
            *self.wanted.clauses(columns),
        ]

    def _query(self, after: Position | None, values: tuple[str, ...]) -> Select[Any]:
        on, (source, id_) = table.c.occurred_on, self.key
        clauses = [*self.clauses]
        clauses += [each == value for each, value in zip(self.columns, values, strict=True)]
        clauses += [] if self.wanted.since is None else [on >= self.wanted.since]
        clauses += [] if self.wanted.until is None else [on <= self.wanted.until]
        if after is not None:
            day, *others = after
            behind = or_(source > others[0], and_(source == others[0], id_ > others[1]))
            # The first condition alone is one that a walk along an index can begin with.
            clauses += [on <= day, or_(on < day, behind)]
        key = (on, source.label("source"), id_.label("source_event_id"))
        return select(*key, *_SEEN).where(*clauses).order_by(on.desc(), source, id_)


def _in_force(
    connection: Connection, places: list[Position], walk: _Walk, number: int
) -> list[Event]:
    """Return the events whose version in force is at one of some positions, in order.

    Args:
        number: No more events than so many are needed.
    """
    found: list[Event] = []
    while places and len(found) < number:
        some, places = places[: number + SPARE], places[number + SPARE :]
        events = in_force(connection, {place[1:] for place in some}, Cut.at(walk.moment))
        shown = (events.get(place[1:]) for place in some)
        found += [
            event
            for place, event in zip(some, shown, strict=True)
            if event is not None
            and not event.deleted
            and position_of(event) == place
            and walk.wanted.matches(event, event.tags)
        ]
    return found


def position_of(event: Event) -> Position:
    """Return the position of an event in a list."""
    return event.occurred_on, event.source, event.source_event_id


def _place_in(columns: Any) -> tuple[ColumnElement[Any], ...]:
    return columns.occurred_on, columns.source, columns.source_event_id


def _newest_first(columns: Any) -> tuple[ColumnElement[Any], ...]:
    return columns.occurred_on.desc(), columns.source, columns.source_event_id


def _order_of(day: date, source: str, id_: str) -> tuple[int, str, str]:
    """Return a key that sorts as the list does: newest day first."""
    return -day.toordinal(), source, id_


def _position_of(order: tuple[int, str, str]) -> Position:
    return date.fromordinal(-order[0]), *order[1:]
