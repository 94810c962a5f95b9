"""Let chains cover texts by digests, so that a text can be redacted. Older rows do not change."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

TABLES = ("alert_event", "audit")


def upgrade() -> None:
    for table in TABLES:
        op.add_column(table, sa.Column("salts", sa.Text(), nullable=True))
        op.add_column(table, sa.Column("digests", sa.Text(), nullable=True))


def downgrade() -> None:
    for table in TABLES:
        with op.batch_alter_table(table) as batch:
            batch.drop_column("digests")
            batch.drop_column("salts")
