"""The tables. What happened is append-only; only delivery, leases and projections are updated."""

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from ewarn.store.types import Bytes, Json, Key, Moment, Said

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

meta = Table(
    "meta",
    metadata,
    Column("key", String(50), primary_key=True),
    Column("value", Text, nullable=False),
)

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
    Column("coding", String(80), nullable=False, server_default="zlib"),  # how body is kept
    Column("about", Json, nullable=False, server_default="{}"),  # the payload's days and mark
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
    Column("reason", Said, nullable=False),
    Column("accepted", Integer, nullable=False, default=0),
    Column("versions", Integer, nullable=False, default=0),
    Column("unchanged", Integer, nullable=False, default=0),
    Column("tombstones", Integer, nullable=False, default=0),
    Column("rejected", Integer, nullable=False, default=0),
    Column("skipped", Json, nullable=False, default=dict),
    Column("last_event_on", Date),
    Column("read_until", Moment),  # how far the provider's own marks were read
    Column("payload_name", Text),  # outlives the payload
    Column("published_at", Moment),  # the provider's mark of this payload
    Index(None, "source", "recorded_at"),
    Index(None, "source", "payload_name"),
    Index(None, "source", "health"),
)

rejection = Table(
    "rejection",
    metadata,
    Column("id", Key, primary_key=True),
    Column("run_id", Key, ForeignKey("ingest_run.id"), nullable=False, index=True),
    Column("line", Integer),
    Column("reason", Said, nullable=False),
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

# Records of all kinds that a payload held: what counts are to be measured against.
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

# The same by country and ISO week, added up as payloads come: what scores are measured against. A
# record counts from `known_on` on, the first Monday at which its payload was published.
weekly_volume = Table(
    "weekly_volume",
    metadata,
    Column("source", String(50), primary_key=True),
    Column("country", String(3), primary_key=True),
    Column("week", Date, primary_key=True),
    Column("known_on", Date, primary_key=True),
    Column("records", Integer, nullable=False),
)

# The fields of a source's records as a person, or its first payload, accepted them.
accepted_fields = Table(
    "accepted_fields",
    metadata,
    Column("id", Key, primary_key=True),
    Column("source", String(50), nullable=False, index=True),
    Column("fields", Json, nullable=False),
    Column("accepted_at", Moment, nullable=False),
    Column("accepted_by", String(80), nullable=False),
)

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

score_run = Table(
    "score_run",
    metadata,
    Column("id", Key, primary_key=True),
    Column("source", String(50), nullable=False),
    Column("origin", Date, nullable=False),
    Column("as_of", Moment, nullable=False),
    Column("recorded_at", Moment, nullable=False),
    Column("inputs", String(64), nullable=False),  # hash of everything the scores rest on
    Column("interim", Boolean, nullable=False),
    Index(None, "source", "origin"),
)

# Since which run of its source and origin the scores of a country stand as they are.
score_standing = Table(
    "score_standing",
    metadata,
    Column("run_id", Key, ForeignKey("score_run.id"), primary_key=True, autoincrement=False),
    Column("country", String(3), primary_key=True),
    Column("digest", String(32), nullable=False),
    Column("since_run", Key, nullable=False),
)

score = Table(
    "score",
    metadata,
    Column("id", Key, primary_key=True),
    Column("run_id", Key, ForeignKey("score_run.id"), nullable=False, index=True),
    Column("region", String(20), nullable=False),
    Column("country", String(3), nullable=False),
    Column("target", String(20), nullable=False),
    Column("horizon_weeks", Integer, nullable=False),
    Column("origin", Date, nullable=False),
    Column("model", String(80), nullable=False),
    Column("basis", String(20), nullable=False),
    Column("band", String(20), nullable=False),
    Column("probability", Float),
    Column("low", Float),
    Column("high", Float),
    Column("expected", Float),
    Column("upper", Float),
    Column("observed", Integer),
    Column("false_discovery", Float),
    Column("relative_risk", Float),
    Column("completeness", Float, nullable=False),
    Column("sources", Json, nullable=False),
    Column("drivers", Json, nullable=False),
    Column("members", Json, nullable=False),
    Column("as_of", Moment, nullable=False),
    Column("interim", Boolean, nullable=False),
    Column("recorded_at", Moment, nullable=False),
    Index(None, "region", "target", "origin"),
)

# Fitted models as data: parameters and card in one document, loaded only if it has its hash.
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
    Column("outcomes", String(50), nullable=False, server_default=""),  # whose; empty: the same
    Column("document", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("first_week", Date, nullable=False),
    Column("labels_before", Date, nullable=False),
    Column("as_of", Moment, nullable=False),
    Column("recorded_at", Moment, nullable=False),
    Index(None, "source", "sha256"),
)

# Who served when: the champion is the last row of its purpose under a cut.
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
    Column("reason", Said, nullable=False),
    Column("figures", Json, nullable=False),
    Column("as_of", Moment, nullable=False),
    Column("recorded_at", Moment, nullable=False),
    Index(None, "source", "as_of"),
)

# What followed each score, once that could be known; null where nobody looked.
score_outcome = Table(
    "score_outcome",
    metadata,
    Column("score_id", Key, ForeignKey("score.id"), primary_key=True, autoincrement=False),
    Column("outcome", Boolean),
    Column("deployed", Boolean),  # under a deployment; null where this store cannot know
    Column("as_of", Moment, nullable=False),
    Column("recorded_at", Moment, nullable=False),
)

scorecard = Table(
    "scorecard",
    metadata,
    Column("id", Key, primary_key=True),
    Column("model", String(40), nullable=False),
    Column("source", String(50), nullable=False),
    Column("target", String(20), nullable=False),
    Column("level", String(10), nullable=False),
    Column("horizon_weeks", Integer, nullable=False),
    Column("month", String(7), nullable=False),  # of the origins, YYYY-MM; empty for all of them
    Column("figures", Json, nullable=False),
    Column("as_of", Moment, nullable=False),
    Column("recorded_at", Moment, nullable=False),
    Index(None, "model", "recorded_at"),
)

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

job_run = Table(
    "job_run",
    metadata,
    Column("id", Key, primary_key=True),
    Column("job", String(80), nullable=False),
    Column("scheduled_for", Moment, nullable=False),
    Column("state", String(20), nullable=False),  # queued | running | done | failed | skipped
    Column("claimed_at", Moment),
    Column("finished_at", Moment),
    Column("detail", Said, nullable=False, default=""),
    Column("epoch", Integer, nullable=False, server_default="0"),  # how often it was claimed
    Column("holder", String(120)),
    Column("leased_until", Moment),
    UniqueConstraint("job", "scheduled_for"),
)

lease = Table(
    "lease",
    metadata,
    Column("name", String(80), primary_key=True),
    Column("holder", String(120), nullable=False),
    Column("epoch", Integer, nullable=False),  # how often it changed hands
    Column("leased_until", Moment, nullable=False),
)
