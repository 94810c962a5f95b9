"""Add field reports, and their data keys in a table of their own."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "field_report",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("country", sa.String(3), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("submission", sa.String(64), nullable=False),
        sa.Column("receipt", sa.String(64), nullable=False),
        sa.Column("key_id", sa.String(8), nullable=False),
        sa.Column("facts", sa.LargeBinary()),
        sa.Column("words", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_field_report")),
        sa.UniqueConstraint("submission", name=op.f("uq_field_report_submission")),
        sa.UniqueConstraint("receipt", name=op.f("uq_field_report_receipt")),
    )
    op.create_index(
        op.f("ix_field_report_country_received_on"), "field_report", ["country", "received_on"]
    )
    op.create_table(
        "field_report_key",
        sa.Column("report_id", sa.String(40), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("report_id", name=op.f("pk_field_report_key")),
        sa.ForeignKeyConstraint(
            ["report_id"],
            ["field_report.id"],
            name=op.f("fk_field_report_key_report_id_field_report"),
        ),
    )


def downgrade() -> None:
    op.drop_table("field_report_key")
    op.drop_index(op.f("ix_field_report_country_received_on"), "field_report")
    op.drop_table("field_report")
