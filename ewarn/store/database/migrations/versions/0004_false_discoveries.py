"""Add the false discovery rate that a detector's alarm implies among the regions of its week."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("score", sa.Column("false_discovery", sa.Float(), nullable=True))


def downgrade() -> None:
    op.drop_column("score", "false_discovery")
