"""Alerts: an append-only, hash-chained list of changes, and where the last one left each."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Connection, Row, Select, func, or_, select

from ewarn.domain.alert import (
    Alert,
    AlertEvent,
    AlertState,
    Change,
    ChangeKind,
)
from ewarn.domain.target import Band
from ewarn.store.access import redactions
from ewarn.store.database import chain, locks
from ewarn.store.database.conflicts import insert_into
from ewarn.store.database.pages import page
from ewarn.store.tables.alerts import alert as table
from ewarn.store.tables.alerts import alert_event

_ALERT = TypeAdapter(Alert)
_ASKED = tuple(column.name for column in table.c if column is not table.c.whole)


@dataclass(frozen=True, slots=True)
class AlertFilter:
    """Which alerts; empty tuples and None mean all. `readers` are those that alerts are for: a
    licence, or the empty text for everybody. Days are of `opened_on`, both included."""

    countries: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    readers: tuple[str, ...] | None = None

    def matches(self, alert: Alert) -> bool:
        """Whether an alert is wanted: for alerts as of a past day, which no query can select."""
        return (
            (not self.countries or alert.country in self.countries)
            and (not self.regions or alert.region in self.regions)
            and (not self.ids or alert.id in self.ids)
            and (self.readers is None or alert.readers in self.readers)
            and (not self.targets or alert.target.value in self.targets)
            and (not self.states or alert.state.value in self.states)
            and (self.since is None or (alert.opened_on or date.min) >= self.since)
            and (self.until is None or (alert.opened_on or date.max) <= self.until)
        )


def hold(connection: Connection) -> None:
    """Hold all alerts against other writers until the transaction ends.

    Whoever changes what it read of them holds them first: else it undoes what others did meanwhile.
    """
    locks.hold(connection, alert_event)


def record(connection: Connection, changes: Sequence[Change], rule_hashes: dict[str, str]) -> None:
    """Append changes to the chain and move the projection; `rule_hashes` by rule id. A change under
    a rule that is not among them stands under the text of the change before it."""
    hold(connection)
    _project(connection, [change.alert for change in changes])
    told = [change for change in changes if change.kind is not None]
    unknown = {change.alert.id for change in told if change.alert.rule not in rule_hashes}
    earlier = _rules_before(connection, unknown)
    rows = [
        {
            "alert_id": change.alert.id,
            "kind": str(change.kind),
            "at": change.at,
            "actor": change.actor,
            "reason": change.reason,
            "rule_hash": rule_hashes.get(change.alert.rule) or earlier.get(change.alert.id, ""),
            "after": _plain(change.alert),
        }
        for change in told
    ]
    chain.append(connection, alert_event, rows)


def standing(connection: Connection) -> list[Alert]:
    """The alerts a decision looks at: all that are not closed, and of each (rule, region) the last
    one withdrawn and the last one closed, for its cool-down."""
    place = func.row_number().over(
        partition_by=(
            table.c.rule,
            table.c.region,
            table.c.readers,
            table.c.closed_on.is_(None),
        ),
        order_by=(table.c.last_origin.desc(), table.c.id),
    )
    over = table.c.state == AlertState.CLOSED.value
    newest = select(table.c.id, place.label("place")).where(over).subquery()
    last = select(newest.c.id).where(newest.c.place == 1)
    chosen = or_(table.c.state != AlertState.CLOSED.value, table.c.id.in_(last))
    return _alerts(connection.execute(_whole(chosen)))


def open_now(connection: Connection) -> list[Alert]:
    """The alerts that opened and have not closed, held against other writers."""
    hold(connection)
    states = (AlertState.OPEN.value, AlertState.ACKNOWLEDGED.value)
    return _alerts(connection.execute(_whole(table.c.state.in_(states))))


def open_since(connection: Connection, day: date) -> list[Alert]:
    """The alerts that stand, and those that closed on a day or later."""
    states = (AlertState.OPEN.value, AlertState.ACKNOWLEDGED.value)
    lately = table.c.state.in_(states) | (table.c.closed_on >= day)
    return _alerts(connection.execute(_whole(lately)))


def opening_scores(connection: Connection, ids: Collection[str]) -> dict[str, int]:
    """Id of the score that opened each of some alerts, by the alert's id."""
    rows = connection.execute(
        select(alert_event.c.alert_id, alert_event.c.after).where(
            alert_event.c.alert_id.in_(ids), alert_event.c.kind == ChangeKind.OPENED.value
        )
    )
    return {row.alert_id: int(row.after["score_id"]) for row in rows}


def current(connection: Connection, alert_id: str) -> Alert | None:
    """An alert as it stands now, held against other writers; None if there is none."""
    hold(connection)
    found = _alerts(connection.execute(_whole(table.c.id == alert_id)))
    return found[0] if found else None


def rule_of(connection: Connection, alert_id: str) -> str:
    """Hash of the rule text under which an alert last changed."""
    return _rules_before(connection, [alert_id]).get(alert_id, "")


def _rules_before(connection: Connection, ids: Collection[str]) -> dict[str, str]:
    """Hash of the rule text under which each of some alerts last changed."""
    if not ids:
        return {}
    own = alert_event.c.alert_id.in_(sorted(ids))
    last = select(func.max(alert_event.c.sequence)).where(own).group_by(alert_event.c.alert_id)
    columns = select(alert_event.c.alert_id, alert_event.c.rule_hash)
    rows = connection.execute(columns.where(alert_event.c.sequence.in_(last)))
    return {row.alert_id: row.rule_hash for row in rows}


