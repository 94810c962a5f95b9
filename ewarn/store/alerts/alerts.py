"""Store alerts: an append-only, hash-chained list of changes, and each alert's current state."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Connection, Row, Select, func, or_, select, true

from ewarn.domain.alert import (
    Alert,
    AlertEvent,
    AlertState,
    Change,
    ChangeKind,
)
from ewarn.domain.region import Level
from ewarn.domain.target import Band
from ewarn.store.access import redactions
from ewarn.store.database import chain, locks
from ewarn.store.database.conflicts import insert_into
from ewarn.store.database.id_lists import among
from ewarn.store.tables.alerts import alert as table
from ewarn.store.tables.alerts import alert_event

_ALERT = TypeAdapter(Alert)
_ASKED = tuple(
    column.name for column in table.c if column not in (table.c.whole, table.c.settled_at)
)


@dataclass(frozen=True, slots=True)
class AlertFilter:
    """Which alerts to select. Empty tuples and None mean all.

    `readers` are the licences that alerts need; the empty text stands for alerts that need none.
    `since` and `until` are the first and the last day of `opened_on`.
    """

    countries: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    readers: tuple[str, ...] | None = None
    rules: tuple[str, ...] = ()
    level: Level | None = None

    def matches(self, alert: Alert) -> bool:
        """Return whether the filter selects an alert.

        For alerts as of a past day, which a query on current columns cannot select.
        """
        return (
            (not self.countries or alert.country in self.countries)
            and (not self.regions or alert.region in self.regions)
            and (not self.ids or alert.id in self.ids)
            and (self.readers is None or alert.readers in self.readers)
            and (not self.targets or alert.target.value in self.targets)
            and (not self.states or alert.state.value in self.states)
            and (not self.rules or alert.rule in self.rules)
            and self.level in (None, alert.level)
            and (self.since is None or (alert.opened_on or date.min) >= self.since)
            and (self.until is None or (alert.opened_on or date.max) <= self.until)
        )


def hold(connection: Connection) -> None:
    """Lock all alerts against other writers until the transaction ends.

    A caller that reads alerts and then changes them must lock them first. Otherwise it overwrites
    what others changed meanwhile.
    """
    locks.hold(connection, alert_event)


def record(connection: Connection, changes: Sequence[Change], rule_hashes: dict[str, str]) -> None:
    """Append changes to the chain and update the current states.

    Args:
        rule_hashes: Hash of each rule's text by rule id. For a rule that is missing, the hash of
            the alert's previous change is used.
    """
    hold(connection)
    _project(connection, changes)
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
    """Return the alerts that a decision needs.

    These are all that are not closed, and for each (rule, region) the last withdrawn one and the
    last closed one, which matter for the cool-down.
    """
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
    """Return the alerts that are open or acknowledged, and lock all alerts."""
    hold(connection)
    states = (AlertState.OPEN.value, AlertState.ACKNOWLEDGED.value)
    return _alerts(connection.execute(_whole(table.c.state.in_(states))))


def open_since(connection: Connection, day: date) -> list[Alert]:
    """Return the alerts that are open or acknowledged, or that closed on a day or later."""
    states = (AlertState.OPEN.value, AlertState.ACKNOWLEDGED.value)
    lately = table.c.state.in_(states) | (table.c.closed_on >= day)
    return _alerts(connection.execute(_whole(lately)))


def opening_scores(connection: Connection, ids: Collection[str]) -> dict[str, int]:
    """Return the id of the score that opened each of some alerts, by the alert's id."""
    rows = connection.execute(
        select(alert_event.c.alert_id, alert_event.c.after).where(
            alert_event.c.alert_id.in_(ids), alert_event.c.kind == ChangeKind.OPENED.value
        )
    )
    return {row.alert_id: int(row.after["score_id"]) for row in rows}


def current(connection: Connection, alert_id: str) -> Alert | None:
    """Return the current state of an alert, or None if there is none, and lock all alerts."""
    hold(connection)
    found = _alerts(connection.execute(_whole(table.c.id == alert_id)))
    return found[0] if found else None


