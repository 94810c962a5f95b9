"""Tables of event versions and of the count ledger."""

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    Float,
    Index,
    Integer,
    String,
    Table,
    Text,
    false,
    text,
)

from ewarn.store.tables.base import metadata
from ewarn.store.tables.types import Key, Moment

event_version = Table(
    "event_version",
    metadata,
    Column("id", Key, primary_key=True),
    Column("source", String(50), nullable=False),
    Column("source_event_id", String(200), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("occurred_on", Date, nullable=False),
    Column("ended_on", Date, nullable=False),
    Column("date_precision", String(10), nullable=False),
    Column("country", String(3), nullable=False),
    Column("region", String(20), nullable=False),
    Column("place", Text),
    Column("latitude", Float),
    Column("longitude", Float),
    Column("location_precision", String(10), nullable=False),
    Column("participants_low", Key),
    Column("participants_high", Key),
    Column("fatalities_low", Key),
    Column("fatalities_high", Key),
    Column("injured", Key),
    Column("arrests", Key),
    Column("tags", Text, nullable=False),
    Column("summary", Text),
    Column("source_url", Text),
    Column("deleted", Boolean, nullable=False),
    Column("content_hash", String(64), nullable=False),
    Column("known_at", Moment, nullable=False),
    Column("known_at_estimated", Boolean, nullable=False),
    Column("recorded_at", Moment, nullable=False),
    # Whether it was known before the day of the event, as elections are.
    Column("ahead", Boolean, nullable=False, server_default=false()),
    Index(None, "source", "source_event_id"),
    # Lists walk along these, newest day first.
    Index(None, "occurred_on"),
    Index(None, "country", "occurred_on"),
    Index(None, "country", "kind", "occurred_on"),
    Index(None, "region", "occurred_on"),
    Index(None, "kind", "occurred_on"),
    Index(None, "source", "occurred_on"),
    Index(
        "ix_event_version_ahead_occurred_on",
        "occurred_on",
        postgresql_where=text("ahead"),
        sqlite_where=text("ahead = 1"),
    ),
)

count_delta = Table(
    "count_delta",
    metadata,
    Column("id", Key, primary_key=True),
    Column("region", String(20), nullable=False),
    Column("week", Date, nullable=False),
    Column("last_week", Date, nullable=False),
    Column("signal", String(80), nullable=False),
    Column("known_at", Moment, nullable=False),
    Column("recorded_at", Moment, nullable=False),
    Column("delta", Integer, nullable=False),
    Index(None, "week"),
)
