"""Add notices, subscriptions, failing addresses, heartbeats, and changes of source health."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    with op.batch_alter_table("alert") as table:
        table.add_column(sa.Column("tier", sa.Integer(), nullable=False, server_default="1"))
        table.add_column(sa.Column("waiting_since", MOMENT, nullable=True))
        table.add_column(
            sa.Column("corrected", sa.Boolean(), nullable=False, server_default=sa.false())
        )
    with op.batch_alter_table("alert") as table:
        table.alter_column("tier", server_default=None)
        table.alter_column("corrected", server_default=None)
    _outbox()
    op.create_table(
        "notice",
        sa.Column("sequence", KEY, nullable=False),
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("about", sa.String(20), nullable=False),
        sa.Column("thread", sa.String(80), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("message_id", sa.String(40), nullable=True),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_notice")),
        sa.UniqueConstraint("id", name=op.f("uq_notice_id")),
    )
    op.create_index(op.f("ix_notice_message_id"), "notice", ["message_id"])
    op.create_index(op.f("ix_notice_message_id_due_at"), "notice", ["message_id", "due_at"])
    op.create_index(op.f("ix_notice_thread_recipient"), "notice", ["thread", "recipient"])
    op.create_table(
        "subscription",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("key_prefix", sa.String(40), nullable=False),
        sa.Column("owner", sa.String(80), nullable=False),
        sa.Column("wishes", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("rotated_at", MOMENT, nullable=True),
        sa.Column("code_hash", sa.String(64), nullable=True),
        sa.Column("code_expires_at", MOMENT, nullable=True),
        sa.Column("verified_at", MOMENT, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscription")),
    )
    op.create_table(
        "endpoint",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("failing_since", MOMENT, nullable=True),
        sa.Column("delivered_at", MOMENT, nullable=True),
        sa.Column("disabled_at", MOMENT, nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_endpoint")),
    )
    op.create_table(
        "heartbeat",
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("says", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_heartbeat")),
    )
    op.create_table(
        "source_turn",
        sa.Column("sequence", KEY, nullable=False),
        sa.Column("source", sa.String(80), nullable=False),
        sa.Column("health", sa.String(20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_source_turn")),
    )
    op.create_index(op.f("ix_source_turn_source"), "source_turn", ["source"])


_IN_ORDER = "ix_outbox_state_next_attempt_at_created_at_id"


def _outbox() -> None:
    """Let a message refer to several alerts, and store the address that it goes to."""
    with op.batch_alter_table("outbox") as table:
        table.add_column(sa.Column("html", sa.Text(), nullable=False, server_default=""))
        table.add_column(sa.Column("endpoint", sa.Text(), nullable=False, server_default=""))
        table.drop_constraint(op.f("fk_outbox_alert_id_alert"), type_="foreignkey")
        table.drop_column("alert_id")
    op.execute("UPDATE outbox SET endpoint = channel || ':' || recipient")
    with op.batch_alter_table("outbox") as table:
        table.alter_column("html", server_default=None)
        table.alter_column("endpoint", server_default=None)
        table.create_index(op.f("ix_outbox_endpoint"), ["endpoint"])
        table.drop_index(op.f("ix_outbox_state_next_attempt_at"))
        table.create_index(op.f(_IN_ORDER), ["state", "next_attempt_at", "created_at", "id"])


def downgrade() -> None:
    for name in ("source_turn", "heartbeat", "endpoint", "subscription", "notice"):
        op.drop_table(name)
    with op.batch_alter_table("outbox") as table:
        table.drop_index(op.f("ix_outbox_endpoint"))
        table.drop_index(op.f(_IN_ORDER))
        table.create_index(op.f("ix_outbox_state_next_attempt_at"), ["state", "next_attempt_at"])
        table.drop_column("endpoint")
        table.drop_column("html")
        table.add_column(sa.Column("alert_id", sa.String(40), nullable=True))
        table.create_foreign_key(op.f("fk_outbox_alert_id_alert"), "alert", ["alert_id"], ["id"])
    with op.batch_alter_table("alert") as table:
        for name in ("corrected", "waiting_since", "tier"):
            table.drop_column(name)
