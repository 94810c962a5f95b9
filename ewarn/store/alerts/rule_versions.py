"""Store the text of every rule that was ever in force, by its hash."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from ewarn.store.database.conflicts import insert_into
from ewarn.store.tables.alerts import rule_version as table


@dataclass(frozen=True, slots=True)
class RuleVersion:
    """The text of a rule, and when it was first in force."""

    hash: str
    rule: str
    text: str
    recorded_at: datetime


def record(connection: Connection, texts: Mapping[str, tuple[str, str]], now: datetime) -> None:
    """Store the texts of rules that are new. `texts` maps a hash to (rule id, text)."""
    rows = [
        {"hash": digest, "rule": rule, "text": text, "recorded_at": now}
        for digest, (rule, text) in texts.items()
    ]
    if rows:
        connection.execute(insert_into(connection, table).on_conflict_do_nothing(), rows)


def find(connection: Connection, digest: str) -> RuleVersion | None:
    """Return the version with a hash, or None if it was never in force."""
    row = connection.execute(select(table).where(table.c.hash == digest)).first()
    return None if row is None else RuleVersion(row.hash, row.rule, row.text, row.recorded_at)
