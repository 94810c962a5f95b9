"""Messages: what is sent to whom, and the result of each attempt."""

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Any


class Outcome(StrEnum):
    """The result of one attempt, named by what to do next."""

    DELIVERED = "delivered"
    RETRY = "retry"
    REFUSED = "refused"  # permanent for this message
    GONE = "gone"  # the receiver asks never to be called again


@dataclass(frozen=True, slots=True)
class Message:
    """One message for one recipient; `id` stays the same over every attempt.

    `recipient` is the address. `text`, `html` (a whole page, empty if there is none) and `body`
    have the same content for people, mail readers and machines. `signers` are the names of the keys
    that sign it; the operator's own recipients have none.
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
    """The result of one attempt to hand a message over; `retry_after` is in seconds."""

    outcome: Outcome
    detail: str
    retry_after: float | None = None


def retry_after(value: str, now: datetime | None) -> float | None:
    """Return the seconds that a `Retry-After` header (RFC 9110) asks to wait.

    Returns:
        The seconds, or None if the header says nothing, or if it is a date and `now` is None.

    >>> retry_after("120", None)
    120.0
    """
    value = value.strip()
    if value.isascii() and value.isdecimal():
        return float(value)
    until = http_date(value)
    return None if until is None or now is None else max((until - now).total_seconds(), 0.0)


def http_date(value: str) -> datetime | None:
    """Return a date as HTTP writes it, in UTC, or None if the text is not one."""
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)  # an offset of -0000 means UTC
