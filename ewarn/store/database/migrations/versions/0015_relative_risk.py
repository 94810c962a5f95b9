"""Store the relative risk of quiet regions: how they compare with the other quiet regions."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("score", sa.Column("relative_risk", sa.Float()))


def downgrade() -> None:
    # Not in a batch: it would create the table again while other rows refer to it.
    op.drop_column("score", "relative_risk")
