"""Field reports, sealed, each with its data key."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, func, insert, or_, select, update

from ewarn.domain.reports.field_report import ReportState
from ewarn.store.database.conflicts import insert_into
from ewarn.store.tables.reports import field_report as table
from ewarn.store.tables.reports import field_report_key as keys

Position = tuple[date, str]  # received_on, id
_ROWS = select(table, keys.c.sealed.label("data_key")).outerjoin(keys)


@dataclass(frozen=True, slots=True)
class SealedReport:
    """A field report as it is stored.

    Attributes:
        submission: Keyed hash of the sender and of the idempotency key.
        receipt: SHA-256 of the receipt code.
        key_id: Name of the operator's key that sealed the data key.
        facts: Kind, week, region and counts, sealed with the data key; None once erased.
        words: Text and sender, sealed with the data key; None once erased.
        data_key: Sealed with the operator's key; None once erased.
    """

    id: str
    country: str
    state: ReportState
    received_on: date
    submission: str
    receipt: str
    key_id: str
    facts: bytes | None
    words: bytes | None
    data_key: bytes | None


def add(connection: Connection, report: SealedReport) -> bool:
    """Store a report with its data key, unless its submission is stored. Return whether it was."""
    row = asdict(report)
    sealed = row.pop("data_key")
    wanted = insert_into(connection, table).values(row)
    once = wanted.on_conflict_do_nothing(index_elements=["submission"])
    is_new = connection.execute(once.returning(table.c.id)).scalar() is not None
    if is_new:
        connection.execute(insert(keys).values(report_id=report.id, sealed=sealed))
    return is_new


def of_submission(connection: Connection, submission: str) -> SealedReport | None:
    """Return the report of a submission, or None."""
    return _one(connection, table.c.submission == submission)


def of_receipt(connection: Connection, receipt: str) -> SealedReport | None:
    """Return the report whose receipt code has a hash, or None."""
    return _one(connection, table.c.receipt == receipt)


def find(connection: Connection, id_: str, countries: Sequence[str]) -> SealedReport | None:
    """Return a report of some countries (empty: all) and lock its row, or None."""
    locked = select(table.c.id).where(table.c.id == id_, *_within(countries)).with_for_update()
    if connection.execute(locked).scalar() is None:
        return None
    return _one(connection, table.c.id == id_)


def listed(
    connection: Connection,
    countries: Sequence[str],
    states: Sequence[ReportState],
    *,
    after: Position | None = None,
    limit: int,
) -> list[SealedReport]:
    """Return reports of some countries and states (empty: all), the oldest first."""
    query = _ROWS.where(*_within(countries))
    if states:
        query = query.where(table.c.state.in_(states))
    if after is not None:
        day, id_ = after
        later = or_(table.c.received_on > day, (table.c.received_on == day) & (table.c.id > id_))
        query = query.where(later)
    rows = connection.execute(query.order_by(table.c.received_on, table.c.id).limit(limit))
    return [_report(row) for row in rows]


def numbers(connection: Connection) -> list[tuple[ReportState, date, int]]:
    """Return how many reports are in a state, by the day on which they came."""
    columns = (table.c.state, table.c.received_on)
    query = select(*columns, func.count()).group_by(*columns).order_by(*columns)
    return [(ReportState(state), day, number) for state, day, number in connection.execute(query)]


def set_state(connection: Connection, id_: str, state: ReportState) -> None:
    """Change the state of a report."""
    connection.execute(update(table).where(table.c.id == id_).values(state=state))


def erase(connection: Connection, ids: Sequence[str]) -> None:
    """Destroy the data keys of reports, and what the keys sealed."""
    connection.execute(delete(keys).where(keys.c.report_id.in_(ids)))
    gone = {"state": ReportState.ERASED, "facts": None, "words": None}
    connection.execute(update(table).where(table.c.id.in_(ids)).values(gone))


def received_before(connection: Connection, day: date, limit: int) -> list[SealedReport]:
    """Return reports that came before a day and are not erased yet."""
    query = _ROWS.where(table.c.received_on < day, table.c.state != ReportState.ERASED)
    rows = connection.execute(query.order_by(table.c.received_on).limit(limit))
    return [_report(row) for row in rows]


def _within(countries: Sequence[str]) -> list[ColumnElement[bool]]:
    return [table.c.country.in_(countries)] if countries else []


def _one(connection: Connection, condition: ColumnElement[bool]) -> SealedReport | None:
    row = connection.execute(_ROWS.where(condition)).first()
    return None if row is None else _report(row)


def _report(row: Row[Any]) -> SealedReport:
    values = row._asdict()
    return SealedReport(**{**values, "state": ReportState(row.state)})
