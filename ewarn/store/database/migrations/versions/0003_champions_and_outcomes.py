"""Add fitted models as data, promotions of champions, and the outcome that followed each score."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def _purpose() -> tuple[sa.Column[str], sa.Column[str], sa.Column[str], sa.Column[int]]:
    """Return new columns for the purpose of a model, since each table needs its own."""
    return (
        sa.Column("source", sa.String(length=50), nullable=False),
        sa.Column("target", sa.String(length=20), nullable=False),
        sa.Column("level", sa.String(length=10), nullable=False),
        sa.Column("horizon_weeks", sa.Integer(), nullable=False),
    )


def upgrade() -> None:
    op.create_table(
        "fitted_model",
        sa.Column("id", KEY, nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("version", sa.String(length=20), nullable=False),
        *_purpose(),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("first_week", sa.Date(), nullable=False),
        sa.Column("labels_before", sa.Date(), nullable=False),
        sa.Column("as_of", MOMENT, nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fitted_model")),
    )
    op.create_index(op.f("ix_fitted_model_source_sha256"), "fitted_model", ["source", "sha256"])
    op.create_table(
        "promotion",
        sa.Column("id", KEY, nullable=False),
        sa.Column("fit_id", KEY, nullable=False),
        *_purpose(),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("promoted_by", sa.String(length=80), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("figures", sa.Text(), nullable=False),
        sa.Column("as_of", MOMENT, nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["fit_id"], ["fitted_model.id"], name=op.f("fk_promotion_fit_id_fitted_model")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promotion")),
    )
    op.create_index(op.f("ix_promotion_source_as_of"), "promotion", ["source", "as_of"])
    op.create_table(
        "score_outcome",
        sa.Column("score_id", KEY, autoincrement=False, nullable=False),
        sa.Column("outcome", sa.Boolean(), nullable=True),
        sa.Column("deployed", sa.Boolean(), nullable=True),
        sa.Column("as_of", MOMENT, nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["score_id"], ["score.id"], name=op.f("fk_score_outcome_score_id_score")
        ),
        sa.PrimaryKeyConstraint("score_id", name=op.f("pk_score_outcome")),
    )
    op.create_table(
        "scorecard",
        sa.Column("id", KEY, nullable=False),
        sa.Column("model", sa.String(length=40), nullable=False),
        *_purpose(),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("figures", sa.Text(), nullable=False),
        sa.Column("as_of", MOMENT, nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scorecard")),
    )
    op.create_index(op.f("ix_scorecard_model_recorded_at"), "scorecard", ["model", "recorded_at"])


def downgrade() -> None:
    for table in ("scorecard", "score_outcome", "promotion", "fitted_model"):
        op.drop_table(table)
