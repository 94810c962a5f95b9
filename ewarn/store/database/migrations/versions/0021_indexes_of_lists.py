"""Index what lists walk along: events by day, scores by run and country, alerts by opening."""

import json
from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

ADDED: dict[str, Sequence[list[str]]] = {
    "event_version": (
        ["occurred_on"],
        ["region", "occurred_on"],
        ["kind", "occurred_on"],
        ["source", "occurred_on"],
    ),
    "score": (["run_id", "id"], ["run_id", "country"]),
    "alert": (["opened_on", "id"], ["country", "opened_on"]),
    "alert_event": (["alert_id", "sequence"],),
    "outbox": (["created_at"],),
}
# A longer index of the same beginning takes the place of these.
DROPPED: dict[str, Sequence[list[str]]] = {"score": (["run_id"],), "alert_event": (["alert_id"],)}
AHEAD_INDEX = "ix_event_version_ahead_occurred_on"
MARK_AHEAD = {
    "postgresql": "UPDATE event_version SET ahead = true "
    "WHERE occurred_on > (known_at AT TIME ZONE 'UTC')::date",
    "sqlite": "UPDATE event_version SET ahead = true WHERE occurred_on > date(known_at)",
}
ALERT = sa.table(
    "alert",
    sa.column("id", sa.String(40)),
    sa.column("opened_on", sa.Date()),
    sa.column("whole", sa.Text()),
)


def upgrade() -> None:
    op.add_column("alert", sa.Column("opened_on", sa.Date()))
    _fill()
    _mark_ahead()
    for table, indexes in ADDED.items():
        for columns in indexes:
            op.create_index(_name(table, columns), table, columns)
    for table, indexes in DROPPED.items():
        for columns in indexes:
            op.drop_index(_name(table, columns), table)


def downgrade() -> None:
    for table, indexes in DROPPED.items():
        for columns in indexes:
            op.create_index(_name(table, columns), table, columns)
    for table, indexes in ADDED.items():
        for columns in indexes:
            op.drop_index(_name(table, columns), table)
    op.drop_column("alert", "opened_on")
    op.drop_index(AHEAD_INDEX, "event_version")
    op.drop_column("event_version", "ahead")


def _fill() -> None:
    rows = op.get_bind().execute(sa.select(ALERT.c.id, ALERT.c.whole)).all()
    opened = [{"of": id_, "on": json.loads(whole)["opened_on"]} for id_, whole in rows]
    if opened:
        day = sa.bindparam("on", type_=sa.String())
        is_postgresql = op.get_bind().dialect.name == "postgresql"
        filled = sa.update(ALERT).where(ALERT.c.id == sa.bindparam("of"))
        value = sa.cast(day, sa.Date()) if is_postgresql else sa.type_coerce(day, sa.String())
        op.get_bind().execute(filled.values(opened_on=value), opened)


def _mark_ahead() -> None:
    """Mark the events that were known before the day on which they happened."""
    ahead: sa.Column[bool] = sa.Column(
        "ahead", sa.Boolean(), nullable=False, server_default=sa.false()
    )
    op.add_column("event_version", ahead)
    op.execute(MARK_AHEAD[op.get_bind().dialect.name])
    op.create_index(
        AHEAD_INDEX,
        "event_version",
        ["occurred_on"],
        postgresql_where=sa.text("ahead"),
        sqlite_where=sa.text("ahead = 1"),
    )


def _name(table: str, columns: list[str]) -> str:
    return op.f(f"ix_{table}_{'_'.join(columns)}")
