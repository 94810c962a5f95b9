"""Store the source of a fitted model's outcomes where it is not the source of its signals."""

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
    # A model trained on the outcomes of another source would count as trained on its own source's.
    op.execute("DELETE FROM promotion WHERE outcomes <> ''")
    op.execute("DELETE FROM fitted_model WHERE outcomes <> ''")
    # Not in a batch: it would create the table again while other rows refer to it.
    for table in TABLES:
        op.drop_column(table, "outcomes")
