"""Tables of fitted models, and of the promotions that made them champions."""

from sqlalchemy import Column, Date, ForeignKey, Index, Integer, String, Table, Text

from ewarn.store.tables.base import metadata
from ewarn.store.tables.types import ForeignText, Json, Key, Moment

# Fitted models as data: parameters and model card in one document, which is loaded only if its hash
# is the one stored.
fitted_model = Table(
    "fitted_model",
    metadata,
    Column("id", Key, primary_key=True),
    Column("name", String(40), nullable=False),
    Column("version", String(20), nullable=False),
    Column("source", String(50), nullable=False),  # of its signals
    Column("target", String(20), nullable=False),
    Column("level", String(10), nullable=False),
    Column("horizon_weeks", Integer, nullable=False),
    # The source of its outcomes; empty where it is the source of its signals.
    Column("outcomes", String(50), nullable=False, server_default=""),
    Column("document", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("first_week", Date, nullable=False),
    Column("labels_before", Date, nullable=False),
    Column("as_of", Moment, nullable=False),
    Column("recorded_at", Moment, nullable=False),
    Index(None, "source", "sha256"),
)

# Which fit served when: the champion of a purpose is its last row under a cut.
promotion = Table(
    "promotion",
    metadata,
    Column("id", Key, primary_key=True),
    Column("fit_id", Key, ForeignKey("fitted_model.id"), nullable=False),
    Column("source", String(50), nullable=False),
    Column("target", String(20), nullable=False),
    Column("level", String(10), nullable=False),
    Column("horizon_weeks", Integer, nullable=False),
    Column("outcomes", String(50), nullable=False, server_default=""),
    Column("sha256", String(64), nullable=False),
    Column("promoted_by", String(80), nullable=False),
    Column("reason", ForeignText, nullable=False),
    Column("figures", Json, nullable=False),
    Column("as_of", Moment, nullable=False),
    Column("recorded_at", Moment, nullable=False),
    Index(None, "source", "as_of"),
)
