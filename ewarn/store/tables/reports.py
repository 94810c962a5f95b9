"""Tables of field reports. Data keys have their own table: to delete one erases its report."""

from sqlalchemy import Column, Date, ForeignKey, Index, String, Table

from ewarn.store.tables.base import metadata
from ewarn.store.tables.types import Bytes

# The exact time at which a report came is not stored, because it could betray its sender.
field_report = Table(
    "field_report",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("country", String(3), nullable=False),
    Column("state", String(20), nullable=False),
    Column("received_on", Date, nullable=False),
    Column("submission", String(64), nullable=False, unique=True),  # keyed hash: sender, attempt
    Column("receipt", String(64), nullable=False, unique=True),  # hash of the receipt code
    Column("key_id", String(8), nullable=False),  # name of the operator's key
    Column("facts", Bytes),  # sealed with the data key; null once erased
    Column("words", Bytes),
    Index(None, "country", "received_on"),
)

field_report_key = Table(
    "field_report_key",
    metadata,
    Column("report_id", String(40), ForeignKey("field_report.id"), primary_key=True),
    Column("sealed", Bytes, nullable=False),  # the data key, sealed with the operator's key
)