def rule_of(connection: Connection, alert_id: str) -> str:
    """Return the hash of the rule text under which an alert last changed, or empty if unknown."""
    return _rules_before(connection, [alert_id]).get(alert_id, "")


def _rules_before(connection: Connection, ids: Collection[str]) -> dict[str, str]:
    """Return the hash of the rule text under which each of some alerts last changed."""
    if not ids:
        return {}
    own = alert_event.c.alert_id.in_(sorted(ids))
    last = select(func.max(alert_event.c.sequence)).where(own).group_by(alert_event.c.alert_id)
    columns = select(alert_event.c.alert_id, alert_event.c.rule_hash)
    rows = connection.execute(columns.where(alert_event.c.sequence.in_(last)))
    return {row.alert_id: row.rule_hash for row in rows}


def find(connection: Connection, wanted: AlertFilter, moment: datetime) -> list[Alert]:
    """Return the opened alerts as they were at a moment, in the order of `alert_pages.page`.

    They are read from the chain, so a later change cannot alter the answer. For pages, use
    `alert_pages.page`.
    """
    clauses: list[ColumnElement[bool]] = [
        column.in_(values)
        for column, values in (
            (table.c.country, wanted.countries),
            (table.c.region, wanted.regions),
            (table.c.id, wanted.ids),
        )
        if values
    ]
    if wanted.readers is not None:
        clauses.append(table.c.readers.in_(wanted.readers))
    found = as_changed(connection, moment, *clauses)
    opened = [alert for alert in found if alert.opened_on is not None and wanted.matches(alert)]
    return sorted(opened, key=lambda alert: (alert.opened_on or date.min, alert.id), reverse=True)


def timeline(connection: Connection, alert_id: str, moment: datetime) -> list[AlertEvent]:
    """Return all changes of an alert up to a moment, the oldest first."""
    rows = connection.execute(
        select(alert_event)
        .where(alert_event.c.alert_id == alert_id, alert_event.c.at <= moment)
        .order_by(alert_event.c.sequence)
    )
    return [event_of(row) for row in rows]


def event_of(row: Any) -> AlertEvent:
    """Build an alert event from a row of the chain."""
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


def alert_of(values: Any) -> Alert:
    """Build an alert from its JSON values, such as those of `after` in a row of the chain."""
    return _ALERT.validate_python(values)


def newest_change(
    connection: Connection,
    moment: datetime,
    countries: Collection[str] = (),
    readers: Collection[str] | None = None,
) -> int:
    """Return the sequence of the newest change up to a moment, or 0 if there is none.

    Args:
        countries: Only alerts in these countries; empty for all.
        readers: Only alerts that need one of these licences; None for all.
    """
    own = select(table.c.id)
    if countries:
        own = own.where(table.c.country.in_(countries))
    if readers is not None:
        own = own.where(table.c.readers.in_(readers))
    query = select(alert_event.c.sequence).where(alert_event.c.at <= moment)
    if countries or readers is not None:
        query = query.where(alert_event.c.alert_id.in_(own))
    newest = query.order_by(alert_event.c.sequence.desc()).limit(1)
    return int(connection.execute(newest).scalar() or 0)


def newest_change_of_all(connection: Connection, moment: datetime) -> int:
    """Return the sequence of the newest change of any alert up to a moment, or 0 if there is none.

    It takes the same time for every moment. A change that was decided before the moment, but stored
    after other changes, counts if it is among the last hundred by time.
    """
    at, sequence = alert_event.c.at, alert_event.c.sequence
    lately = select(sequence).where(at <= moment).order_by(at.desc(), sequence.desc()).limit(100)
    return int(connection.execute(select(func.max(lately.subquery().c.sequence))).scalar() or 0)


def changed_at(connection: Connection, sequence: int) -> datetime | None:
    """Return when a change was decided, or None if there is no change with this sequence."""
    query = select(alert_event.c.at).where(alert_event.c.sequence == sequence)
    found: datetime | None = connection.execute(query).scalar()
    return found


