"""API keys: who may ask what, of which countries, until when."""

from dataclasses import dataclass
from datetime import datetime

EVERYWHERE = "*"
SCOPES = (
    "scores:read",
    "alerts:read",
    "alerts:act",
    "subscriptions:write",
    "events:read",
    "sources:read",
    "deployments:read",
    "deployments:write",
    "admin",
)
READ_SCOPES = frozenset(scope for scope in SCOPES if scope.endswith(":read"))


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key without its secret. `countries` are alpha-3 codes, or `*` for all."""

    prefix: str
    secret_hash: str
    name: str
    scopes: frozenset[str]
    countries: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None

    def valid_at(self, now: datetime) -> bool:
        """Whether it was issued, and neither expired nor revoked."""
        return (self.revoked_at is None or now < self.revoked_at) and (
            self.expires_at is None or now < self.expires_at
        )

    def allows(self, scope: str) -> bool:
        """Whether it carries a scope; `admin` carries all."""
        return scope in self.scopes or "admin" in self.scopes
