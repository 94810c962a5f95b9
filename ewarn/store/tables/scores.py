"""Tables of scores: runs, scores, outcomes, and scorecards."""

from sqlalchemy import Boolean, Column, Date, Float, ForeignKey, Index, Integer, String, Table

from ewarn.store.tables.base import metadata
from ewarn.store.tables.types import Json, Key, Moment

score_run = Table(
    "score_run",
    metadata,
    Column("id", Key, primary_key=True),
    Column("source", String(50), nullable=False),
    Column("origin", Date, nullable=False),
    Column("as_of", Moment, nullable=False),
    Column("recorded_at", Moment, nullable=False),
    Column("inputs", String(64), nullable=False),  # hash of all inputs of the scores
    Column("interim", Boolean, nullable=False),
    Index(None, "source", "origin"),
)

# The run of a source and origin since which the scores of a country are unchanged.
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
    Column("run_id", Key, ForeignKey("score_run.id"), nullable=False),
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
    Index(None, "run_id", "id"),
    Index(None, "run_id", "country"),
    Index(None, "region", "target", "origin"),
)

# The outcome that followed each score, once it could be known; null where it was not observed.
score_outcome = Table(
    "score_outcome",
    metadata,
    Column("score_id", Key, ForeignKey("score.id"), primary_key=True, autoincrement=False),
    Column("outcome", Boolean),
    Column("deployed", Boolean),  # whether under a deployment; null if unknown
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
    Column("month", String(7), nullable=False),  # of the origins, YYYY-MM; empty: all months
    Column("figures", Json, nullable=False),
    Column("as_of", Moment, nullable=False),
    Column("recorded_at", Moment, nullable=False),
    Index(None, "model", "recorded_at"),
)
