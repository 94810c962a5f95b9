"""Notifications: what is sent, to whom, and what came of it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Any


class Outcome(StrEnum):
    """What came of one attempt, named by what to do next."""

    DELIVERED = "delivered"
    RETRY = "retry"
    REFUSED = "refused"  # permanent for this message
    GONE = "gone"  # the receiver asks never to be called again


@dataclass(frozen=True, slots=True)
class Notification:
    """One message for one recipient; `id` stays the same over every attempt.

    `recipient` is the address. `text`, `html` (a whole page, empty where there is none) and `body`
    say the same to people, to mail readers and to machines. `signers` name the keys that sign it;
    none for the operator's own.
    """

    id: str
    channel: str
    recipient: str
    subject: str
    text: str
    body: dict[str, Any]
    created_at: datetime
    html: str = ""
    signers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Receipt:
    """Result of one attempt to hand a notification over; `retry_after` in seconds."""

    outcome: Outcome
    detail: str
    retry_after: float | None = None


def retry_after(value: str, now: datetime | None) -> float | None:
    """Seconds that a `Retry-After` (RFC 9110) asks to wait; None where it says nothing, or names a
    date while nobody knows what time it is.

    >>> retry_after("120", None)
    120.0
    """
    value = value.strip()
    if value.isascii() and value.isdecimal():
        return float(value)
    until = http_date(value)
    return None if until is None or now is None else max((until - now).total_seconds(), 0.0)


def http_date(value: str) -> datetime | None:
    """A date as HTTP writes it, in UTC; None for another text."""
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)  # an offset of -0000 is UTC too
