"""Issue, rotate and revoke API keys. Each act is in the audit trail."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from ewarn.access.keys import successor
from ewarn.domain.key import ApiKey
from ewarn.errors import UnknownName, UsageError
from ewarn.store.access import audit, keys
from ewarn.store.access.audit import API_KEY, Act
from ewarn.store.database.engine import Store
from ewarn.store.delivery import subscriptions


def store_key(store: Store, key: ApiKey, by: str) -> None:
    """Store a new key."""
    with store.write() as connection:
        keys.add(connection, key)
        _record(connection, key, "issued", by, key.created_at)


def rotate_key(
    store: Store, prefix: str, overlap: timedelta, by: str, now: datetime
) -> tuple[ApiKey, ApiKey, str]:
    """Issue the successor of a key, which has the same rights and takes over its subscriptions.

    The old key expires after the overlap. The successor is valid as long as the old key was meant
    to be, counted from now.

    Returns:
        The old key, its successor, and the successor's text, which is shown only now.

    Raises:
        UnknownName: There is no valid key with this prefix.
        UsageError: The key expires before the overlap is over.
    """
    with store.write() as connection:
        old = keys.find(connection, prefix)
        if old is None or not old.valid_at(now):
            raise unknown_key(prefix)
        if old.expires_at is not None and old.expires_at < now + overlap:
            raise UsageError(
                f"{prefix} expires at {old.expires_at:%Y-%m-%d %H:%M} UTC, before the overlap is "
                "over: choose a shorter overlap"
            )
        lasts = None if old.expires_at is None else old.expires_at - old.created_at
        new, text = successor(old, now, None if lasts is None else now + lasts)
        keys.add(connection, new)
        keys.expire(connection, prefix, now + overlap)
        subscriptions.hand_over(connection, prefix, new.prefix)
        _record(connection, new, "issued", by, now, follows=prefix)
        ended = replace(old, expires_at=now + overlap)
        _record(connection, ended, "rotated", by, now, followed_by=new.prefix)
    return ended, new, text


def revoke_key(store: Store, prefix: str, by: str, now: datetime) -> None:
    """Revoke a key.

    Raises:
        UnknownName: There is no key with this prefix that is not revoked yet.
    """
    with store.write() as connection:
        found = keys.find(connection, prefix)
        if found is None or not keys.revoke(connection, prefix, now):
            raise unknown_key(prefix)
        _record(connection, replace(found, revoked_at=now), "revoked", by, now)


def unknown_key(prefix: str) -> UnknownName:
    """Return the error that there is no valid key with a prefix."""
    return UnknownName(f"no valid key has the prefix {prefix!r}; see `ewarn keys list`")


def _record(
    connection: Connection, key: ApiKey, done: str, by: str, now: datetime, **others: str
) -> None:
    limits = key.partner
    after: dict[str, Any] = {
        "name": key.name,
        "scopes": sorted(key.scopes),
        "countries": list(key.countries),
        "licences": sorted(key.licences),
        "expires_at": key.expires_at and key.expires_at.isoformat(),
        "revoked_at": key.revoked_at and key.revoked_at.isoformat(),
        "regions": None if limits is None else list(limits.regions),
        "days": None if limits is None else [f"{limits.since}", f"{limits.until}"],
        **others,
    }
    act = Act(API_KEY, key.prefix, None, done, now.date(), now, by, "", after)
    audit.record(connection, [act])
