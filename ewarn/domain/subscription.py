"""Subscriptions: who asked, with which key, to be notified of what at which address."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from ewarn.domain.recipient import Recipient

CODE_HOLDS = timedelta(days=3)
OLD_SECRET_HOLDS = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Subscription:
    """A request to be notified. Until its address is verified, only codes are sent there.

    `generation` counts the secrets that sign its messages. After a rotation the previous secret
    also signs for one more day.
    """

    id: str
    key_prefix: str
    owner: str
    recipient: Recipient
    created_at: datetime
    generation: int = 1
    rotated_at: datetime | None = None
    code_hash: str | None = None
    code_expires_at: datetime | None = None
    verified_at: datetime | None = None
    ended_at: datetime | None = None

    def is_active_at(self, now: datetime) -> bool:
        """Return whether it was verified and has not ended."""
        return self.verified_at is not None and (self.ended_at is None or now < self.ended_at)

    def signers_at(self, now: datetime) -> tuple[str, ...]:
        """Return the names of the secrets that sign, the newest first."""
        newest = f"{self.id}.{self.generation}"
        if self.rotated_at is None or now >= self.rotated_at + OLD_SECRET_HOLDS:
            return (newest,)
        return (newest, f"{self.id}.{self.generation - 1}")
