"""API keys as they are stored: a hash of the secret, never the secret."""

from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from ewarn.domain.key import ApiKey
from ewarn.store.tables.access import api_key as table


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
        )
    )


def find(connection: Connection, prefix: str) -> ApiKey | None:
    """The key with a prefix, or None."""
    row = connection.execute(select(table).where(table.c.prefix == prefix)).first()
    return None if row is None else _key(row)


def every(connection: Connection) -> list[ApiKey]:
    """All keys, oldest first."""
    rows = connection.execute(select(table).order_by(table.c.created_at, table.c.prefix))
    return [_key(row) for row in rows]


def revoke(connection: Connection, prefix: str, now: datetime) -> bool:
    """Revoke a key; whether there was one to revoke."""
    done = connection.execute(
        update(table)
        .where(table.c.prefix == prefix, table.c.revoked_at.is_(None))
        .values(revoked_at=now)
    )
    return done.rowcount == 1


def _key(row: object) -> ApiKey:
    values = row._asdict()  # type: ignore[attr-defined]
    del values["last_used_at"]
    scopes = frozenset(values.pop("scopes"))
    countries = tuple(values.pop("countries"))
    licences = frozenset(values.pop("licences"))
    return ApiKey(scopes=scopes, countries=countries, licences=licences, **values)
