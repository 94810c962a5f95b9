"""Add the sessions of people on the pages."""

import sqlalchemy as sa
from alembic import op

from ewarn.store.tables.types import Moment

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "page_session",
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("prefix", sa.String(20), nullable=False),
        sa.Column("person", sa.String(40), nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("used_at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_page_session")),
    )


def downgrade() -> None:
    op.drop_table("page_session")
