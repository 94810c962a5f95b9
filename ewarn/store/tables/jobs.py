"""Tables of jobs and leases."""

from sqlalchemy import Column, Integer, String, Table, UniqueConstraint

from ewarn.store.tables.base import metadata
from ewarn.store.tables.types import ForeignText, Key, Moment

job_run = Table(
    "job_run",
    metadata,
    Column("id", Key, primary_key=True),
    Column("job", String(80), nullable=False),
    Column("scheduled_for", Moment, nullable=False),
    Column("state", String(20), nullable=False),  # queued | running | done | failed | skipped
    Column("claimed_at", Moment),
    Column("finished_at", Moment),
    Column("detail", ForeignText, nullable=False, default=""),
    Column("epoch", Integer, nullable=False, server_default="0"),  # the number of claims so far
    Column("holder", String(120)),
    Column("leased_until", Moment),
    UniqueConstraint("job", "scheduled_for"),
)

lease = Table(
    "lease",
    metadata,
    Column("name", String(80), primary_key=True),
    Column("holder", String(120), nullable=False),
    Column("epoch", Integer, nullable=False),  # increases when the holder changes
    Column("leased_until", Moment, nullable=False),
)