def find(
    connection: Connection,
    wanted: AlertFilter,
    moment: datetime,
    *,
    after: tuple[date, str] | None = None,
    limit: int | None = None,
) -> list[Alert]:
    """Alerts as they stood at a moment, newest opening first, ties by id.

    They are read from the chain, so a later change cannot alter the answer. `after` is the
    (opened_on, id) of the last alert of the page before.
    """
    clauses: list[ColumnElement[bool]] = []
    if wanted.countries:
        clauses.append(table.c.country.in_(wanted.countries))
    if wanted.regions:
        clauses.append(table.c.region.in_(wanted.regions))
    if wanted.readers is not None:
        clauses.append(table.c.readers.in_(wanted.readers))
    found = _as_changed(connection, moment, *clauses)
    opened = [alert for alert in found if alert.opened_on is not None and wanted.matches(alert)]
    return page(opened, lambda alert: alert.opened_on or date.min, after, limit)


def timeline(connection: Connection, alert_id: str, moment: datetime) -> list[AlertEvent]:
    """Everything an alert was until a moment, oldest first."""
    rows = connection.execute(
        select(alert_event)
        .where(alert_event.c.alert_id == alert_id, alert_event.c.at <= moment)
        .order_by(alert_event.c.sequence)
    )
    return [event_of(row) for row in rows]


def event_of(row: Any) -> AlertEvent:
    """A row of the chain."""
    return AlertEvent(
        sequence=row.sequence,
        alert_id=row.alert_id,
        kind=ChangeKind(row.kind),
        at=row.at,
        actor=row.actor,
        reason=row.reason,
        band=Band(row.after["band"]),
        probability=row.after["probability"],
        score_id=row.after["score_id"],
        rule_hash=row.rule_hash,
        hash=row.hash,
    )


def newest_change(
    connection: Connection,
    moment: datetime,
    countries: Collection[str] = (),
    readers: Collection[str] | None = None,
) -> int:
    """Sequence of the newest change up to a moment in some countries (none named: in all) and for
    some readers (None: all); 0 if there is none.
    """
    query = select(func.max(alert_event.c.sequence)).where(alert_event.c.at <= moment)
    own = select(table.c.id)
    if countries:
        own = own.where(table.c.country.in_(countries))
    if readers is not None:
        own = own.where(table.c.readers.in_(readers))
    if countries or readers is not None:
        query = query.where(alert_event.c.alert_id.in_(own))
    return int(connection.execute(query).scalar() or 0)


def changed_at(connection: Connection, sequence: int) -> datetime | None:
    """When a change was decided; None if there is no such change."""
    query = select(alert_event.c.at).where(alert_event.c.sequence == sequence)
    found: datetime | None = connection.execute(query).scalar()
    return found


def broken_link(connection: Connection) -> int | None:
    """Sequence of the first change that does not follow from the one before; None if whole."""
    return chain.broken_link(
        connection, alert_event, redactions.known(connection, alert_event.name)
    )


def astray(connection: Connection, moment: datetime) -> list[str]:
    """Ids of alerts whose projection is not what their last change left, counters apart."""
    by_chain = {alert.id: alert for alert in _as_changed(connection, moment)}
    asked = connection.execute(select(table.c.id, table.c.state, table.c.closed_on))
    columns = {id_: (state, closed_on) for id_, state, closed_on in asked}
    return sorted(
        alert.id
        for alert in _alerts(connection.execute(_whole()))
        if (last := by_chain.get(alert.id)) is None
        or (alert.state, alert.opened_on, alert.closed_on, alert.stale)
        != (last.state, last.opened_on, last.closed_on, last.stale)
        or columns[alert.id] != (last.state, last.closed_on)
    )


def _as_changed(
    connection: Connection, moment: datetime, *clauses: ColumnElement[bool]
) -> list[Alert]:
    """Alerts as their last change up to a moment left them."""
    last = (
        select(func.max(alert_event.c.sequence))
        .where(alert_event.c.at <= moment)
        .group_by(alert_event.c.alert_id)
    )
    rows = connection.execute(
        select(alert_event.c.after)
        .join(table, table.c.id == alert_event.c.alert_id)
        .where(alert_event.c.sequence.in_(last), *clauses)
    )
    return _alerts(rows)


def _whole(*clauses: ColumnElement[bool]) -> Select[tuple[Any]]:
    """Alerts as they stand, by id."""
    return select(table.c.whole).where(*clauses).order_by(table.c.id)


def _project(connection: Connection, changed: Iterable[Alert]) -> None:
    """Move the projection to where changes left alerts; the last change of each counts."""
    last = {alert.id: alert for alert in changed}
    if not last:
        return
    added = insert_into(connection, table)
    moved = added.on_conflict_do_update(
        index_elements=[table.c.id],
        set_={each.name: added.excluded[each.name] for each in table.c if each is not table.c.id},
    )
    connection.execute(moved, [_projected(alert) for alert in last.values()])


def _projected(alert: Alert) -> dict[str, Any]:
    return {name: getattr(alert, name) for name in _ASKED} | {"whole": _plain(alert)}


def _plain(alert: Alert) -> dict[str, Any]:
    """The alert as JSON values."""
    values = ((name, getattr(alert, name)) for name in Alert.__slots__)
    return {name: each.isoformat() if isinstance(each, date) else each for name, each in values}


def _alerts(rows: Iterable[Row[tuple[Any]]]) -> list[Alert]:
    """Alerts of their JSON values, one in each row. What was stored before alerts had a field takes
    the field's default."""
    return [_ALERT.validate_python(values) for (values,) in rows]
