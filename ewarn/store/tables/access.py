"""Tables of API keys, of sessions and of the audit trail: who did what to what, when and why."""

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
    Column("last_used_at", Moment),  # to the hour
    Column("partner", Json),  # regions and days that a partner's key is limited to
)

# People who signed in to the pages. The token of the cookie is not stored, only its hash.
page_session = Table(
    "page_session",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("prefix", String(20), nullable=False),  # of the API key
    Column("person", String(40), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("used_at", Moment, nullable=False),
)

# Every request of a partner that was let in: which key, which route, when. A chain of its own,
# because the audit trail decides how long answers are kept in memory.
partner_read = Table(
    "partner_read",
    metadata,
    Column("sequence", Key, primary_key=True),
    Column("prefix", String(20), nullable=False),
    Column("route", Text, nullable=False),  # its template, never the address
    Column("at", Moment, nullable=False),
    Column("hash", String(64), nullable=False, unique=True),
    Index(None, "prefix"),
)

# Every act except those on alerts, which have their own chain (alert_event). `about` is the kind of
# thing and `after` its state after the act, so the current state is the `after` of the last act.
audit = Table(
    "audit",
    metadata,
    Column("sequence", Key, primary_key=True),
    Column("about", String(20), nullable=False),
    Column("subject", String(40), nullable=False),
    Column("country", String(3)),  # null: no country, or several
    Column("act", String(40), nullable=False),
    Column("day", Date, nullable=False),  # the day on which it was done
    Column("at", Moment, nullable=False),  # the moment at which it was recorded
    Column("actor", String(80), nullable=False),
    Column("reason", Text, nullable=False),
    Column("after", Json, nullable=False),
    Column("salts", Json),  # of the digests; a missing salt means that its text was redacted
    Column("digests", Json),  # of the texts; the hash covers these in place of the texts
    Column("hash", String(64), nullable=False, unique=True),
    Index(None, "about", "subject"),
    Index(None, "about", "country"),
)
