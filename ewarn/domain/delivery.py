"""Notifications: what is sent, to whom, and what came of it."""

from dataclasses import dataclass
from datetime import datetime
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
