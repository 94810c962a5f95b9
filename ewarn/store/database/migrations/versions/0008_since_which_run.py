"""Store since which run the scores of each country are unchanged. Older runs name themselves."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "score_standing",
        sa.Column("run_id", KEY, nullable=False),
        sa.Column("country", sa.String(3), nullable=False),
        sa.Column("digest", sa.String(32), nullable=False),
        sa.Column("since_run", KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"], ["score_run.id"], name=op.f("fk_score_standing_run_id_score_run")
        ),
        sa.PrimaryKeyConstraint("run_id", "country", name=op.f("pk_score_standing")),
    )
    op.execute(
        "INSERT INTO score_standing (run_id, country, digest, since_run) "
        "SELECT DISTINCT run_id, country, '', run_id FROM score"
    )


def downgrade() -> None:
    op.drop_table("score_standing")
