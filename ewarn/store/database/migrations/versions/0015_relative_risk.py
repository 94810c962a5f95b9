"""Scores of quiet regions know how they compare with the other quiet ones."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("score", sa.Column("relative_risk", sa.Float()))


def downgrade() -> None:
    # Not in a batch, which would make the table anew under the rows that point to it.
    op.drop_column("score", "relative_risk")
