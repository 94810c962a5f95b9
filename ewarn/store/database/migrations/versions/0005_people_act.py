"""Add acknowledgements and assessments of alerts, and silences."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("alert", sa.Column("acknowledged_by", sa.String(80), nullable=True))
    op.add_column("alert", sa.Column("assessment", sa.String(20), nullable=True))
    op.add_column("alert", sa.Column("told", sa.String(20), nullable=True))
    # People were already notified of open alerts: the upgrade must not notify them again.
    op.execute("UPDATE alert SET told = highest")
    op.create_table(
        "silence",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("author", sa.String(80), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("starts_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.Column("countries", sa.Text(), nullable=False),
        sa.Column("regions", sa.Text(), nullable=False),
        sa.Column("targets", sa.Text(), nullable=False),
        sa.Column("rules", sa.Text(), nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("ended_by", sa.String(80), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_silence")),
    )
    op.create_index(op.f("ix_silence_ends_at"), "silence", ["ends_at"])


def downgrade() -> None:
    op.drop_table("silence")
    op.drop_column("alert", "told")
    op.drop_column("alert", "assessment")
    op.drop_column("alert", "acknowledged_by")
