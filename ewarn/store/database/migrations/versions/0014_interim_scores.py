"""Store whether scores and their runs are interim."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

TABLES = ("score_run", "score")


def upgrade() -> None:
    for table in TABLES:
        op.add_column(
            table,
            sa.Column("interim", sa.Boolean(), nullable=False, server_default=sa.false()),
        )


def downgrade() -> None:
    # Not in a batch: it would create the tables again while other rows refer to them.
    for table in reversed(TABLES):
        op.drop_column(table, "interim")
