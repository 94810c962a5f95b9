"""Tables of alerts: rules in force, alerts and their changes, silences, suppressed changes."""

from sqlalchemy import Column, Date, ForeignKey, Index, String, Table, Text

from ewarn.store.tables.base import metadata
from ewarn.store.tables.types import Json, Key, Moment

rule_version = Table(
    "rule_version",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("rule", String(80), nullable=False),
    Column("text", Text, nullable=False),
    Column("recorded_at", Moment, nullable=False),
)

# A projection of alert_event: the state after the last change, as JSON in `whole`, with columns
# that queries filter by. `ewarn doctor` checks that both tables agree.
alert = Table(
    "alert",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("rule", String(80), nullable=False),
    Column("region", String(20), nullable=False),
    Column("country", String(3), nullable=False),
    Column("state", String(20), nullable=False, index=True),
    Column("opened_on", Date),
    Column("closed_on", Date),
    Column("settled_at", Moment),  # of the last change of a closed alert
    Column("last_origin", Date, nullable=False),
    Column("readers", String(80), nullable=False, server_default=""),  # a licence, or none
    Column("whole", Json, nullable=False, server_default="{}"),
    Index(None, "rule", "region"),
    Index(None, "opened_on", "id"),
    Index(None, "country", "opened_on"),
)

silence = Table(
    "silence",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("author", String(80), nullable=False),
    Column("reason", Text, nullable=False),
    Column("starts_at", Moment, nullable=False),
    Column("ends_at", Moment, nullable=False, index=True),
    Column("countries", Json, nullable=False),
    Column("regions", Json, nullable=False),
    Column("targets", Json, nullable=False),
    Column("rules", Json, nullable=False),
    Column("ended_at", Moment),
    Column("ended_by", String(80)),
)

alert_event = Table(
    "alert_event",
    metadata,
    Column("sequence", Key, primary_key=True),
    Column("alert_id", String(40), ForeignKey("alert.id"), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("at", Moment, nullable=False),
    Column("actor", String(80), nullable=False),
    Column("reason", Text, nullable=False),
    Column("rule_hash", String(64), nullable=False),
    Column("after", Json, nullable=False),  # the alert after this change
    Column("salts", Json),  # of the digests; the salt of a redacted text is missing
    Column("digests", Json),  # of the texts; the hash covers the digests, not the texts
    Column("hash", String(64), nullable=False, unique=True),
    Index(None, "alert_id", "sequence"),
    Index(None, "at", "sequence"),
)

# Changes of which nobody was notified when they happened, and why.
suppressed_change = Table(
    "suppressed_change",
    metadata,
    Column("sequence", Key, primary_key=True),
    Column("alert_id", String(40), ForeignKey("alert.id"), nullable=False, index=True),
    Column("at", Moment, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("why", String(20), nullable=False),
    Column("about", String(80), nullable=False),  # a source, or the id of a silence
    Column("until", Moment),
)
