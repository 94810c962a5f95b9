"""API keys: who may ask what, of which countries, until when."""

from collections.abc import Collection
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
    """A key without its secret. `countries` are alpha-3 codes, or `*` for all.

    `licences` let it read what comes of sources that ask for them (`Terms.readers`); no scope and
    no country does.
    """

    prefix: str
    secret_hash: str
    name: str
    scopes: frozenset[str]
    countries: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    licences: frozenset[str] = frozenset()

    def valid_at(self, now: datetime) -> bool:
        """Whether it was issued, and neither expired nor revoked."""
        return (self.revoked_at is None or now < self.revoked_at) and (
            self.expires_at is None or now < self.expires_at
        )

    @property
    def is_everywhere(self) -> bool:
        """Whether it covers all countries."""
        return EVERYWHERE in self.countries

    def covers(self, country: str) -> bool:
        """Whether it covers a country (alpha-3)."""
        return self.is_everywhere or country in self.countries

    def covers_all(self, countries: Collection[str]) -> bool:
        """Whether it covers each of some countries; none, or `*`, stand for all there are."""
        if not countries or EVERYWHERE in countries:
            return self.is_everywhere
        return all(map(self.covers, countries))

    def covers_any(self, countries: Collection[str]) -> bool:
        """Whether it covers one of some countries; none, or `*`, stand for all there are."""
        return not countries or EVERYWHERE in countries or any(map(self.covers, countries))

    def allows(self, scope: str) -> bool:
        """Whether it carries a scope; `admin` carries all."""
        return scope in self.scopes or "admin" in self.scopes
