"""Decide what happens after an attempt to send: the retry policy of all channels."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from ewarn.domain.delivery import Outcome, Receipt

# Delay before each attempt after the first, as recommended by Standard Webhooks.
DELAYS = tuple(
    timedelta(seconds=seconds)
    for seconds in (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
)
JITTER = 0.2


@dataclass(frozen=True, slots=True)
class RetryDecision:
    """The next state of a message: `delivered`, `dead` or `waiting`, and when to try again."""

    state: str
    next_attempt_at: datetime | None = None


def decide_retry(receipt: Receipt, attempts: int, message_id: str, now: datetime) -> RetryDecision:
    """Return what follows an attempt.

    Args:
        attempts: The number of attempts so far, this one included; 1 after the first.
    """
    if receipt.outcome is Outcome.DELIVERED:
        return RetryDecision("delivered")
    if receipt.outcome in (Outcome.REFUSED, Outcome.GONE) or attempts > len(DELAYS):
        return RetryDecision("dead")
    delay = DELAYS[attempts - 1] * (1 + JITTER * _jitter(message_id, attempts))
    if receipt.retry_after is not None:
        delay = max(delay, timedelta(seconds=receipt.retry_after))
    return RetryDecision("waiting", now + delay)


def _jitter(message_id: str, attempts: int) -> float:
    """Return a number in [-1, 1) that differs between messages and is reproducible."""
    digest = hashlib.sha256(f"{message_id}|{attempts}".encode()).digest()
    return int.from_bytes(digest[:4], "big") / 2**31 - 1
