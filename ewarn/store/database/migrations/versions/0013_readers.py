"""Add licences to API keys, and to alerts, notices and messages the licence their readers need."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

OF_ONE = ("alert", "notice", "outbox")


def upgrade() -> None:
    op.add_column("api_key", sa.Column("licences", sa.Text(), nullable=False, server_default="[]"))
    for table in OF_ONE:
        op.add_column(table, sa.Column("readers", sa.String(80), nullable=False, server_default=""))


def downgrade() -> None:
    for table in reversed(OF_ONE):
        with op.batch_alter_table(table) as batch:
            batch.drop_column("readers")
    with op.batch_alter_table("api_key") as batch:
        batch.drop_column("licences")