def broken_link(connection: Connection) -> int | None:
    """Return the sequence of the first change that breaks the hash chain, or None if intact."""
    return chain.broken_link(
        connection, alert_event, redactions.known(connection, alert_event.name)
    )


def inconsistent_alerts(connection: Connection, moment: datetime) -> list[str]:
    """Return the ids of alerts whose current state differs from their last change.

    Counters are not compared, since they move without a change.
    """
    by_chain = {alert.id: alert for alert in as_changed(connection, moment)}
    is_open = table.c.settled_at.is_(None)
    asked = select(table.c.id, table.c.state, table.c.opened_on, table.c.closed_on, is_open)
    columns = {id_: tuple(others) for id_, *others in connection.execute(asked)}
    return sorted(
        alert.id
        for alert in _alerts(connection.execute(_whole()))
        if (last := by_chain.get(alert.id)) is None
        or (alert.state, alert.opened_on, alert.closed_on, alert.stale)
        != (last.state, last.opened_on, last.closed_on, last.stale)
        or columns[alert.id]
        != (last.state, last.opened_on, last.closed_on, last.state is not AlertState.CLOSED)
    )


def as_changed(
    connection: Connection, moment: datetime, *clauses: ColumnElement[bool]
) -> list[Alert]:
    """Return each alert as it was after its last change up to a moment.

    Args:
        clauses: SQL conditions on the table `alert`.
    """
    own = select(table.c.id).where(*clauses)
    return _last_states(connection, moment, alert_event.c.alert_id.in_(own) if clauses else true())


def some_as_changed(
    connection: Connection, moment: datetime, ids: Sequence[str], states: Collection[str] = ()
) -> list[Alert]:
    """Return each of some alerts as it was after its last change up to a moment.

    Args:
        states: Only alerts that were in one of these states then; empty for all.
    """
    return _last_states(connection, moment, among(alert_event.c.alert_id, ids), states)


def _last_states(
    connection: Connection,
    moment: datetime,
    clause: ColumnElement[bool],
    states: Collection[str] = (),
) -> list[Alert]:
    last = (
        select(func.max(alert_event.c.sequence).label("sequence"))
        .where(alert_event.c.at <= moment, clause)
        .group_by(alert_event.c.alert_id)
        .subquery()
    )
    query = select(alert_event.c.after).join(last, last.c.sequence == alert_event.c.sequence)
    if states and AlertState.CLOSED.value not in states:  # most are closed: do not read them
        query = query.where(alert_event.c.kind != ChangeKind.CLOSED.value)
    rows = connection.execute(query)
    return _alerts(row for row in rows if not states or row[0]["state"] in states)


def _whole(*clauses: ColumnElement[bool]) -> Select[tuple[Any]]:
    """Select the current states of alerts, ordered by id."""
    return select(table.c.whole).where(*clauses).order_by(table.c.id)


def _project(connection: Connection, changes: Iterable[Change]) -> None:
    """Update the current states of changed alerts. The last change of each alert counts."""
    last = {change.alert.id: change for change in changes}
    if not last:
        return
    added = insert_into(connection, table)
    moved = added.on_conflict_do_update(
        index_elements=[table.c.id],
        set_={each.name: added.excluded[each.name] for each in table.c if each is not table.c.id},
    )
    connection.execute(moved, [_projected(change) for change in last.values()])


def _projected(change: Change) -> dict[str, Any]:
    alert = change.alert
    is_closed = alert.state is AlertState.CLOSED
    values = {name: getattr(alert, name) for name in _ASKED}
    return values | {"whole": _plain(alert), "settled_at": change.at if is_closed else None}


def _plain(alert: Alert) -> dict[str, Any]:
    """Convert an alert to JSON values."""
    values = ((name, getattr(alert, name)) for name in Alert.__slots__)
    return {name: each.isoformat() if isinstance(each, date) else each for name, each in values}


def _alerts(rows: Iterable[Row[tuple[Any]]]) -> list[Alert]:
    """Build alerts from rows of JSON values.

    A field that did not exist when an alert was stored gets its default.
    """
    return [alert_of(values) for (values,) in rows]
