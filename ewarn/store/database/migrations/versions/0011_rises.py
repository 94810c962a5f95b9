"""Store an alert's last warning, what people were notified of, and whether it is a situation."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

ADDED = ("warned_on", "warned_at", "heard_on", "situation")


def upgrade() -> None:
    op.add_column("alert", sa.Column("warned_on", sa.Date(), nullable=True))
    op.add_column("alert", sa.Column("warned_at", sa.Float(), nullable=True))
    op.add_column("alert", sa.Column("heard_on", sa.Date(), nullable=True))
    op.add_column(
        "alert",
        sa.Column("situation", sa.Boolean(), nullable=False, server_default=sa.false()),
    )


def downgrade() -> None:
    with op.batch_alter_table("alert") as batch:
        for name in reversed(ADDED):
            batch.drop_column(name)
