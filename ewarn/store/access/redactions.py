"""Redaction of texts that people wrote, in the hash chains and in the tables beside them."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Row, Table, select, update

from ewarn.store.database import chain
from ewarn.store.database.chain import REDACTED
from ewarn.store.tables.access import audit
from ewarn.store.tables.alerts import alert_event, silence

REDACTION = "redaction"  # `about` of an act of redaction
ALERT = "alert"
# Fields of an act's `after` that hold text written by people; the others are codes, days, numbers.
_WORDS = frozenset({"text", "reference", "addressee", "owner", "evidence", "reason", "consent_of"})
_LISTS = frozenset({"team", "preconditions"})
_BY_EWARN = "ewarn"  # the actor of automatic changes, whose reasons hold no text of people


def of_alert(connection: Connection, alert_id: str) -> list[int]:
    """Redact what people wrote about an alert. Return the sequences of the rows changed."""
    chosen = (alert_event.c.alert_id == alert_id) & (alert_event.c.actor != _BY_EWARN)
    rows = connection.execute(select(alert_event).where(chosen)).all()
    return [_redacted(connection, alert_event, row, {}) for row in rows if chain.can_redact(row)]


def of_subject(connection: Connection, about: str, subject: str) -> list[int]:
    """Redact all texts about a thing in the audit trail. Return the sequences of rows changed."""
    chosen = (audit.c.about == about) & (audit.c.subject == subject)
    rows = connection.execute(select(audit).where(chosen)).all()
    connection.execute(update(silence).where(silence.c.id == subject).values(reason=REDACTED))
    return [
        _redacted(connection, audit, row, {"after": _without_words(row.after)})
        for row in rows
        if chain.can_redact(row)
    ]


def known(connection: Connection, chain_name: str) -> set[int]:
    """Return the sequences of the rows of a chain that acts of redaction name."""
    acts = connection.execute(select(audit.c.after).where(audit.c.about == REDACTION)).scalars()
    return {int(row) for after in acts if after["chain"] == chain_name for row in after["rows"]}


def _redacted(
    connection: Connection, table: Table, row: Row[Any], others: Mapping[str, Any]
) -> int:
    chain.redact(connection, table, row.sequence, {"reason": REDACTED, **others})
    return int(row.sequence)


def _without_words(after: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _without_word(name, value) for name, value in after.items()}


def _without_word(name: str, value: Any) -> Any:
    if isinstance(value, Mapping):
        return _without_words(value)
    if name in _LISTS and value:
        return [REDACTED] * len(value)
    return REDACTED if name in _WORDS and value else value
