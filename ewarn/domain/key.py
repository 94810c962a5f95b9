"""API keys: who may ask what, of which countries, until when; and sessions opened with them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

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
    "reports:write",
    "reports:verify",
    "admin",
)
NOT_FOR_ADMIN = frozenset({"reports:verify"})  # who runs the service need not read the reports
READ_SCOPES = frozenset(scope for scope in SCOPES if scope.endswith(":read"))
PARTNER_SCOPES = frozenset({"scores:read", "alerts:read", "events:read"})
IDLE_FOR = timedelta(hours=12)  # a working day with its pauses
LONGEST = timedelta(days=7)
MOST_NAME = 40  # letters in the name of a person


@dataclass(frozen=True, slots=True)
class PartnerLimits:
    """What a partner's key is limited to within its countries.

    `since` and `until` are the first and the last day, both included. Empty `regions` mean all of
    its countries; otherwise it sees only these, and not the country around them.
    """

    regions: tuple[str, ...]
    since: date
    until: date

    def cover(self, region: str, day: date) -> bool:
        """Return whether they allow what is about a region and a day."""
        return self.covers_region(region) and self.since <= day <= self.until

    def covers_region(self, region: str) -> bool:
        """Return whether they allow what is about a region."""
        return not self.regions or region in self.regions


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key without its secret. `countries` are alpha-3 codes, or `*` for all.

    `licences` let it read what is derived from sources that ask for them (`Terms.readers`); no
    scope and no country does. `partner` limits the key of a partner, who reads and is audited.
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
    partner: PartnerLimits | None = None

    @property
    def reach(self) -> tuple[object, ...]:
        """Return all that decides which countries, regions, days and sources it sees."""
        return (self.countries, tuple(sorted(self.licences)), self.partner)

    def valid_at(self, now: datetime) -> bool:
        """Return whether it has neither expired nor been revoked."""
        return (self.revoked_at is None or now < self.revoked_at) and (
            self.expires_at is None or now < self.expires_at
        )

    @property
    def is_everywhere(self) -> bool:
        """Return whether it covers all countries."""
        return EVERYWHERE in self.countries

    def covers(self, country: str) -> bool:
        """Return whether it covers a country (alpha-3)."""
        return self.is_everywhere or country in self.countries

    def covers_all(self, countries: Collection[str]) -> bool:
        """Return whether it covers each of some countries; an empty list or `*` means all."""
        if not countries or EVERYWHERE in countries:
            return self.is_everywhere
        return all(map(self.covers, countries))

    def covers_any(self, countries: Collection[str]) -> bool:
        """Return whether it covers one of some countries; an empty list or `*` means all."""
        return not countries or EVERYWHERE in countries or any(map(self.covers, countries))

    def allows(self, scope: str) -> bool:
        """Return whether it has a scope; `admin` includes all but to read field reports."""
        return scope in self.scopes or ("admin" in self.scopes and scope not in NOT_FOR_ADMIN)


@dataclass(frozen=True, slots=True)
class Session:
    """A person who signed in with an API key.

    Attributes:
        token_hash: SHA-256 of the token in the person's cookie; the token is never stored.
        prefix: Prefix of the API key. The session has the rights of the key, and ends with it.
        person: The name with which the person's acts are signed.
        used_at: When the person last did something, to the minute.
    """

    token_hash: str
    prefix: str
    person: str
    created_at: datetime
    used_at: datetime

    def valid_at(self, now: datetime) -> bool:
        """Return whether it has ended neither by its age nor because the person was away."""
        return now < self.created_at + LONGEST and now < self.used_at + IDLE_FOR
