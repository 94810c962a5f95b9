"""Add when a closed alert changed last, and an index of changes by time."""

import json

import sqlalchemy as sa
from alembic import op

from ewarn.store.tables.types import Moment

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

ALERT = sa.table("alert", sa.column("id", sa.String(40)), sa.column("settled_at", Moment))
CHANGE = sa.table(
    "alert_event",
    sa.column("sequence", sa.BigInteger()),
    sa.column("alert_id", sa.String(40)),
    sa.column("at", Moment),
    sa.column("after", sa.Text()),
)


def upgrade() -> None:
    op.add_column("alert", sa.Column("settled_at", Moment))
    op.create_index("ix_alert_event_at_sequence", "alert_event", ["at", "sequence"])
    rows = op.get_bind().execute(
        sa.select(CHANGE.c.alert_id, CHANGE.c.at, CHANGE.c.after).order_by(CHANGE.c.sequence)
    )
    last = {alert_id: (at, json.loads(after)["state"]) for alert_id, at, after in rows}
    values = [{"of": id_, "at": at} for id_, (at, state) in last.items() if state == "closed"]
    if values:
        filled = sa.update(ALERT).where(ALERT.c.id == sa.bindparam("of"))
        at = sa.bindparam("at", type_=Moment)
        op.get_bind().execute(filled.values(settled_at=at), values)


def downgrade() -> None:
    op.drop_index("ix_alert_event_at_sequence", "alert_event")
    op.drop_column("alert", "settled_at")
