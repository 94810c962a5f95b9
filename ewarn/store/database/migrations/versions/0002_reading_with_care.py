"""Add metadata of payloads, volumes, accepted fields, and leases with epochs."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "accepted_fields",
        sa.Column("id", KEY, nullable=False),
        sa.Column("source", sa.String(length=50), nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_by", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accepted_fields")),
    )
    op.create_index(op.f("ix_accepted_fields_source"), "accepted_fields", ["source"])
    op.create_table(
        "lease",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("holder", sa.String(length=120), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_lease")),
    )
    op.create_table(
        "volume",
        sa.Column("id", KEY, nullable=False),
        sa.Column("run_id", KEY, nullable=False),
        sa.Column("source", sa.String(length=50), nullable=False),
        sa.Column("region", sa.String(length=20), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("records", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"], ["ingest_run.id"], name=op.f("fk_volume_run_id_ingest_run")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_volume")),
    )
    op.create_index(op.f("ix_volume_source_day"), "volume", ["source", "day"])
    op.add_column("ingest_run", sa.Column("payload_name", sa.Text(), nullable=True))
    op.add_column(
        "ingest_run", sa.Column("published_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.create_index(
        op.f("ix_ingest_run_source_payload_name"), "ingest_run", ["source", "payload_name"]
    )
    op.create_index(op.f("ix_ingest_run_source_health"), "ingest_run", ["source", "health"])
    op.add_column("job_run", sa.Column("epoch", sa.Integer(), server_default="0", nullable=False))
    op.add_column("job_run", sa.Column("holder", sa.String(length=120), nullable=True))
    op.add_column("job_run", sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "raw_payload",
        sa.Column("coding", sa.String(length=80), server_default="zlib", nullable=False),
    )
    op.add_column("raw_payload", sa.Column("about", sa.Text(), server_default="{}", nullable=False))
    # Copy the payload's name to existing runs, because the payload itself may be deleted later.
    op.execute(
        "UPDATE ingest_run SET published_at = read_until, payload_name = "
        "(SELECT name FROM raw_payload WHERE raw_payload.id = ingest_run.payload_id)"
    )
    # Files of `exchange` were imported by hand, which does not move the cursor. Otherwise a folder
    # that is watched from now on would be read only from the last import.
    op.execute(
        "UPDATE ingest_run SET read_until = recorded_at WHERE read_until IS NULL "
        "AND health = 'ok' AND payload_name IS NOT NULL AND source <> 'exchange'"
    )


def downgrade() -> None:
    for table, columns in (
        ("raw_payload", ("about", "coding")),
        ("job_run", ("leased_until", "holder", "epoch")),
        ("ingest_run", ("published_at", "payload_name")),
    ):
        if table == "ingest_run":
            op.drop_index(op.f("ix_ingest_run_source_health"), table)
            op.drop_index(op.f("ix_ingest_run_source_payload_name"), table)
        for column in columns:
            op.drop_column(table, column)
    op.drop_table("volume")
    op.drop_table("lease")
    op.drop_table("accepted_fields")
