"""Pages of alerts as they were at a moment, found by walking them in the order of their opening.

A walk looks at a window of alerts in that order, and then at the last change up to the moment of
those that can be wanted. So a page takes the same time however many alerts are stored. If most
alerts of its windows are not wanted, the page ends early: it is short, and leads to the next one.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, false, func, or_, select, true, tuple_, union_all

from ewarn.domain.alert import Alert, AlertState
from ewarn.store.alerts.alerts import AlertFilter, some_as_changed
from ewarn.store.database.windows import window
from ewarn.store.tables.alerts import alert as table
from ewarn.store.tables.alerts import alert_event

FIRST_WINDOW = 500  # alerts that a walk looks at together; each next window is larger
MOST_ALERTS = 20_000  # that one page looks at
# An alert opens on its origin or on the day of an interim run, which is never far ahead.
AHEAD = timedelta(days=7)

Position = tuple[date, str]  # opened_on, id

_SEEN = (
    table.c.opened_on,
    table.c.id,
    table.c.country,
    table.c.region,
    table.c.readers,
    table.c.rule,
    table.c.state,
    table.c.settled_at,
)


@dataclass(frozen=True, slots=True)
class AlertPage:
    """A page of alerts. `end` is the position at which the next page begins; None on the last."""

    alerts: list[Alert]
    end: Position | None


def page(
    connection: Connection,
    wanted: AlertFilter,
    moment: datetime,
    *,
    after: Position | None = None,
    limit: int,
) -> AlertPage:
    """Return a page of the alerts as they were at a moment, newest opening first, then by id.

    The greatest id is first. All is read from the chain, so a later change cannot alter the answer.

    Args:
        after: Position at which the page begins; None for the first page.
        limit: The largest number of alerts.
    """
    found: list[Alert] = []
    inside, shown = _inside(wanted, moment), _shown(connection, wanted, moment)
    size, looked_at = FIRST_WINDOW, 0
    while True:
        number = limit + 1 - len(found)
        walked, end = _walk(connection, inside, after, shown, size, number)
        found += _as_they_were(connection, walked, wanted, moment)
        if len(found) > limit:
            last = found[limit - 1]
            assert last.opened_on is not None
            return AlertPage(found[:limit], (last.opened_on, last.id))
        is_full = len(walked) == number  # then the rest of the window was not looked at
        after = walked[-1] if is_full else end
        looked_at += number if is_full else size
        size = min(4 * size, MOST_ALERTS)
        if after is None or looked_at >= MOST_ALERTS:
            return AlertPage(found, after)


def _as_they_were(
    connection: Connection, walked: list[Position], wanted: AlertFilter, moment: datetime
) -> list[Alert]:
    """Return those of some alerts that were open at a moment or before and are wanted, in order."""
    if not walked:
        return []
    ids = [id_ for _, id_ in walked]
    then = {
        (alert.opened_on, alert.id): alert
        for alert in some_as_changed(connection, moment, ids, wanted.states)
        if alert.opened_on is not None and wanted.matches(alert)
    }
    return [then[each] for each in walked if each in then]


def _inside(wanted: AlertFilter, moment: datetime) -> list[ColumnElement[bool]]:
    """Return the conditions of the alerts to walk along, on columns that an index begins with."""
    last = moment.date() + AHEAD
    clauses: list[ColumnElement[bool]] = [table.c.opened_on <= min(last, wanted.until or last)]
    if wanted.since is not None:
        clauses.append(table.c.opened_on >= wanted.since)
    if len(wanted.countries) == 1:
        clauses.append(table.c.country == wanted.countries[0])
    return clauses


def _shown(
    connection: Connection, wanted: AlertFilter, moment: datetime
) -> Callable[[Any], list[ColumnElement[bool]]]:
    """Return the conditions of alerts that can be wanted, as a function of the columns."""
    at = connection.execute(select(func.max(alert_event.c.at))).scalar()
    is_now = at is not None and at <= moment

    def clauses(columns: Any) -> list[ColumnElement[bool]]:
        found: list[ColumnElement[bool]] = [
            column.in_(values)
            for column, values in (
                (columns.country, wanted.countries),
                (columns.region, wanted.regions),
                (columns.readers, wanted.readers),
                (columns.rule, wanted.rules),
            )
            if values
        ]
        if wanted.states and is_now:
            found.append(columns.state.in_(wanted.states))
        elif wanted.states and AlertState.CLOSED.value not in wanted.states:
            found.append(or_(columns.settled_at.is_(None), columns.settled_at > moment))
        return found

    return clauses


def _walk(
    connection: Connection,
    inside: list[ColumnElement[bool]],
    after: Position | None,
    shown: Callable[[Any], list[ColumnElement[bool]]],
    size: int,
    number: int,
) -> tuple[list[Position], Position | None]:
    """Return the first alerts of the next window that can be wanted, at most `number`.

    The second value is where the window ends, if all of it was looked at and there may be more.
    """
    query = select(*_SEEN).where(*inside)
    if after is not None:
        query = query.where(tuple_(table.c.opened_on, table.c.id) < after)
    first, end = window(
        query.order_by(*_newest_first(table.c)),
        size,
        number,
        name="shown",
        place=lambda columns: (columns.opened_on, columns.id),
        order=_newest_first,
        wanted=shown,
    )
    both = union_all(select(*first.c, false().label("is_end")), end.add_columns(true()))
    rows = connection.execute(both).all()
    places = [(row.opened_on, row.id) for row in rows if not row.is_end]
    ends = [(row.opened_on, row.id) for row in rows if row.is_end]
    return sorted(places, reverse=True), ends[0] if ends else None


def _newest_first(columns: Any) -> tuple[ColumnElement[Any], ...]:
    return columns.opened_on.desc(), columns.id.desc()
