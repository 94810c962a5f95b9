"""Creation and verification of API keys.

A secret is 256 random bits, so that one plain SHA-256 is enough to protect its hash.
"""

import hashlib
import hmac
import secrets
from collections.abc import Collection, Sequence
from datetime import datetime

from ewarn.domain.key import PARTNER_SCOPES, SCOPES, ApiKey, PartnerLimits
from ewarn.errors import UsageError

_PREFIX_BYTES = 6
_SECRET_BYTES = 32


def issue(
    name: str,
    scopes: Collection[str],
    countries: Sequence[str],
    now: datetime,
    expires_at: datetime | None = None,
    licences: Collection[str] = (),
    partner: PartnerLimits | None = None,
) -> tuple[ApiKey, str]:
    """Create a key, and its text `prefix.secret`, which is shown once and never stored.

    Raises:
        UsageError: A scope does not exist, or a partner's key would not be limited.
    """
    for scope in scopes:
        if scope not in SCOPES:
            raise UsageError(f"{scope!r} is not a scope; the scopes are {', '.join(SCOPES)}")
    prefix = "ew" + secrets.token_hex(_PREFIX_BYTES)
    secret = secrets.token_urlsafe(_SECRET_BYTES)
    key = ApiKey(
        prefix=prefix,
        secret_hash=_hash(secret),
        name=name,
        scopes=frozenset(scopes),
        countries=tuple(countries),
        created_at=now,
        expires_at=expires_at,
        licences=frozenset(licences),
        partner=partner,
    )
    _check_partner(key)
    return key, f"{prefix}.{secret}"


def successor(key: ApiKey, now: datetime, expires_at: datetime | None) -> tuple[ApiKey, str]:
    """Create a key with the same rights as another, and its text.

    Raises:
        UsageError: A partner's key would not end.
    """
    rights = (key.licences, key.partner)
    return issue(key.name, key.scopes, key.countries, now, expires_at, *rights)


def _check_partner(key: ApiKey) -> None:
    if key.partner is None:
        return
    if not key.scopes <= PARTNER_SCOPES:
        allowed = ", ".join(sorted(PARTNER_SCOPES))
        raise UsageError(f"a partner's key only reads; its scopes can be {allowed}")
    if key.licences:
        raise UsageError("a partner's key carries no licence: restricted sources are for offices")
    if key.is_everywhere or not key.countries:
        raise UsageError("a partner's key needs the countries or regions that it may read")
    if key.expires_at is None:
        raise UsageError("a partner's key needs an end")
    if key.partner.since > key.partner.until:
        raise UsageError(f"{key.partner.since} is after {key.partner.until}: no day is left")


def split(text: str) -> tuple[str, str] | None:
    """Return the prefix and the secret of a key's text, or None if it does not look like a key."""
    prefix, dot, secret = text.partition(".")
    return (prefix, secret) if dot and prefix and secret else None


def proves(key: ApiKey, secret: str, now: datetime) -> bool:
    """Return whether the secret belongs to the key and the key is valid at `now`."""
    return hmac.compare_digest(key.secret_hash, _hash(secret)) and key.valid_at(now)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
