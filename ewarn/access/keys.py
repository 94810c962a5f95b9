"""Making and checking API keys. A secret is 256 random bits, so one plain SHA-256 is enough."""

import hashlib
import hmac
import secrets
from collections.abc import Collection, Sequence
from datetime import datetime

from ewarn.domain.key import SCOPES, ApiKey
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
) -> tuple[ApiKey, str]:
    """A new key and its text `prefix.secret`, which is shown once and never stored.

    Raises UsageError for a scope that does not exist.
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
    )
    return key, f"{prefix}.{secret}"


def split(text: str) -> tuple[str, str] | None:
    """Prefix and secret of a key's text; None if it does not look like one."""
    prefix, dot, secret = text.partition(".")
    return (prefix, secret) if dot and prefix and secret else None


def proves(key: ApiKey, secret: str, now: datetime) -> bool:
    """Whether a secret is the key's and the key is valid at `now`."""
    return hmac.compare_digest(key.secret_hash, _hash(secret)) and key.valid_at(now)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
