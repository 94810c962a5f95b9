"""Add the records of all kinds by country and week, which scores are measured against."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "weekly_volume",
        sa.Column("source", sa.String(50), nullable=False),
        sa.Column("country", sa.String(3), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("known_on", sa.Date(), nullable=False),
        sa.Column("records", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(
            "source", "country", "week", "known_on", name=op.f("pk_weekly_volume")
        ),
    )


def downgrade() -> None:
    op.drop_table("weekly_volume")
