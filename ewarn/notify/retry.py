"""The one retry policy of all channels: what to do after an attempt. Pure."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from ewarn.domain.delivery import Outcome, Receipt

# Delay before each attempt after the first, as in the Standard Webhooks recommendation.
DELAYS = tuple(
    timedelta(seconds=seconds)
    for seconds in (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
)
JITTER = 0.2


@dataclass(frozen=True, slots=True)
class RetryDecision:
    """The state a notification goes to, and when to try again if it waits."""

    state: str
    next_attempt_at: datetime | None = None


def after(receipt: Receipt, attempts: int, notification_id: str, now: datetime) -> RetryDecision:
    """What follows an attempt, the `attempts`-th one (from 1) of a notification."""
    if receipt.outcome is Outcome.DELIVERED:
        return RetryDecision("delivered")
    if receipt.outcome in (Outcome.REFUSED, Outcome.GONE) or attempts > len(DELAYS):
        return RetryDecision("dead")
    delay = DELAYS[attempts - 1] * (1 + JITTER * _unit(notification_id, attempts))
    if receipt.retry_after is not None:
        delay = max(delay, timedelta(seconds=receipt.retry_after))
    return RetryDecision("waiting", now + delay)


def _unit(notification_id: str, attempts: int) -> float:
    """A number in [-1, 1) that differs between messages, yet is the same when asked again."""
    digest = hashlib.sha256(f"{notification_id}|{attempts}".encode()).digest()
    return int.from_bytes(digest[:4], "big") / 2**31 - 1
