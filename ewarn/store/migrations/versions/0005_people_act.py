"""People act: who acknowledged an alert, and what it proved to be."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("alert", sa.Column("acknowledged_by", sa.String(80), nullable=True))
    op.add_column("alert", sa.Column("assessment", sa.String(20), nullable=True))


def downgrade() -> None:
    op.drop_column("alert", "assessment")
    op.drop_column("alert", "acknowledged_by")
