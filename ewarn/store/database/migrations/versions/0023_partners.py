"""Add what keys of partners are limited to, and what partners read."""

import sqlalchemy as sa
from alembic import op

from ewarn.store.tables.types import Json, Key, Moment

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("api_key", sa.Column("partner", Json))
    op.create_table(
        "partner_read",
        sa.Column("sequence", Key, nullable=False),
        sa.Column("prefix", sa.String(20), nullable=False),
        sa.Column("route", sa.Text(), nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_partner_read")),
        sa.UniqueConstraint("hash", name=op.f("uq_partner_read_hash")),
    )
    op.create_index(op.f("ix_partner_read_prefix"), "partner_read", ["prefix"])


def downgrade() -> None:
    op.drop_index(op.f("ix_partner_read_prefix"), "partner_read")
    op.drop_table("partner_read")
    op.drop_column("api_key", "partner")
