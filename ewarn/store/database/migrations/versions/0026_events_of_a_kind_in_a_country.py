"""Index the events of a kind in a country, which are many years of rows apart."""

from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

INDEX = "ix_event_version_country_kind_occurred_on"


def upgrade() -> None:
    op.create_index(INDEX, "event_version", ["country", "kind", "occurred_on"])


def downgrade() -> None:
    op.drop_index(INDEX, "event_version")
