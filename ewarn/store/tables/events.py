"""Tables of events: their versions, and the ledger of counts."""

from sqlalchemy import Boolean, Column, Date, Float, Index, Integer, String, Table, Text

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
    Index(None, "source", "source_event_id"),
    Index(None, "country", "occurred_on"),
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
