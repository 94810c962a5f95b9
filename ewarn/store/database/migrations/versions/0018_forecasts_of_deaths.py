"""Add monthly forecasts of deaths, and their scorecards."""

import sqlalchemy as sa
from alembic import op

from ewarn.store.tables.types import Json, Key, Moment

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "forecast_run",
        sa.Column("id", Key, nullable=False),
        sa.Column("source", sa.String(length=50), nullable=False),
        sa.Column("model", sa.String(length=80), nullable=False),
        sa.Column("known_month", sa.Date(), nullable=False),
        sa.Column("inputs", sa.String(length=64), nullable=False),
        sa.Column("past_year", Json(), nullable=False),
        sa.Column("as_of", Moment(), nullable=False),
        sa.Column("recorded_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_forecast_run")),
    )
    op.create_index(
        op.f("ix_forecast_run_source_known_month"), "forecast_run", ["source", "known_month"]
    )
    op.create_table(
        "forecast",
        sa.Column("id", Key, nullable=False),
        sa.Column("run_id", Key, nullable=False),
        sa.Column("country", sa.String(length=3), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("expected_log", sa.Float(), nullable=False),
        sa.Column("low", sa.Float()),
        sa.Column("high", sa.Float()),
        sa.Column("quantiles", Json(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"], ["forecast_run.id"], name=op.f("fk_forecast_run_id_forecast_run")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_forecast")),
    )
    op.create_index(op.f("ix_forecast_run_id"), "forecast", ["run_id"])
    op.create_table(
        "forecast_scorecard",
        sa.Column("id", Key, nullable=False),
        sa.Column("source", sa.String(length=50), nullable=False),
        sa.Column("model", sa.String(length=80), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("figures", Json(), nullable=False),
        sa.Column("as_of", Moment(), nullable=False),
        sa.Column("recorded_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_forecast_scorecard")),
    )
    op.create_index(
        op.f("ix_forecast_scorecard_source_model"), "forecast_scorecard", ["source", "model"]
    )


def downgrade() -> None:
    for table in ("forecast_scorecard", "forecast", "forecast_run"):
        op.drop_table(table)
