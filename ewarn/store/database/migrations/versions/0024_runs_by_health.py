"""Index the runs of a source by health and time, which lists walk back from a moment."""

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_ingest_run_source_health_recorded_at",
        "ingest_run",
        ["source", "health", "recorded_at"],
    )
    op.drop_index("ix_ingest_run_source_health", "ingest_run")


def downgrade() -> None:
    op.create_index("ix_ingest_run_source_health", "ingest_run", ["source", "health"])
    op.drop_index("ix_ingest_run_source_health_recorded_at", "ingest_run")
