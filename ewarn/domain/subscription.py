"""Subscriptions: who asked, with which key, to be told of what at which address."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from ewarn.domain.recipient import Recipient

CODE_HOLDS = timedelta(days=3)
OLD_SECRET_HOLDS = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Subscription:
    """A wish to be told. Nothing but a code is sent to its address before that proves it theirs.

    `generation` counts the secrets that sign what is sent: after a rotation the one before signs
    along for a day.
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

    def stands_at(self, now: datetime) -> bool:
        """Whether it was verified and has not ended."""
        return self.verified_at is not None and (self.ended_at is None or now < self.ended_at)

    def signers_at(self, now: datetime) -> tuple[str, ...]:
        """Names of the secrets that sign, the newest first."""
        newest = f"{self.id}.{self.generation}"
        if self.rotated_at is None or now >= self.rotated_at + OLD_SECRET_HOLDS:
            return (newest,)
        return (newest, f"{self.id}.{self.generation - 1}")
