"""Tables of API keys and of the audit trail: who did what to what, when and why."""

from sqlalchemy import Column, Date, Index, String, Table, Text

from ewarn.store.tables.base import metadata
from ewarn.store.tables.types import Json, Key, Moment

api_key = Table(
    "api_key",
    metadata,
    Column("prefix", String(20), primary_key=True),
    Column("secret_hash", String(64), nullable=False),
    Column("name", Text, nullable=False),
    Column("scopes", Json, nullable=False),
    Column("countries", Json, nullable=False),  # alpha-3 codes, or ["*"]
    Column("licences", Json, nullable=False, server_default="[]"),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment),
    Column("revoked_at", Moment),
    Column("last_used_at", Moment),
)

# Every act but those on alerts, which have a chain of their own (alert_event). `about` is the kind
# of thing, `after` the thing as the act left it: what stands is what the last act left.
audit = Table(
    "audit",
    metadata,
    Column("sequence", Key, primary_key=True),
    Column("about", String(20), nullable=False),
    Column("subject", String(40), nullable=False),
    Column("country", String(3)),  # null: of none, or of several
    Column("act", String(40), nullable=False),
    Column("day", Date, nullable=False),  # on which it was done, in the world
    Column("at", Moment, nullable=False),  # when it was recorded
    Column("actor", String(80), nullable=False),
    Column("reason", Text, nullable=False),
    Column("after", Json, nullable=False),
    Column("salts", Json),  # of the digests; one that is gone was redacted
    Column("digests", Json),  # of the texts, which the hash covers by them
    Column("hash", String(64), nullable=False, unique=True),
    Index(None, "about", "subject"),
    Index(None, "about", "country"),
)
