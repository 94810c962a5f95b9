"""Runs of scores know whether they are interim."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "score_run",
        sa.Column("interim", sa.Boolean(), nullable=False, server_default=sa.false()),
    )


def downgrade() -> None:
    # Not in a batch, which would make the table anew under the scores that point to it.
    op.drop_column("score_run", "interim")
