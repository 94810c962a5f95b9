"""Tables of delivery: notifications, messages, attempts, subscriptions, endpoints, heartbeats."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, Text

from ewarn.store.tables.base import metadata
from ewarn.store.tables.types import ForeignText, Json, Key, Moment

# A notification for one recipient. It waits until it has a message.
notification = Table(
    "notification",
    metadata,
    Column("sequence", Key, primary_key=True),
    Column("id", String(40), nullable=False, unique=True),
    Column("recipient", Text, nullable=False),
    Column("about", String(20), nullable=False),
    Column("thread", String(80), nullable=False),
    Column("urgent", Boolean, nullable=False),
    Column("facts", Json, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("message_id", String(40), index=True),
    Column("readers", String(80), nullable=False, server_default=""),  # a licence, or none
    Index(None, "thread", "recipient"),
    Index(None, "message_id", "due_at"),
)

subscription = Table(
    "subscription",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("key_prefix", String(40), nullable=False),
    Column("owner", String(80), nullable=False),
    Column("wishes", Json, nullable=False),  # the recipient as JSON
    Column("created_at", Moment, nullable=False),
    Column("generation", Integer, nullable=False),  # number of the current signing secret
    Column("rotated_at", Moment),
    Column("code_hash", String(64)),
    Column("code_expires_at", Moment),
    Column("verified_at", Moment),
    Column("ended_at", Moment),
)

# Whether an address accepts messages. One that fails for days is switched off.
endpoint = Table(
    "endpoint",
    metadata,
    Column("id", Text, primary_key=True),  # the recipient's id
    Column("failing_since", Moment),
    Column("delivered_at", Moment),
    Column("disabled_at", Moment),
    Column("reason", ForeignText, nullable=False),
)

heartbeat = Table(
    "heartbeat",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("at", Moment, nullable=False),
    Column("says", Json, nullable=False),
)

# Codes sent to addresses that are not verified yet. The address is stored as its SHA-256.
verification_code = Table(
    "verification_code",
    metadata,
    Column("id", Key, primary_key=True),
    Column("at", Moment, nullable=False, index=True),
    Column("key_prefix", String(40), nullable=False),
    Column("address", String(64), nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("channel", String(40), nullable=False),
    Column("recipient", Text, nullable=False),  # the address
    Column("subject", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("html", Text, nullable=False),
    Column("body", Json, nullable=False),
    Column("endpoint", Text, nullable=False, index=True),
    Column("readers", String(80), nullable=False, server_default=""),  # a licence, or none
    Column("created_at", Moment, nullable=False),
    Column("state", String(20), nullable=False),  # waiting | delivered | dead
    Column("attempts", Integer, nullable=False, default=0),
    Column("next_attempt_at", Moment, nullable=False),
    Column("leased_until", Moment),
    # The order in which messages are sent, so that the next ones are read without sorting.
    Index(None, "state", "next_attempt_at", "created_at", "id"),
    Index(None, "created_at"),
)

delivery_attempt = Table(
    "delivery_attempt",
    metadata,
    Column("id", Key, primary_key=True),
    Column("outbox_id", String(40), ForeignKey("outbox.id"), nullable=False, index=True),
    Column("at", Moment, nullable=False),
    Column("outcome", String(20), nullable=False),
    Column("detail", ForeignText, nullable=False),
)
