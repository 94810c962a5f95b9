"""Fitted models name the source of their outcomes, where it is not that of their signals."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

TABLES = ("fitted_model", "promotion")


def upgrade() -> None:
    for table in TABLES:
        column = sa.Column("outcomes", sa.String(length=50), nullable=False, server_default="")
        op.add_column(table, column)


def downgrade() -> None:
    # What learned from another source would be taken for a model of its signals' own outcomes.
    op.execute("DELETE FROM promotion WHERE outcomes <> ''")
    op.execute("DELETE FROM fitted_model WHERE outcomes <> ''")
    # Not in a batch, which would make the table anew under the rows that point to it.
    for table in TABLES:
        op.drop_column(table, "outcomes")
