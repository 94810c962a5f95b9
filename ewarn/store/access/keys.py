"""API keys. Only a hash of the secret is stored, never the secret."""

from datetime import datetime

from pydantic import TypeAdapter
from sqlalchemy import Connection, insert, select, update

from ewarn.domain.key import ApiKey, PartnerLimits
from ewarn.store.tables.access import api_key as table

_LIMITS = TypeAdapter(PartnerLimits)


def add(connection: Connection, key: ApiKey) -> None:
    """Store a key."""
    connection.execute(
        insert(table).values(
            prefix=key.prefix,
            secret_hash=key.secret_hash,
            name=key.name,
            scopes=sorted(key.scopes),
            countries=list(key.countries),
            licences=sorted(key.licences),
            created_at=key.created_at,
            expires_at=key.expires_at,
            revoked_at=key.revoked_at,
            partner=key.partner and _LIMITS.dump_python(key.partner, mode="json"),
        )
    )


def find(connection: Connection, prefix: str) -> ApiKey | None:
    """Return the key with a prefix, or None."""
    row = connection.execute(select(table).where(table.c.prefix == prefix)).first()
    return None if row is None else _key(row)


def every(connection: Connection) -> list[ApiKey]:
    """Return all keys, oldest first."""
    rows = connection.execute(select(table).order_by(table.c.created_at, table.c.prefix))
    return [_key(row) for row in rows]


def revoke(connection: Connection, prefix: str, now: datetime) -> bool:
    """Revoke a key. Return False if there is no key with this prefix that is not revoked yet."""
    done = connection.execute(
        update(table)
        .where(table.c.prefix == prefix, table.c.revoked_at.is_(None))
        .values(revoked_at=now)
    )
    return done.rowcount == 1


def expire(connection: Connection, prefix: str, at: datetime) -> None:
    """Let a key expire at a moment."""
    connection.execute(update(table).where(table.c.prefix == prefix).values(expires_at=at))


def record_use(
    connection: Connection, prefix: str, now: datetime, *, unless_since: datetime
) -> None:
    """Store when a key was used, unless another process stored a use since a moment."""
    is_old = table.c.last_used_at.is_(None) | (table.c.last_used_at <= unless_since)
    connection.execute(
        update(table).where(table.c.prefix == prefix, is_old).values(last_used_at=now)
    )


def last_uses(connection: Connection) -> dict[str, datetime | None]:
    """Return when each key was used last, by prefix; None if it never was."""
    rows = connection.execute(select(table.c.prefix, table.c.last_used_at))
    return {row.prefix: row.last_used_at for row in rows}


def _key(row: object) -> ApiKey:
    values = row._asdict()  # type: ignore[attr-defined]
    del values["last_used_at"]
    scopes = frozenset(values.pop("scopes"))
    countries = tuple(values.pop("countries"))
    licences = frozenset(values.pop("licences"))
    limits = values.pop("partner")
    partner = None if limits is None else _LIMITS.validate_python(limits)
    return ApiKey(scopes=scopes, countries=countries, licences=licences, partner=partner, **values)
