"""Store with the alert which notifications were suppressed, and why."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "held_back",
        sa.Column("sequence", KEY, nullable=False),
        sa.Column("alert_id", sa.String(40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("why", sa.String(20), nullable=False),
        sa.Column("about", sa.String(80), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["alert_id"], ["alert.id"], name=op.f("fk_held_back_alert_id_alert")
        ),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_held_back")),
    )
    op.create_index(op.f("ix_held_back_alert_id"), "held_back", ["alert_id"])


def downgrade() -> None:
    op.drop_table("held_back")
