"""Tables of ingestion: payloads, runs, rejected rows, covered weeks, and volumes."""

from sqlalchemy import (
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from ewarn.store.tables.base import metadata
from ewarn.store.tables.types import Bytes, ForeignText, Json, Key, Moment

raw_payload = Table(
    "raw_payload",
    metadata,
    Column("id", Key, primary_key=True),
    Column("source", String(50), nullable=False),
    Column("name", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("size", Integer, nullable=False),  # bytes, before compression
    Column("fetched_at", Moment, nullable=False),
    Column("body", Bytes, nullable=False),
    Column("coding", String(80), nullable=False, server_default="zlib"),  # encoding of the body
    Column("about", Json, nullable=False, server_default="{}"),  # its days and publication time
    UniqueConstraint("source", "sha256", "name"),
)

ingest_run = Table(
    "ingest_run",
    metadata,
    Column("id", Key, primary_key=True),
    Column("source", String(50), nullable=False),
    Column("payload_id", Key, ForeignKey("raw_payload.id")),
    Column("recorded_at", Moment, nullable=False),
    Column("health", String(20), nullable=False),
    Column("reason", ForeignText, nullable=False),
    Column("accepted", Integer, nullable=False, default=0),
    Column("versions", Integer, nullable=False, default=0),
    Column("unchanged", Integer, nullable=False, default=0),
    Column("tombstones", Integer, nullable=False, default=0),
    Column("rejected", Integer, nullable=False, default=0),
    Column("skipped", Json, nullable=False, default=dict),
    Column("last_event_on", Date),
    Column("read_until", Moment),  # how far the source was read, by publication times
    Column("payload_name", Text),  # stays when the payload is deleted
    Column("published_at", Moment),  # by the provider's own mark
    Index(None, "source", "recorded_at"),
    Index(None, "source", "payload_name"),
    Index(None, "source", "health", "recorded_at"),
)

rejection = Table(
    "rejection",
    metadata,
    Column("id", Key, primary_key=True),
    Column("run_id", Key, ForeignKey("ingest_run.id"), nullable=False, index=True),
    Column("line", Integer),
    Column("reason", ForeignText, nullable=False),
)

coverage = Table(
    "coverage",
    metadata,
    Column("id", Key, primary_key=True),
    Column("source", String(50), nullable=False),
    Column("country", String(3), nullable=False),
    Column("first_week", Date, nullable=False),
    Column("last_week", Date, nullable=False),
    Column("recorded_at", Moment, nullable=False),
    Index(None, "source", "last_week"),
)

# The number of records of all kinds in a payload, which counts are measured against.
volume = Table(
    "volume",
    metadata,
    Column("id", Key, primary_key=True),
    Column("run_id", Key, ForeignKey("ingest_run.id"), nullable=False),
    Column("source", String(50), nullable=False),
    Column("region", String(20), nullable=False),
    Column("day", Date, nullable=False),
    Column("records", Integer, nullable=False),
    Column("recorded_at", Moment, nullable=False),
    Index(None, "source", "day"),
)

# The same by country and ISO week, which scores are measured against; payloads add to it as they
# arrive. A record counts from `known_on`, the first Monday by which its payload was published.
weekly_volume = Table(
    "weekly_volume",
    metadata,
    Column("source", String(50), primary_key=True),
    Column("country", String(3), primary_key=True),
    Column("week", Date, primary_key=True),
    Column("known_on", Date, primary_key=True),
    Column("records", Integer, nullable=False),
)

# The fields of a source's records, as a person accepted them or as the first payload had them.
accepted_fields = Table(
    "accepted_fields",
    metadata,
    Column("id", Key, primary_key=True),
    Column("source", String(50), nullable=False, index=True),
    Column("fields", Json, nullable=False),
    Column("accepted_at", Moment, nullable=False),
    Column("accepted_by", String(80), nullable=False),
)

# Each change of the health of a source.
health_change = Table(
    "health_change",
    metadata,
    Column("sequence", Key, primary_key=True),
    Column("source", String(80), nullable=False, index=True),
    Column("health", String(20), nullable=False),
    Column("reason", ForeignText, nullable=False),
    Column("at", Moment, nullable=False),
)
